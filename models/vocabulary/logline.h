#pragma once

#include <QByteArray>
#include <QList>
#include <QString>
#include <QUuid>

#include <utility>

namespace photolift {

inline constexpr qsizetype MaxLogFieldBytes = 8 * 1024;

/// One event of a log, as client and server write it.
struct LogEvent {
    qint64 timeMs = 0;
    QtMsgType level = QtInfoMsg;
    QString category;
    QString message;
    QUuid correlation; ///< the client_upload_id; null: about no attempt
    QList<std::pair<QLatin1StringView, QString>> more; ///< further fields; the names are ours and plain
};

/// What a Qt message handler was told, now, under this thread's correlation.
LogEvent logEvent(QtMsgType level, const QMessageLogContext &context, const QString &message);

/// One JSON object and a line feed: {"ts","level","category","message","correlation",...}; correlation is
/// null in a line about no attempt. Whatever the texts hold, it is one line:
/// control, direction and line-separating characters are escaped, a field has at most MaxLogFieldBytes of UTF-8 (then "…").
/// Secrets are gone (redacted()).
QByteArray logLine(const LogEvent &event);

/// The text without signatures of links, bearer tokens and values called token, secret or password: `X-Amz-Signature=***`.
QString redacted(const QString &text);

} // namespace photolift
