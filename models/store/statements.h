#pragma once

#include "models/store/database.h"
#include "models/store/dialect.h"

#include <QHash>
#include <QSqlQuery>
#include <QVariant>

#include <optional>

namespace photolift::store {

/// Prepared statements of one connection, each prepared once and finished after each use: an unfinished SELECT would hold a
/// read mark and let the WAL grow without end. Every value is bound. The SQL is that of dialect.h. Lives on the connection's thread and dies before it.
class Statements
{
public:
    explicit Statements(const QSqlDatabase &database)
        : m_database(database)
        , m_engine(engineOf(database))
    {
    }
    Q_DISABLE_COPY_MOVE(Statements)

    Engine engine() const { return m_engine; }
    /// Runs a write; the number of rows it changed.
    Result<int> write(const QString &sql, const QVariantList &values);

    /// Runs a read and makes a value of each row: `make(const QSqlQuery &row)`.
    template <typename Make> auto read(const QString &sql, const QVariantList &values, Make make)
        -> Result<QList<decltype(make(std::declval<const QSqlQuery &>()))>>
    {
        const Result<QSqlQuery *> query = run(sql, values);
        if (!query)
            return query.error();
        QList<decltype(make(std::declval<const QSqlQuery &>()))> rows;
        while ((*query)->next())
            rows.append(make(std::as_const(**query)));
        const QSqlError error = (*query)->lastError();
        (*query)->finish();
        if (error.isValid())
            return databaseError(m_database, error);
        return rows;
    }

    /// The first column of the first row; nullopt without a row. NULL is 0.
    Result<std::optional<qint64>> number(const QString &sql, const QVariantList &values);

private:
    Result<QSqlQuery *> run(const QString &sql, const QVariantList &values);

    QSqlDatabase m_database;
    const Engine m_engine;
    QHash<QString, QSqlQuery> m_prepared;
};

/// SQL NULL for what is unknown.
template <typename T> QVariant orNull(const std::optional<T> &value)
{
    return value ? QVariant::fromValue(*value) : QVariant();
}
QVariant orNull(const QString &text);

} // namespace photolift::store
