#include "app/server/say.h"

#include <QJsonDocument>
#include <QLoggingCategory>

#include <cstdio>

Q_LOGGING_CATEGORY(lcServer, "photolift.server")

namespace photolift::server {

using namespace Qt::StringLiterals;

void say(const QJsonObject &object)
{
    const QByteArray line = QJsonDocument(object).toJson(QJsonDocument::Compact) + '\n';
    std::fwrite(line.constData(), 1, static_cast<std::size_t>(line.size()), stdout);
    std::fflush(stdout);
}

int giveUp(const Error &error)
{
    qCCritical(lcServer).noquote() << errorName(error.code) << error.detail;
    say({{u"error_code"_s, QString(errorName(error.code))}, {u"message"_s, QString::fromUtf8(errorInfo(error.code).title)}});
    return error.code == ErrorCode::LocalListBusy ? InUse : Failed;
}

} // namespace photolift::server
