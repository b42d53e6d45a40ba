#include "app/server/api/eventbatch.h"

#include "app/server/api/eventapplier.h"
#include "app/server/api/eventdesks.h"
#include "app/server/api/ownership.h"
#include "app/server/work/statement.h"
#include "app/server/work/uploadtable.h"
#include "models/photo/hasher.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QMap>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

using Kind = wire::MirrorEvent::Kind;

template <typename Row> Result<Event> eventOf(const QUuid &eventId, const Result<Row> &row)
{
    return row ? Result<Event>(Event{eventId, *row}) : Result<Event>(row.error());
}

Result<Event> readEvent(const wire::MirrorEvent &event)
{
    switch (event.kind) {
    case Kind::Project:
        return eventOf(event.eventId, projectFromJson(event.row));
    case Kind::Batch:
        return eventOf(event.eventId, batchFromJson(event.row));
    case Kind::Attempt:
        return eventOf(event.eventId, attemptFromJson(event.row));
    case Kind::Stage:
        return eventOf(event.eventId, stageFromJson(event.row));
    case Kind::Error:
        return eventOf(event.eventId, errorFromJson(event.row));
    case Kind::Photo:
        return eventOf(event.eventId, photoFromJson(event.row));
    case Kind::Heartbeat:
        return eventOf(event.eventId, heartbeatFromJson(event.row));
    }
    return Error{ErrorCode::ApiRequestRefused, u"kind"_s};
}

/// PostgreSQL keeps no NUL in a text and SQLite does: neither gets one. In JSON it is \\u0000 behind an even number of backslashes.
bool hasNul(const QByteArray &line)
{
    for (qsizetype at = line.indexOf("\\u0000"); at >= 0; at = line.indexOf("\\u0000", at + 1)) {
        qsizetype first = at;
        while (first > 0 && line.at(first - 1) == '\\')
            --first;
        if ((at - first) % 2 == 0)
            return true;
    }
    return false;
}

Result<> stage(Writing &writing, const Caller &caller, const QString &batchId, const QString &clientId, const QByteArray &payload, const QString &error,
               qint64 nowMs)
{
    // Each person has keys of their own (requestkeys.cpp), and what cannot be read was never looked up among them: under a key that was used before, or by
    // somebody else, another body is kept, too.
    photo::Sha256 hash;
    hash.add(payload);
    const QString rowId = caller.userId + u'/' + batchId + u'/' + QString::fromLatin1(hash.result().toHex());
    // No column of text holds a NUL.
    const QString text = QString::fromUtf8(payload).replace(QChar::Null, QChar::ReplacementCharacter);
    const Result<int> kept = change(writing.database,
                                    "INSERT INTO staging_batch (batch_id, client_id, user_id, received_at, payload, error) VALUES (?, ?, ?, ms(?), ?, ?)"
                                    " ON CONFLICT DO NOTHING"_L1,
                                    {rowId, clientId, caller.userId, nowMs, text, error});
    return kept ? Result<>() : Result<>(kept.error());
}

/// What was left of a batch when its good events were taken out.
class SetAside
{
public:
    void add(qsizetype index, const Error &why, const QByteArray &line)
    {
        m_indices.append(static_cast<int>(index));
        m_reasons.append(QJsonObject{{u"index"_s, index}, {u"reason"_s, why.detail}});
        m_payload.append(line).append('\n');
    }
    /// Keeps it for support, and answers the client.
    Result<wire::EventsAnswer> answer(Writing &writing, const Caller &caller, const EventBatch &batch, int applied, qint64 nowMs) const
    {
        if (!m_indices.isEmpty()) {
            const QString error = QString::fromUtf8(QJsonDocument(m_reasons).toJson(QJsonDocument::Compact));
            if (const Result<> staged = stage(writing, caller, batch.batchId, batch.clientId, m_payload, error, nowMs); !staged)
                return staged.error();
        }
        wire::EventsAnswer answer;
        answer.applied = applied;
        answer.repeated = static_cast<int>(batch.lines.size() - m_indices.size()) - applied;
        answer.setAside = m_indices;
        return answer;
    }

private:
    QList<int> m_indices;
    QJsonArray m_reasons;
    QByteArray m_payload;
};

