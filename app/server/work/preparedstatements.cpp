#include "app/server/work/preparedstatements.h"

#include <QSqlDriver>

namespace photolift::server {

namespace {

/// More than the program has in one role; a bound for texts that are put together (a filter of `reprocess`).
constexpr qsizetype MostKept = 300;

}

void PreparedStatements::keepFor(const QSqlDatabase &database)
{
    if (!of(database))
        (void)new PreparedStatements(database.driver());
}

PreparedStatements *PreparedStatements::of(const QSqlDatabase &database)
{
    return database.driver()->findChild<PreparedStatements *>(QString(), Qt::FindDirectChildrenOnly);
}

std::optional<QSqlQuery> PreparedStatements::take(QLatin1StringView sql)
{
    const auto found = m_idle.find(QByteArray::fromRawData(sql.data(), sql.size()));
    if (found == m_idle.end())
        return std::nullopt;
    std::optional<QSqlQuery> query(std::move(*found));
    m_idle.erase(found);
    return query;
}

void PreparedStatements::giveBack(const QByteArray &sql, QSqlQuery query)
{
    query.finish();
    if (m_idle.size() < MostKept)
        m_idle.insert(sql, std::move(query));
}

Answer::Answer(QSqlQuery query, PreparedStatements *home, QLatin1StringView sql)
    : m_query(std::move(query))
    , m_home(home)
    , m_sql(home ? QByteArray(sql.data(), sql.size()) : QByteArray())
{
}

Answer::~Answer()
{
    leave();
}

Answer::Answer(Answer &&other) noexcept
    : m_query(std::move(other.m_query))
    , m_home(std::exchange(other.m_home, nullptr))
    , m_sql(std::move(other.m_sql))
{
}

Answer &Answer::operator=(Answer &&other) noexcept
{
    if (this != &other) {
        leave();
        m_query = std::move(other.m_query);
        m_home = std::exchange(other.m_home, nullptr);
        m_sql = std::move(other.m_sql);
    }
    return *this;
}

void Answer::leave()
{
    if (m_home)
        m_home->giveBack(m_sql, std::move(m_query));
}

} // namespace photolift::server
