#pragma once

#include "app/server/metrics/servermetrics.h"
#include "app/server/work/databasethreads.h"
#include "app/server/work/jobtable.h"
#include "app/server/work/lane.h"
#include "app/server/work/reprocessor.h"
#include "app/server/work/stageending.h"
#include "app/server/work/stagework.h"

#include <functional>
#include <thread>
#include <vector>

namespace photolift::server {

/// Takes committed uploads through the server's stages: the durable queue is server_jobs, each stage ends in one transaction that
/// also begins the next, so that a kill at any point repeats at most the stage at hand, whose effects are all repeatable.
/// Two lanes: receiving (assemble, re-read; a client waits for it) and examining (everything that opens the photo, lowest
/// priority). Functions may be called from any thread.
class Worker
{
public:
    struct Options {
        QString photoProgram;
        bool isSandboxRequired = false; ///< no start without namespaces of its own for photoProgram (models/photo/sandbox.h)
        std::function<std::unique_ptr<Examiner>()> makeExaminer; ///< in place of photoProgram, for tests
        /// What opens photos, with its versions: when it is another one than at an earlier start, photos without a preview are looked
        /// at once more. Empty: photoProgram is asked.
        QString decoder;
        int receivingThreads = 2;
        int examiningThreads = 2;
        /// Wall time for one photo. Long, because the child runs only when nobody else wants the processor; what bounds a hostile
        /// photo is its 30 s of processor time.
        int helperDeadlineMs = 600000;
        /// Who this process is among those that share the database, the same in each of its lives, and of no other process at the same
        /// time: what an earlier life held is taken up at once at start. Empty: there is no other process.
        QString home;
        std::chrono::milliseconds lease{60000};
        std::chrono::milliseconds retryBase{2000};
        std::chrono::milliseconds retryCap{60000};
        /// Of what lies free in the queue no more is taken than this together with what waits here already: other workers are hungry, too.
        qsizetype mostInHand = 8;
        std::chrono::milliseconds finishFor{0}; ///< stop() waits so long for the photos at hand; whoever goes on begins the stage anew that was not over then
        std::function<void(Stage, StageEnd)> onStage; ///< told of each end that was recorded, on a worker thread
    };
    /// Called after a change of an upload's status was committed, from a worker thread; must not block.
    using Changed = std::function<void(const QUuid &uploadId)>;

    /// Store and database outlive it.
    Worker(Options options, ObjectStore &store, DatabaseThreads &database, Changed changed);
    ~Worker(); ///< stop()
    Worker(const Worker &) = delete;
    Worker &operator=(const Worker &) = delete;

    /// Takes up what an earlier life left, then works.
    Result<> start();
    /// Begins no further photo, and waits for those at hand.
    void stop();
    /// Leases are renewed in time, so nobody else takes our photos up.
    bool isAlive() const;
    /// Jobs may lie in the queue that nobody has taken: at once, instead of with the next renewal of leases.
    void lookForWork();

    /// Inside the transaction of an accepted commit: the job, already leased to this process.
    Result<> addJob(Writing &writing, const QUuid &uploadId, qint64 nowMs) const;
    /// After that transaction is durable.
    void wake(const QUuid &uploadId);

private:
    struct Loaded;
    enum class Written { Here, Elsewhere, Not }; ///< Elsewhere: nothing, for the job is another server's by now
    void receivingLoop(int number);
    void examiningLoop(int number);
    QString workerName(QLatin1StringView lane, int number) const;
    void handEnds();
    void tendingLoop();
    void secondLookLoop();
    void receiveOne(const QUuid &uploadId, const QString &worker);
    void examineOne(const QUuid &uploadId, const QString &worker);
    void indexAgain(const QUuid &uploadId);
    bool finishStage(Upload &upload, Stage stage, const StageOutcome &outcome, const StageTime &time, int tries, const QString &worker);
    void countEnd(Stage stage, StageOutcome::Kind kind) const;
    void putOff(Lane &lane, const QUuid &uploadId, int tries);
    /// As it stands; nothing when there is none. When the database cannot say: again later, in this lane.
    std::optional<Loaded> load(const QUuid &uploadId, Lane &lane);
    Result<> take(const std::function<Result<QList<Job>>(const JobTable &)> &taking);
    void takeDue();
    /// What is ours in the queue and waits in neither lane: nobody heard how the commit ended that made it ours.
    void findMissed();
    void releaseAll();
    Lane &laneFor(const Job &job) { return job.stage <= Stage::Reception ? m_receiving : m_examining; }
    void handIsFree();
    /// One transaction that finds the job still ours: a lease runs out when this computer was asleep, and what another server has
    /// gone on with is not written a second time.
    Written writeWhileOurs(const QUuid &uploadId, const DatabaseThreads::WriteJob &job, Isolation isolation);
    qint64 leaseUntilMs() const;

    Options m_options;
    ObjectStore &m_store;
    DatabaseThreads &m_database;
    Changed m_changed;
    const QString m_owner; ///< of leases: home/, and what is another one in each life
    QString m_decoder; ///< set before any thread starts
    std::unique_ptr<Examiner> m_helper;
    std::atomic<bool> m_isStopping = false; ///< no further photo begins
    std::atomic<bool> m_isGivingUp = false; ///< those at hand end, too
    std::atomic<Lane::Clock::time_point> m_tended = Lane::Clock::now(); ///< the tending thread's newest round
    Lane m_receiving;
    Lane m_examining;
    std::atomic<bool> m_isMoreDue = false; ///< the queue may hold more than was taken
    std::mutex m_tendingMutex;
    bool m_shallLook = true; ///< guarded by it, as is
    int m_hands = 0;         ///< threads of both lanes that have not ended
    std::condition_variable m_tendingWakes;
    std::vector<std::thread> m_threads;
    Reprocessor m_reprocessor; ///< behind all uploads
};

} // namespace photolift::server
