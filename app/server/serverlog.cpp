#include "app/server/serverlog.h"

#include "models/vocabulary/logline.h"

#include <QJsonDocument>
#include <QJsonObject>

#include <array>
#include <cerrno>
#include <mutex>
#include <unistd.h>

namespace photolift::server {

namespace {
/// The fields a message may bring along; others stay unknown, so that no text can make up a field.
constexpr std::array KnownFields{QLatin1StringView("request_id"), QLatin1StringView("status"), QLatin1StringView("method"),
                                 QLatin1StringView("path"), QLatin1StringView("code"), QLatin1StringView("body_bytes"),
                                 QLatin1StringView("duration_ms"), QLatin1StringView("detail")};

LogEvent eventOf(QtMsgType level, const QMessageLogContext &context, const QString &message)
{
    LogEvent event = logEvent(level, context, message);
    if (message.startsWith(u'{')) {
        const QJsonObject fields = QJsonDocument::fromJson(message.toUtf8()).object();
        if (fields.contains(QLatin1StringView("event"))) {
            event.message = fields.value(QLatin1StringView("event")).toString();
            for (const QLatin1StringView name : KnownFields) {
                if (fields.contains(name))
                    event.more.emplaceBack(name, fields.value(name).toVariant().toString());
            }
        }
    }
    return event;
}

void writeToStandardError(QtMsgType level, const QMessageLogContext &context, const QString &message)
{
    const QByteArray line = logLine(eventOf(level, context, message));
    static std::mutex mutex; // guards the order of the pieces of a line
    const std::lock_guard lock(mutex);
    for (qsizetype done = 0; done < line.size();) {
        const ssize_t written = ::write(STDERR_FILENO, line.constData() + done, static_cast<std::size_t>(line.size() - done));
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return; // nobody reads it; the server goes on
        done += written;
    }
}
}

ServerLog::ServerLog(const QString &folder)
{
    if (folder.isEmpty())
        m_previousHandler = qInstallMessageHandler(writeToStandardError);
    else
        m_file.emplace(folder, logs::JsonLog::Echo::WarningLines, logs::JsonLog::Limits(), QStringLiteral("server"), eventOf);
}

ServerLog::~ServerLog()
{
    if (!m_file)
        qInstallMessageHandler(m_previousHandler);
}

} // namespace photolift::server
