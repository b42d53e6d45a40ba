#pragma once

#include "models/store/changes.h"
#include "models/store/outbox.h"

#include <QFuture>
#include <QObject>

#include <memory>

namespace photolift::store {

/// The one writer of a data folder's database. Lives behind a thread of its own; every function may be called from any thread.
/// Changes are written in the order of the calls, many per transaction: at once when somebody waits, else 10 times a second.
/// synchronous=FULL: what was reported as committed survives a power cut.
class Recorder final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Recorder)
public:
    /// Opens (and migrates) the database file; LOCAL_LIST_BUSY, LOCAL_LIST_DAMAGED, LOCAL_LIST_TOO_NEW, LOCAL_DISK_... otherwise.
    static Result<std::unique_ptr<Recorder>> open(const QString &databasePath);
    /// Writes what is still waiting, then closes. Of what cannot be written (nobody was told that it was) it takes leave within two seconds.
    ~Recorder() override;

    /// Written with the next group; nobody waits.
    void record(Changes changes);
    /// Written at once together with everything before it. The future ends after the commit, or with the reason why not.
    QFuture<Result<>> recordDurably(Changes changes);
    /// The program is about to end: that another process keeps the list for itself is told after one second instead of five.
    void hurry();
    /// The waiting mirrored rows, read and marked on the recorder's thread; lives as long as the recorder.
    Outbox &outbox();

Q_SIGNALS:
    /// After each commit, with everything that it holds, from the recorder's thread: connect queued.
    void committed(const photolift::store::Changes &changes);
    /// Writing does not work (LOCAL_DISK_FULL, LOCAL_LIST_BUSY, LOCAL_DISK_ERROR, LOCAL_LIST_DAMAGED). Changes are kept and tried
    /// again while the condition can heal by itself; recovered() follows then.
    void troubled(const photolift::Error &error);
    void recovered();

private:
    class Writer;
    explicit Recorder(std::unique_ptr<Writer> writer);
    std::unique_ptr<Writer> m_writer;
};

} // namespace photolift::store
