#include "models/store/outboxtable.h"

#include "models/vocabulary/ids.h"

#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace photolift::store {

namespace {
constexpr qint64 KeptMs = 24LL * 3600 * 1000;
}

Result<> OutboxTable::put(const wire::MirrorEvent &event, const QString &rowKey)
{
    const QString id = idText(event.eventId);
    const QString json = QString::fromUtf8(QJsonDocument(wire::toJson(event)).toJson(QJsonDocument::Compact));
    const auto unsent =
        m_statements.number(u"SELECT sequence FROM outbox WHERE row_key = ? AND sent_ms IS NULL ORDER BY sequence DESC LIMIT 1"_s, {rowKey});
    if (!unsent)
        return unsent.error();
    const bool isReplaced = *unsent && !m_handedOut.contains(**unsent);
    const Result<int> written =
        isReplaced ? m_statements.write(u"UPDATE outbox SET event_id = ?, json = ? WHERE sequence = ?"_s, {id, json, **unsent})
                   : m_statements.write(u"INSERT INTO outbox (event_id, json, row_key) VALUES (?, ?, ?)"_s, {id, json, rowKey});
    if (!written)
        return written.error();
    return {};
}

Result<QList<OutboxRow>> OutboxTable::oldest(int limit)
{
    const auto rows = m_statements.read(
        u"SELECT sequence, event_id, json FROM outbox WHERE sent_ms IS NULL ORDER BY sequence LIMIT ?"_s, {limit}, [](const QSqlQuery &row) {
            return OutboxRow{row.value(0).toLongLong(), QUuid::fromString(row.value(1).toString()), row.value(2).toString().toUtf8()};
        });
    if (rows) {
        for (const OutboxRow &row : *rows)
            m_handedOut.insert(row.sequence);
    }
    return rows;
}

Result<> OutboxTable::markSent(const QList<qint64> &sequences, qint64 nowMs)
{
    for (const qint64 sequence : sequences) {
        const Result<int> marked = m_statements.write(u"UPDATE outbox SET sent_ms = ? WHERE sequence = ?"_s, {nowMs, sequence});
        if (!marked)
            return marked.error();
        const Result<int> older = m_statements.write(u"DELETE FROM outbox WHERE row_key = (SELECT row_key FROM outbox WHERE sequence = ?) "
                                                     "AND sequence < ? AND sent_ms IS NOT NULL"_s,
                                                     {sequence, sequence});
        if (!older)
            return older.error();
    }
    const Result<int> dropped = m_statements.write(u"DELETE FROM outbox WHERE sent_ms < ?"_s, {nowMs - KeptMs});
    if (!dropped)
        return dropped.error();
    return {};
}

void OutboxTable::noteSettled(const QList<qint64> &sequences)
{
    for (const qint64 sequence : sequences)
        m_handedOut.remove(sequence);
}

Result<> OutboxTable::sendAgain(qint64 nowMs)
{
    const Result<int> due = m_statements.write(u"UPDATE outbox SET sent_ms = NULL WHERE sent_ms >= ?"_s, {nowMs - KeptMs});
    if (!due)
        return due.error();
    return {};
}

Result<qint64> OutboxTable::depth()
{
    const auto depth = m_statements.number(u"SELECT count(*) FROM outbox WHERE sent_ms IS NULL"_s, {});
    if (!depth)
        return depth.error();
    return depth->value_or(0);
}

} // namespace photolift::store
