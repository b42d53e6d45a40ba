#include "app/server/api/readiness.h"

#include "app/server/work/statement.h"

#include <utility>

using namespace Qt::StringLiterals;

namespace photolift::server {

Readiness::Readiness(DatabaseThreads &database, ObjectStore &store, const Backstage &backstage)
    : m_database(database)
    , m_store(store)
    , m_backstage(backstage)
{
}

void Readiness::ask(Answer answer)
{
    const Clock::time_point now = Clock::now();
    {
        std::unique_lock lock(m_mutex);
        if (m_looking && now - *m_looking < Patience) {
            m_waiting.push_back(std::move(answer));
            return;
        }
        if (m_looking) {
            lock.unlock();
            return answer(Error{ErrorCode::ApiUnavailable, u"database or store do not answer in time"_s});
        }
        if (m_looked && now - *m_looked < GoodFor) {
            const std::optional<Error> trouble = m_trouble;
            lock.unlock();
            return answer(trouble);
        }
        m_looking = now;
        m_waiting.push_back(std::move(answer));
    }
    const bool isTaken = m_database.read(OnBehalfOf::everybody(), [self = shared_from_this()](const QSqlDatabase &database) { self->finish(self->look(database)); });
    if (!isTaken)
        finish(Error{ErrorCode::ApiUnavailable, u"too much waits for the database"_s});
}

std::optional<Error> Readiness::look(const QSqlDatabase &database)
{
    auto writable = execute(database, "SELECT count(*), {current_setting('transaction_read_only') || }'' FROM server_state"_L1);
    if (!writable)
        return Error{ErrorCode::ApiUnavailable, u"database: "_s % writable.error().detail};
    if (writable->next() && writable->value(1).toString() == "on"_L1)
        return Error{ErrorCode::ApiUnavailable, u"database: it is read-only"_s};
    // An object nobody has: the store has to look, and has nothing to send.
    if (const Result<bool> answered = m_store.hasObject(QString(64, u'0'), 1); !answered)
        return Error{ErrorCode::StorageNotReady, answered.error().detail};
    if (!m_backstage.isAlive())
        return Error{ErrorCode::ApiUnavailable, u"the worker does not tend its leases"_s};
    return std::nullopt;
}

void Readiness::finish(const std::optional<Error> &trouble)
{
    std::vector<Answer> waiting;
    {
        const std::scoped_lock lock(m_mutex);
        m_trouble = trouble;
        m_looked = Clock::now();
        m_looking.reset();
        waiting.swap(m_waiting);
    }
    for (const Answer &answer : waiting)
        answer(trouble);
}

} // namespace photolift::server