template <typename Record> bool isOf(const EventBatch::Line &line)
{
    return line.event && std::holds_alternative<Record>(line.event->row);
}

/// A row that breaks a constraint half way takes back only itself.
Result<> applyAlone(Writing &writing, OneByOneDesk &desk, EventApplier<OneByOneDesk> applier, const Event &event)
{
    const int applied = desk.applied;
    const Result<> outcome = alone(writing.database, [&] { return applier.apply(event); });
    if (!outcome)
        desk.applied = applied;
    return outcome;
}

} // namespace

Result<EventBatch> readEventBatch(const QByteArray &ndjson)
{
    EventBatch batch;
    bool isAnyReadable = false;
    const QList<QByteArray> lines = ndjson.split('\n');
    for (const QByteArray &line : lines) {
        if (line.isEmpty() && &line == &lines.last())
            break; // behind the last line's end
        if (batch.lines.size() == wire::MaxEventsPerBatch)
            return Error{ErrorCode::ApiRequestRefused, u"more than %1 events"_s.arg(wire::MaxEventsPerBatch)};
        const Result<QJsonObject> json = wire::parseRequest(line);
        const Result<wire::MirrorEvent> event = json ? wire::mirrorEventFromJson(*json) : Result<wire::MirrorEvent>(json.error());
        isAnyReadable = isAnyReadable || event;
        if (event && hasNul(line))
            batch.lines.append({Error{ErrorCode::ApiRequestRefused, u"a NUL in a text"_s}, line});
        else
            batch.lines.append({event ? readEvent(*event) : Result<Event>(event.error()), line});
    }
    if (!isAnyReadable && !batch.lines.isEmpty())
        return Error{ErrorCode::ApiRequestRefused, u"not one line is an event"_s};
    return batch;
}

Result<> lookForRecalled(EventBatch &batch, const QSqlDatabase &database, const Caller &caller, ObjectStore &store, qint64 databaseMadeMs)
{
    batch.before.databaseMadeMs = databaseMadeMs;
    if (!recallsAttempts(batch))
        return {};
    const Result<bool> isOnly = isOnlyAccount(database, caller.accountId);
    if (!isOnly)
        return isOnly.error();
    batch.before.isOnlyAccount = *isOnly;
    QSet<std::pair<QString, qint64>> sought;
    for (const EventBatch::Line &line : std::as_const(batch.lines)) {
        const auto *attempt = line.event ? std::get_if<AttemptRecord>(&line.event->row) : nullptr;
        const auto bytes = attempt && batch.before.isOf(attempt->clientUploadId) ? bytesOf(*attempt) : std::nullopt;
        if (!bytes || sought.contains(*bytes))
            continue;
        const Result<bool> isTheirs = belongTo(database, caller.accountId, *bytes, *isOnly);
        const auto known = isTheirs && *isTheirs ? UploadTable(database).currentOf(attempt->clientUploadId) : Result<std::optional<Upload>>(std::nullopt);
        if (!isTheirs || !known)
            return isTheirs ? known.error() : isTheirs.error();
        if (*isTheirs && (!*known || batch.before.hasLostTheEnd(**known, *attempt)))
            sought.insert(*bytes);
    }
    if (sought.size() > MostRecalled)
        return Error{ErrorCode::ApiRequestRefused, u"%1 photos of before this database at once"_s.arg(sought.size())};
    for (const auto &bytes : std::as_const(sought)) {
        const Result<bool> isThere = store.hasObject(bytes.first, bytes.second);
        if (!isThere)
            return isThere.error();
        if (*isThere)
            batch.before.objects.insert(bytes);
    }
    return {};
}

