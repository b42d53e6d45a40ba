#pragma once

#include "app/cli/commandline.h"
#include "app/cli/pauses.h"
#include "app/cli/report.h"
#include "app/client/client.h"

#include <QElapsedTimer>
#include <QHash>
#include <QObject>
#include <QTextStream>
#include <QUuid>

#include <memory>

namespace photolift::logs {
class JsonLog;
}

namespace photolift::cli {

class ProgressLine;
class RunWatch;

enum ExitCode { ExitGood = 0, ExitNotAll = 1, ExitUsage = 2, ExitNoServer = 3, ExitBusy = 4, ExitInterrupted = 130 };

/// What `upload` and `retry` share: opens the data folder, runs the client, follows the photos, prints one object per file and the
/// summary, stops. Ends the program's event loop with the exit code.
class RunCommand final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(RunCommand)
public:
    RunCommand(CommonOptions common, ServerOptions server, QObject *parent = nullptr);
    ~RunCommand() override;

    void upload(const UploadOptions &options);
    void retry(const RetryOptions &options);
    /// SIGINT: stops orderly, the queue is kept; with --json how far every file has come and the summary are told, as at each end.
    void interrupt();

private:
    bool open();
    bool goOnAll();
    bool goOn(const QSet<QUuid> &batches);
    void tellPaused(const QString &what);
    Result<> followEverything(QList<QUuid> &ids);
    void begin();
    void tellMended(const store::Mended &mended);
    Result<Summary> tell();
    void report();
    void end(int exitCode);
    void refuse(const Error &error);
    void refuse(const Error &error, const QString &sentence);

    const CommonOptions m_common;
    const ServerOptions m_server;
    QElapsedTimer m_sinceStart;
    QHash<QUuid, qint64> m_verified; ///< item -> when its copy was compared, in ms since the start, whatever clocks say
    QTextStream m_out;
    QTextStream m_err;
    std::unique_ptr<logs::JsonLog> m_log;
    std::unique_ptr<client::Client> m_client;
    std::unique_ptr<RunWatch> m_watch;
    std::unique_ptr<ProgressLine> m_progress;
    Pauses m_pauses;
    bool m_isAllRead = true; ///< no folder or file was left out for want of a right to read it
    bool m_isEnding = false;
    bool m_isInterrupted = false;
};

} // namespace photolift::cli
