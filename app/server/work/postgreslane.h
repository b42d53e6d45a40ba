#pragma once

#include "app/server/work/databasethreads.h"
#include "models/store/database.h"

#include <QSqlQuery>

#include <memory>
#include <optional>

namespace photolift::server {

/// One connection to PostgreSQL that jobs run on, one after the other; opened again when it was lost. Made, used and destroyed on one
/// thread.
class PostgresLane
{
public:
    /// `meet`: DatabaseThreads::Options::meet.
    explicit PostgresLane(store::PostgresAddress address, DatabaseThreads::Meet meet = {});
    ~PostgresLane();
    PostgresLane(const PostgresLane &) = delete;
    PostgresLane &operator=(const PostgresLane &) = delete;

    /// For the start: a PostgreSQL that can be trusted, migrated as far as this program needs it.
    Result<> begin();
    /// Runs the job in a transaction of its own. When another transaction was in its way it runs again, up to three times (once when a month was made under it), so a job must not change anything
    /// but the database and what it sets anew in each run. API_UNAVAILABLE when the database is away or busy: nobody knows then whether a commit at hand arrived.
    Result<> write(const OnBehalfOf &whom, const DatabaseThreads::WriteJob &job, Isolation isolation);
    /// Runs the job outside of any transaction.
    void read(const OnBehalfOf &whom, const DatabaseThreads::ReadJob &job);

private:
    void close();
    /// Connects, to a database that takes what is written: a standby would show what was before, and rights and duplicates be judged by it.
    Result<> open();
    Result<> check();
    Result<> meet();
    /// From here on the connection shows the rows of this one; false when it was lost.
    bool actFor(const OnBehalfOf &whom);
    Result<> makeReady(const OnBehalfOf &whom);
    Result<> writeOnce(const DatabaseThreads::WriteJob &job, Isolation isolation);

    const store::PostgresAddress m_address;
    const DatabaseThreads::Meet m_meet;
    std::unique_ptr<store::Connection> m_connection;
    std::optional<store::StarWriter> m_star;
    std::optional<QSqlQuery> m_actFor;
};

} // namespace photolift::server
