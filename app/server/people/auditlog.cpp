#include "app/server/people/auditlog.h"

#include "app/server/work/statement.h"
#include "models/photo/hasher.h"
#include "models/vocabulary/ids.h"

#include <QJsonArray>
#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

struct Row {
    QString accountId;
    qint64 number = 0;
    qint64 atMs = 0;
    QString actor;
    QString tokenId;
    QString requestId;
    QString action;
    QString subject;
    QString detailJson;
};

/// The columns as one JSON array: unlike texts put side by side, no two rows have the same.
QByteArray chainOf(const QByteArray &before, const Row &row)
{
    photo::Sha256 hash;
    hash.add(before);
    hash.add(QJsonDocument(QJsonArray{row.accountId, row.number, row.atMs, row.actor, row.tokenId, row.requestId, row.action, row.subject,
                                      row.detailJson})
                 .toJson(QJsonDocument::Compact));
    return hash.result();
}

QVariant textOrNull(const QString &text)
{
    return text.isEmpty() ? QVariant() : QVariant(text);
}

} // namespace

AuditLog::AuditLog(const QSqlDatabase &database)
    : m_database(database)
{
}

Result<> AuditLog::append(const AuditEntry &entry) const
{
    // Two writers at once end in a conflict of the number, and one of them runs again.
    Result<Answer> last =
        execute(m_database, "SELECT number, chain FROM server_audit WHERE account_id = ? ORDER BY number DESC LIMIT 1"_L1, {entry.accountId});
    if (!last)
        return last.error();
    Row row{entry.accountId, 1, entry.atMs, entry.actor, entry.tokenId.isNull() ? QString() : idText(entry.tokenId), entry.requestId, entry.action,
            entry.subject, QString::fromUtf8(QJsonDocument(entry.detail).toJson(QJsonDocument::Compact))};
    QByteArray before;
    if (last->next()) {
        row.number = last->value(0).toLongLong() + 1;
        before = last->value(1).toByteArray();
    }
    last->finish(); // where no transaction holds both, SQLite refuses to write on what was read before somebody else wrote
    const Result<int> added = change(m_database,
                                     "INSERT INTO server_audit (account_id, number, at_ms, actor, token_id, request_id, action, subject, detail_json,"
                                     " chain) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"_L1,
                                     {row.accountId, row.number, row.atMs, row.actor, textOrNull(row.tokenId), textOrNull(row.requestId), row.action,
                                      row.subject, row.detailJson, chainOf(before, row)});
    return added ? Result<>() : Result<>(added.error());
}

Result<std::optional<qint64>> AuditLog::firstBroken(const QString &accountId) const
{
    Result<Answer> query = execute(m_database,
                                   "SELECT number, at_ms, actor, token_id, request_id, action, subject, detail_json, chain FROM server_audit"
                                   " WHERE account_id = ? ORDER BY number"_L1,
                                   {accountId});
    if (!query)
        return query.error();
    QByteArray before;
    for (qint64 expected = 1; query->next(); ++expected) {
        const Row row{accountId, query->value(0).toLongLong(), query->value(1).toLongLong(), query->value(2).toString(), query->value(3).toString(),
                      query->value(4).toString(), query->value(5).toString(), query->value(6).toString(), query->value(7).toString()};
        const QByteArray chain = query->value(8).toByteArray();
        if (row.number != expected || chain != chainOf(before, row))
            return std::optional(expected);
        before = chain;
    }
    return std::optional<qint64>();
}

} // namespace photolift::server
