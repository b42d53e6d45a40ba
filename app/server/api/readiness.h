#pragma once

#include "app/server/api/backstage.h"
#include "app/server/http/exchange.h"
#include "app/server/objects/objectstore.h"
#include "app/server/work/databasethreads.h"

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace photolift::server {

/// Whether this server can do its work: the database takes what is written, the store answers, its worker, if it has one, is alive. One look is enough for a second, whoever
/// asks and how often. Thread-safe.
class Readiness : public std::enable_shared_from_this<Readiness>
{
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::seconds GoodFor{1};
    /// A look that has taken so long is a no to whoever asks meanwhile.
    static constexpr std::chrono::seconds Patience{3};

    /// All three outlive the last look, which DatabaseThreads::stop() waits for.
    Readiness(DatabaseThreads &database, ObjectStore &store, const Backstage &backstage);

    /// Answers once, perhaps later on a database thread: nullopt when all is well, otherwise what is not.
    using Answer = std::function<void(const std::optional<Error> &)>;
    void ask(Answer answer);

private:
    std::optional<Error> look(const QSqlDatabase &database);
    void finish(const std::optional<Error> &trouble);

    DatabaseThreads &m_database;
    ObjectStore &m_store;
    const Backstage &m_backstage;
    std::mutex m_mutex; ///< guards everything below
    std::optional<Error> m_trouble;
    std::optional<Clock::time_point> m_looked; ///< end of the newest look
    std::optional<Clock::time_point> m_looking; ///< begin of the one under way
    std::vector<Answer> m_waiting;
};

} // namespace photolift::server
