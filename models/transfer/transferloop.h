#pragma once

#include "models/transfer/dataplane.h"
#include "models/transfer/partsender.h"
#include "models/transfer/progressboard.h"
#include "models/transfer/proxyfinder.h"
#include "models/transfer/ratebudget.h"
#include "models/transfer/sockettable.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace photolift::transfer {

/// The work of the data plane's thread: one libcurl multi handle, a few senders, a queue of commands. run() is the thread;
/// everything else that is public may be called from any thread.
class TransferLoop final
{
    Q_DISABLE_COPY_MOVE(TransferLoop)
public:
    using Report = std::function<void(const PartOutcome &)>;

    TransferLoop(DataPlane::Options options, Report report);
    ~TransferLoop();

    void run();

    void start(const PartJob &job);
    void cancel(const QUuid &clientUploadId);
    void setRateLimit(qint64 bytesPerSecond);
    /// Ends run() soon; what runs ends as USER_CANCELLED.
    void stop();
    /// True when run() has ended within the time.
    bool waitForEnd(std::chrono::milliseconds time);
    /// After it no report is made, and none is under way.
    void silence();

    const ProgressBoard &progress() const { return m_progress; }

private:
    struct Cancel {
        QUuid clientUploadId;
    };
    struct Limit {
        qint64 bytesPerSecond = 0;
    };
    struct Stop {
    };
    using Command = std::variant<PartJob, Cancel, Limit, Stop>;

    void post(Command command);
    void takeCommands();
    void apply(const PartJob &job);
    void apply(const Cancel &cancel);
    void apply(const Limit &limit);
    void apply(const Stop &stop);
    void cancelWhere(const std::function<bool(const QUuid &)> &isMeant);
    void fillSlots();
    void collectEnded();
    void sampleSenders(PartSender::Clock::time_point now);
    void resumeSenders();
    int pollTimeoutMs(PartSender::Clock::time_point now) const;
    void report(const PartOutcome &outcome);

    struct FreeMulti {
        void operator()(void *multi) const;
    };

    const DataPlane::Options m_options;
    ProgressBoard m_progress;

    std::mutex m_commandMutex; ///< guards m_commands
    std::vector<Command> m_commands;
    std::mutex m_reportMutex; ///< guards m_report, and is held during a report
    Report m_report;
    std::mutex m_endMutex; ///< guards m_hasEnded
    std::condition_variable m_ended;
    bool m_hasEnded = false;

    // The thread's own from here on. The order matters: senders go before the multi handle, which closes its connections into the
    // table of sockets.
    bool m_isStopping = false;
    SocketTable m_sockets;
    RateBudget m_budget;
    ProxyMemory m_proxies;
    std::unique_ptr<void, FreeMulti> m_multi;
    std::vector<std::unique_ptr<PartSender>> m_senders;
    size_t m_firstToResume = 0; ///< turns, so that a low limit is shared fairly
    std::deque<PartJob> m_waiting;
    PartSender::Clock::time_point m_sampled;
};

} // namespace photolift::transfer
