#pragma once

#include "models/vocabulary/logline.h"

#include <QString>

#include <memory>

namespace photolift::logs {

/// The program's log: while it lives, every Qt message becomes one JSON line (models/vocabulary/logline.h) in FOLDER/NAME.log,
/// with the correlation id of the thread's CorrelationScope. Files are 0600, the folder is made 0700.
/// The folder is made and lines are written by a thread of its own, so that the UI thread never waits for a disk; the destructor and
/// a fatal message write everything first. One at a time: it takes the place of Qt's message handler and gives it back.
/// Several processes may log into one folder.
class JsonLog final
{
    Q_DISABLE_COPY_MOVE(JsonLog)
public:
    struct Limits {
        qint64 fileBytes = 10'000'000; ///< then the file is renamed to NAME.1.log, that to .2, and so on
        int files = 5;                 ///< the current one included; >= 2
        int keepDays = 90;             ///< nothing older stays
    };
    enum class Echo {
        Nothing,
        Warnings,    ///< also written to stderr, as plain text without secrets
        WarningLines ///< the same, as the lines of the file
    };
    /// Makes of a message what the line shall say; logEvent() unless messages have a form of their own. Any thread.
    using Shape = LogEvent (*)(QtMsgType, const QMessageLogContext &, const QString &);

    JsonLog(QString folder, Echo echo, Limits limits, QString name = QStringLiteral("photolift"), Shape shape = logEvent);
    explicit JsonLog(QString folder, Echo echo = Echo::Warnings)
        : JsonLog(std::move(folder), echo, Limits())
    {
    }
    ~JsonLog();

    /// Returns when everything that was logged before is in the file.
    void flush();

private:
    class Writer;
    static void handle(QtMsgType level, const QMessageLogContext &context, const QString &message);

    const Echo m_echo;
    const Shape m_shape;
    const std::unique_ptr<Writer> m_writer;
    QtMessageHandler m_previousHandler = nullptr;
};

} // namespace photolift::logs
