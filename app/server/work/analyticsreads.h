#pragma once

#include "app/server/work/databasethreads.h"
#include "models/store/database.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace photolift::server {

/// Reads numbers that may be a little old: from a replica of PostgreSQL when there is one and it answers, else from the server's own database. Never
/// what decides about rights, the queue or a photo. Every function may be called from any thread.
class AnalyticsReads
{
public:
    /// May be asked a second time, of the other database, so it sets anew what it gives.
    using Question = std::function<Result<>(const QSqlDatabase &)>;
    /// Once for each question that was taken, on a reading thread: how the last one who was asked answered. Must not block.
    using Answered = std::function<void(const Result<> &)>;

    /// Without a replica all is asked of the primary, which outlives this. A replica that is away is no error: it is looked for again every 10 s.
    AnalyticsReads(DatabaseThreads &primary, std::optional<store::PostgresAddress> replica);
    ~AnalyticsReads(); ///< stop()
    AnalyticsReads(const AnalyticsReads &) = delete;
    AnalyticsReads &operator=(const AnalyticsReads &) = delete;

    /// False when too much waits already or the end has begun: neither function will be called.
    bool read(OnBehalfOf whom, Question question, Answered answered);
    /// Ends after what waits already.
    void stop();

    /// For `check`: a connection that writes nothing, to a copy of the very database that `primary` is. Why not in a plain sentence.
    static Result<std::unique_ptr<store::Connection>> connect(const store::PostgresAddress &replica, const QString &primaryIdentity);
    /// What a physical replica has in common with its primary.
    static Result<QString> identityOf(const QSqlDatabase &database);

private:
    struct Waiting {
        OnBehalfOf whom;
        Question question;
        Answered answered;
    };
    void loop();
    void ask(const Waiting &waiting);
    Result<> askReplica(const Waiting &waiting);
    void askPrimary(const Waiting &waiting);

    DatabaseThreads &m_primary;
    const std::optional<store::PostgresAddress> m_replica;
    // On the thread alone.
    std::unique_ptr<store::Connection> m_connection;
    std::chrono::steady_clock::time_point m_notBefore;
    bool m_isAway = false; ///< and it was said
    QString m_identity;    ///< of the primary, once it was asked

    std::mutex m_mutex; ///< guards the two below
    std::deque<Waiting> m_waiting;
    bool m_isStopping = false;
    std::condition_variable m_changed;
    std::thread m_thread;
};

} // namespace photolift::server
