#include "app/server/http/accesslog.h"

#include "models/vocabulary/correlation.h"

#include <QJsonDocument>
#include <QLoggingCategory>

namespace photolift::server {

using namespace Qt::StringLiterals;

Q_LOGGING_CATEGORY(lcHttp, "photolift.server.http")

namespace {
QJsonObject aboutRequest(const HttpRequest &request)
{
    return {{u"request_id"_s, request.requestId}};
}
}

void logRequest(const HttpRequest &request, const Route *route, int status, qint64 bodyBytes, std::chrono::nanoseconds duration)
{
    if (!lcHttp().isInfoEnabled())
        return;
    const CorrelationScope scope(request.correlation);
    QJsonObject line = aboutRequest(request);
    line.insert(u"event"_s, u"request"_s);
    line.insert(u"status"_s, status);
    line.insert(u"body_bytes"_s, bodyBytes);
    line.insert(u"duration_ms"_s, static_cast<double>(duration.count() / 1000) / 1000.0);
    if (route != nullptr) {
        // Only of our own routes: a stranger's path may hold anything.
        line.insert(u"method"_s, QString::fromLatin1(request.method));
        // And not of one that names a photo by its hash, which goes when that is purged.
        line.insert(u"path"_s, QString::fromUtf8(request.captures.contains("object") ? route->pattern : request.path.left(200)));
    }
    qCInfo(lcHttp).noquote() << QJsonDocument(line).toJson(QJsonDocument::Compact).constData();
}

void logProblem(const HttpRequest &request, int status, const Error &error)
{
    const CorrelationScope scope(request.correlation);
    QJsonObject line = aboutRequest(request);
    line.insert(u"event"_s, u"problem"_s);
    line.insert(u"status"_s, status);
    line.insert(u"code"_s, QString(errorName(error.code)));
    line.insert(u"detail"_s, error.detail.left(500));
    const QByteArray text = QJsonDocument(line).toJson(QJsonDocument::Compact);
    if (status >= 500)
        qCWarning(lcHttp).noquote() << text.constData();
    else
        qCInfo(lcHttp).noquote() << text.constData();
}

void logTrouble(const HttpRequest &request, const QString &what)
{
    const CorrelationScope scope(request.correlation);
    QJsonObject line = aboutRequest(request);
    line.insert(u"event"_s, u"trouble"_s);
    line.insert(u"detail"_s, what.left(500));
    qCWarning(lcHttp).noquote() << QJsonDocument(line).toJson(QJsonDocument::Compact).constData();
}

} // namespace photolift::server
