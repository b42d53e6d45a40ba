#include "models/store/statements.h"

namespace photolift::store {

Result<QSqlQuery *> Statements::run(const QString &sql, const QVariantList &values)
{
    auto found = m_prepared.find(sql);
    if (found == m_prepared.end()) {
        QSqlQuery query(m_database);
        query.setForwardOnly(true);
        if (!query.prepare(inDialect(sql, m_engine))) // unchecked, exec() would only say "Parameter count mismatch"
            return databaseError(m_database, query.lastError());
        found = m_prepared.insert(sql, std::move(query));
    }
    QSqlQuery &query = *found;
    for (qsizetype i = 0; i < values.size(); ++i)
        query.bindValue(static_cast<int>(i), values.at(i));
    if (!query.exec()) {
        const Error error = databaseError(m_database, query.lastError());
        query.finish();
        return error;
    }
    return &query;
}

Result<int> Statements::write(const QString &sql, const QVariantList &values)
{
    const Result<QSqlQuery *> query = run(sql, values);
    if (!query)
        return query.error();
    const int changed = (*query)->numRowsAffected();
    (*query)->finish();
    return changed;
}

Result<std::optional<qint64>> Statements::number(const QString &sql, const QVariantList &values)
{
    const auto rows = read(sql, values, [](const QSqlQuery &row) { return row.value(0).toLongLong(); });
    if (!rows)
        return rows.error();
    return rows->isEmpty() ? std::optional<qint64>() : std::optional<qint64>(rows->first());
}

QVariant orNull(const QString &text)
{
    return text.isEmpty() ? QVariant() : QVariant(text);
}

} // namespace photolift::store