Result<wire::EventsAnswer> applyEvents(Writing &writing, const Caller &caller, const EventBatch &batch, qint64 nowMs, QSet<QUuid> &changed)
{
    OneByOneDesk desk(writing, caller);
    SetAside bad;
    for (qsizetype i = 0; i < batch.lines.size(); ++i) {
        const EventBatch::Line &line = batch.lines[i];
        const Result<> outcome = line.event ? applyAlone(writing, desk, EventApplier(desk, caller, batch.before, nowMs, changed), *line.event)
                                            : Result<>(line.event.error());
        if (!outcome && !isOfTheBatch(outcome.error()))
            return outcome.error();
        if (!outcome)
            bad.add(i, outcome.error(), line.bytes);
    }
    Result<wire::EventsAnswer> answer = bad.answer(writing, caller, batch, desk.applied, nowMs);
    if (!answer)
        return answer;
    for (const EventBatch::Line &line : batch.lines) {
        const auto *attempt = line.event ? std::get_if<AttemptRecord>(&line.event->row) : nullptr;
        const Result<bool> isAsked = attempt ? isToComeAgain(writing.database, caller, *attempt, batch.before) : Result<bool>(false);
        if (!isAsked)
            return isAsked.error();
        if (*isAsked && !answer->notSafe.contains(attempt->clientUploadId))
            answer->notSafe.append(attempt->clientUploadId);
    }
    return answer;
}

bool tellsOfProjects(const EventBatch &batch)
{
    return std::any_of(batch.lines.begin(), batch.lines.end(), isOf<ProjectRecord>);
}

bool hasHeartbeat(const EventBatch &batch)
{
    return std::any_of(batch.lines.begin(), batch.lines.end(), isOf<HeartbeatRecord>);
}

bool recallsAttempts(const EventBatch &batch)
{
    return std::any_of(batch.lines.begin(), batch.lines.end(), [&batch](const EventBatch::Line &line) {
        const auto isOfBefore = [&batch](const auto &row) {
            if constexpr (requires { row.clientUploadId; })
                return batch.before.isOf(row.clientUploadId);
            else
                return false;
        };
        return line.event && std::visit(isOfBefore, line.event->row);
    });
}

Result<wire::EventsAnswer> applyEventsAtOnce(Writing &writing, const Caller &caller, const EventBatch &batch, qint64 nowMs,
                                             QSet<QUuid> &changed)
{
    QMap<qsizetype, Error> refused;
    OneByOneDesk projects(writing, caller);
    for (qsizetype i = 0; i < batch.lines.size(); ++i) {
        const EventBatch::Line &line = batch.lines[i];
        const Result<> outcome =
            isOf<ProjectRecord>(line) ? applyAlone(writing, projects, EventApplier(projects, caller, batch.before, nowMs, changed), *line.event) : Result<>();
        if (!outcome && !isOfTheBatch(outcome.error()))
            return outcome.error();
        if (!outcome)
            refused.insert(i, outcome.error());
    }

    AtOnceDesk desk(writing, caller);
    if (const Result<> opened = desk.open(batch); !opened)
        return opened.error();
    EventApplier applier(desk, caller, batch.before, nowMs, changed);
    for (qsizetype i = 0; i < batch.lines.size(); ++i) {
        const EventBatch::Line &line = batch.lines[i];
        const Result<> outcome = line.event ? (isOf<ProjectRecord>(line) ? Result<>() : applier.apply(*line.event)) : Result<>(line.event.error());
        if (!outcome)
            refused.insert(i, outcome.error());
    }
    const Result<int> applied = desk.close();
    if (!applied)
        return applied.error();
    SetAside bad;
    for (auto it = refused.cbegin(); it != refused.cend(); ++it)
        bad.add(it.key(), it.value(), batch.lines.at(it.key()).bytes);
    return bad.answer(writing, caller, batch, projects.applied + *applied, nowMs);
}

bool isOfTheBatch(const Error &error)
{
    return error.code != ErrorCode::LocalListBusy && error.code != ErrorCode::LocalDiskFull && error.code != ErrorCode::LocalDiskError
        && error.code != ErrorCode::LocalListDamaged && error.code != ErrorCode::LocalResourcesLow && error.code != ErrorCode::ApiUnavailable;
}

Result<> setAsideWhole(Writing &writing, const Caller &caller, const QString &batchId, const QString &clientId, const QByteArray &payload, const Error &why,
                       qint64 nowMs)
{
    return stage(writing, caller, batchId, clientId, payload, why.detail, nowMs);
}

} // namespace photolift::server
