#pragma once

#include <QByteArray>
#include <QHash>
#include <QJsonObject>
#include <QList>
#include <QProcess>
#include <QString>
#include <QStringList>

#include <optional>

namespace photolift::support {

/// One line of `photolift-cli upload --json` about a regular file.
struct CliPhoto {
    QByteArray path; ///< the bytes of the name
    QString clientUploadId;
    QString status;
    QString sha256;
    qint64 size = 0;
    QString errorCode;
    QJsonValue stages;
};

struct CliSummary {
    qint64 found = 0, succeeded = 0, duplicate = 0, failed = 0, skipped = 0, cancelled = 0, bytes = 0;
    double verifiedSeconds = 0;
};

/// What one run of the command line program said.
struct CliAnswer {
    int exitCode = -1;          ///< -1: it did not end by itself
    bool wasKilled = false;     ///< by a signal
    QList<CliPhoto> photos;
    QHash<QByteArray, QString> leftOut; ///< path -> error code
    QList<QJsonObject> others;  ///< further events, as they came
    std::optional<CliSummary> summary;
    QStringList faults;         ///< what breaks the contract of --json: lines that are no object, counts that do not add up, ...
    QByteArray errorOutput;
    qint64 durationMs = 0;

    const CliPhoto *photo(const QByteArray &path) const;
    /// How many ended with this status.
    qint64 count(QLatin1StringView status) const;
    /// For a failing test: everything that matters in one text.
    QString toText() const;
};

/// The real photolift-cli (PHOTOLIFT_BIN) on a data folder of the test, embedded server included.
class CliRun
{
    Q_DISABLE_COPY_MOVE(CliRun)
public:
    explicit CliRun(QString dataFolder, QString program = {});
    ~CliRun(); ///< kills what still runs

    /// `NAME=value`, such as a fault point; for all runs that follow.
    void setEnvironment(const QStringList &lines) { m_environment = lines; }

    /// Runs `command` with --data and --json to its end; kills it after timeoutMs.
    CliAnswer run(const QStringList &command, int timeoutMs = 120000);

    /// In steps, for tests that do something meanwhile.
    bool start(const QStringList &command);
    bool isRunning() const { return m_process.state() != QProcess::NotRunning; }
    /// Waits until standard output has at least so many bytes; false when it ended or the time is over.
    bool waitForOutput(qsizetype bytes, int timeoutMs = 30000);
    /// Waits until standard error has these words; false when it ended without them or the time is over.
    bool waitForComplaint(const QByteArray &words, int timeoutMs = 30000);
    void kill();      ///< kill -9
    void interrupt(); ///< SIGINT
    CliAnswer finish(int timeoutMs = 120000); ///< waits for its end with an event loop
    qint64 processId() const { return m_process.processId(); }
    QString dataFolder() const { return m_dataFolder; }

private:
    const QString m_dataFolder;
    const QString m_program;
    QStringList m_environment;
    QProcess m_process;
    QByteArray m_output;
    QByteArray m_complaints;
    qint64 m_startedMs = 0;
    std::optional<qint64> m_endedMs; ///< when it was heard of
};

/// Takes a snapshot of source folders with photolift-check; false when that did not work.
bool takeSnapshot(const QString &file, const QList<QByteArray> &folders);

/// Runs photolift-check; what it found is the answer, one line per violated invariant with its examples, so that
/// QCOMPARE(violations(...), QStringList()) tells the story. Embedded server: leave serverFolder empty.
/// `secrets`: what nothing that was written down may hold, besides what is always looked for.
QStringList violations(const QStringList &clientFolders, const QString &serverFolder = {}, const QString &snapshotFile = {}, const QJsonObject &figures = {},
                       const QByteArrayList &secrets = {});

} // namespace photolift::support
