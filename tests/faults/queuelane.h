#pragma once

#include "tests/faults/faultyrun.h"

#include <QProcess>

namespace photolift::faults {

/// What a run of `queueonce` said it knows to be durable.
struct QueueRun {
    QByteArrayList told;
    bool hasSaid(const char *word) const { return told.contains(word); }
};

/// One place where queueonce runs into a fault, with a data folder of its own: several go side by side, since most of the time of one is
/// waiting (a process that starts, a full disk that is looked at again half a second later).
class QueueLane
{
    Q_DISABLE_COPY_MOVE(QueueLane)
public:
    /// `folder`: where its data folder is made; `sources`: the folder of the photos that are queued.
    QueueLane(const QString &folder, QString sources);

    QString dataFolder() const { return m_dataFolder; }
    QString database() const { return m_dataFolder + QStringLiteral("/photolift.db"); }
    void empty() const;

    /// `killAt`: a marker of the product, instead of a call.
    void start(FileFault fault, qint64 at, const QString &killAt = {});
    QueueRun finish();
    QueueRun run(FileFault fault = FileFault::None, qint64 at = 0, const QString &killAt = {})
    {
        start(fault, at, killAt);
        return finish();
    }
    qint64 calls() const { return m_faulty.calls(); } ///< of the last run
    QString met() const { return m_faulty.met(); }

private:
    const QString m_dataFolder;
    const QString m_sources;
    FaultyRun m_faulty;
    QProcess m_process;
};

} // namespace photolift::faults
