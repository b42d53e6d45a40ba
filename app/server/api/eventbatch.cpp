#include "app/server/api/eventbatch.h"

#include "app/server/api/ownership.h"
#include "app/server/work/ledger.h"
#include "app/server/work/projecttable.h"
#include "app/server/work/statement.h"
#include "app/server/work/uploadtable.h"
#include "models/vocabulary/ids.h"

#include <QJsonArray>
#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

using Outcome = store::StarWriter::Outcome;
using Kind = wire::MirrorEvent::Kind;

/// Reads the row with its reader and hands it on; a row that cannot be read is the event's fault.
template <typename T, typename Write> Result<Outcome> readAnd(const Result<T> &row, Write write)
{
    return row ? write(*row) : Result<Outcome>(row.error());
}

/// Projects and batches: an event older than the newest applied one, or that one again, changes nothing. UUIDv7 texts sort by time.
Result<bool> isNewest(const QSqlDatabase &database, Kind kind, const QUuid &entity, const QUuid &eventId)
{
    const Result<int> noted = change(database,
                                     "INSERT INTO server_newest_events (kind, entity_id, event_id) VALUES (?, ?, ?)"
                                     " ON CONFLICT (kind, entity_id) DO UPDATE SET event_id = excluded.event_id"
                                     " WHERE server_newest_events.event_id < excluded.event_id"_L1,
                                     {QString(wire::eventKindName(kind)), idText(entity), idText(eventId)});
    if (!noted)
        return noted.error();
    return *noted > 0;
}

/// What an event is applied with.
struct Applying {
    Writing &writing;
    const Caller &caller;
    const Recall &before;
    qint64 nowMs = 0;
    QSet<QUuid> &changed;
};

Result<Outcome> applyAttempt(const Applying &with, AttemptRecord attempt, const QUuid &eventId)
{
    auto &[writing, caller, before, nowMs, changed] = with;
    const Result<QUuid> project = ProjectTable(writing.database).meant(attempt.projectId);
    if (!project)
        return project.error();
    attempt.projectId = *project;
    if (const Result<> own = checkOwn(writing.database, caller, attempt); !own)
        return own.error();
    attempt.surroundings.userId = caller.userId;
    const UploadTable uploads(writing.database);
    Result<std::optional<Upload>> upload = uploads.currentOf(attempt.clientUploadId);
    if (!upload)
        return upload.error();
    if (!*upload) {
        const Result<Outcome> written = writing.star.write(attempt, eventId);
        if (!written || !before.isOf(attempt.clientUploadId))
            return written;
        const Result<> recalled = recall(writing, caller, attempt, before, nowMs);
        return recalled ? written : Result<Outcome>(recalled.error());
    }
    Upload &known = **upload;
    if (attempt.rowVersion <= known.clientRowVersion)
        return Outcome::Repeated;
    known.clientRowVersion = attempt.rowVersion;

    // How the answer to the question ended the attempt its client knows, and nobody follows it any more: the end it writes is the last word.
    const bool isEndedAtOnce = known.state == UploadState::Duplicate || known.state == UploadState::Refused || known.state == UploadState::Recalled;
    const bool isTheirs = !isServerOwned(known.state) || (isEndedAtOnce && isTerminal(attempt.status));
    if (isTheirs) {
        known.attempt = attempt;
    } else {
        // What the client learnt meanwhile is welcome; how the attempt stands is the server's to say. The client reckons the version
        // alike when it copies the end (StatusFollower), so that both rows are equal whether this event came before the end or after it.
        attempt.status = known.attempt.status;
        attempt.endedMs = known.attempt.endedMs;
        attempt.totalDurationMs = known.attempt.totalDurationMs;
        attempt.rowVersion = std::max(known.attempt.rowVersion, attempt.rowVersion + 1);
        known.attempt = attempt;
    }
    const Result<Outcome> written = writing.star.write(known.attempt, eventId, store::StarWriter::SameVersion::Replaces);
    if (!written)
        return written;
    const Result<> saved = isTheirs ? uploads.saveAttempt(known) : Ledger(writing, known).save();
    if (!saved)
        return saved.error();
    if (!isTheirs)
        changed.insert(known.uploadId);
    return written;
}

Result<Outcome> applyPhoto(Writing &writing, const PhotoRecord &photo, const QUuid &eventId)
{
    Result<std::optional<Upload>> upload = UploadTable(writing.database).currentOf(photo.clientUploadId);
    if (!upload)
        return upload.error();
    if (*upload && (*upload)->told.photo)
        return Outcome::Repeated; // completed by the server: what the client knew went into it at the commit
    if (*upload && (*upload)->state == UploadState::Recalled) {
        if (const Result<> recalled = recall(writing, **upload, photo); !recalled)
            return recalled.error();
    }
    return writing.star.write(photo, eventId);
}

/// The server's stages are written by the server alone, as long as there is one that knows the attempt.
Result<Outcome> applyStage(const Applying &with, const StageRecord &stage, const QUuid &eventId)
{
    if (const Result<> own = checkOwnAttempt(with.writing.database, with.caller, stage.clientUploadId); !own)
        return own.error();
    if (isServerStage(stage.stage)) {
        if (!with.before.isOf(stage.clientUploadId))
            return Outcome::Repeated;
        const Result<std::optional<Upload>> upload = UploadTable(with.writing.database).currentOf(stage.clientUploadId);
        if (!upload)
            return upload.error();
        if (*upload && (*upload)->state != UploadState::Recalled)
            return Outcome::Repeated;
    }
    return with.writing.star.write(stage, eventId);
}

Result<Outcome> applyEvent(const Applying &with, const wire::MirrorEvent &event)
{
    auto &[writing, caller, before, nowMs, changed] = with;
    switch (event.kind) {
    case Kind::Project:
        return readAnd(projectFromJson(event.row), [&](ProjectRecord project) -> Result<Outcome> {
            project.ownerUserId = caller.userId;
            const Result<QUuid> meant = ProjectTable(writing.database).resolve(project);
            if (!meant)
                return meant.error();
            project.projectId = *meant;
            if (const Result<> own = checkOwnProject(writing.database, caller, project.projectId); !own)
                return own.error();
            const Result<bool> isNew = isNewest(writing.database, event.kind, project.projectId, event.eventId);
            if (!isNew)
                return isNew.error();
            return *isNew ? writing.star.write(project) : Result<Outcome>(Outcome::Repeated);
        });
    case Kind::Batch:
        return readAnd(batchFromJson(event.row), [&](BatchRecord batch) -> Result<Outcome> {
            const Result<QUuid> meant = ProjectTable(writing.database).meant(batch.projectId);
            if (!meant)
                return meant.error();
            batch.projectId = *meant;
            if (const Result<> own = checkOwn(writing.database, caller, batch); !own)
                return own.error();
            const Result<bool> isNew = isNewest(writing.database, event.kind, batch.batchId, event.eventId);
            if (!isNew)
                return isNew.error();
            return *isNew ? writing.star.write(batch) : Result<Outcome>(Outcome::Repeated);
        });
    case Kind::Attempt:
        return readAnd(attemptFromJson(event.row),
                       [&](const AttemptRecord &attempt) { return applyAttempt(with, attempt, event.eventId); });
    case Kind::Stage:
        return readAnd(stageFromJson(event.row), [&](const StageRecord &stage) { return applyStage(with, stage, event.eventId); });
    case Kind::Error:
        return readAnd(errorFromJson(event.row), [&](const ErrorRecord &error) -> Result<Outcome> {
            const Result<> own = checkOwnAttempt(writing.database, caller, error.clientUploadId);
            return own ? writing.star.write(error) : Result<Outcome>(own.error());
        });
    case Kind::Photo:
        return readAnd(photoFromJson(event.row), [&](const PhotoRecord &photo) -> Result<Outcome> {
            const Result<> own = checkOwnAttempt(writing.database, caller, photo.clientUploadId);
            return own ? applyPhoto(writing, photo, event.eventId) : Result<Outcome>(own.error());
        });
    case Kind::Heartbeat:
        return readAnd(heartbeatFromJson(event.row), [&](HeartbeatRecord heartbeat) {
            heartbeat.surroundings.userId = caller.userId;
            return writing.star.write(heartbeat, nowMs);
        });
    }
    return Error{ErrorCode::ApiRequestRefused, u"kind"_s};
}

/// Conditions of the database, which are no fault of the event: the whole batch comes again later.
bool isOurTrouble(ErrorCode code)
{
    return code == ErrorCode::LocalListBusy || code == ErrorCode::LocalDiskFull || code == ErrorCode::LocalDiskError
        || code == ErrorCode::LocalListDamaged || code == ErrorCode::LocalResourcesLow || code == ErrorCode::ApiUnavailable;
}

Result<> stage(Writing &writing, const QString &batchId, const QString &clientId, const QByteArray &payload, const QString &error, qint64 nowMs)
{
    const Result<int> kept = change(writing.database,
                                    "INSERT INTO staging_batch (batch_id, client_id, received_at, payload, error) VALUES (?, ?, ms(?), ?, ?)"
                                    " ON CONFLICT DO NOTHING"_L1,
                                    {batchId, clientId, nowMs, QString::fromUtf8(payload), error});
    return kept ? Result<>() : Result<>(kept.error());
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
        const Result<QJsonObject> json = wire::parseObject(line);
        Result<wire::MirrorEvent> event = json ? wire::mirrorEventFromJson(*json) : Result<wire::MirrorEvent>(json.error());
        isAnyReadable = isAnyReadable || event;
        batch.lines.append({std::move(event), line});
    }
    if (!isAnyReadable && !batch.lines.isEmpty())
        return Error{ErrorCode::ApiRequestRefused, u"not one line is an event"_s};
    return batch;
}

void lookForRecalled(EventBatch &batch, ObjectStore &store, qint64 databaseMadeMs)
{
    batch.before.databaseMadeMs = databaseMadeMs;
    for (const EventBatch::Line &line : std::as_const(batch.lines)) {
        if (!line.event || line.event->kind != Kind::Attempt)
            continue;
        const Result<AttemptRecord> attempt = attemptFromJson(line.event->row);
        const auto bytes = attempt && batch.before.isOf(attempt->clientUploadId) ? bytesOf(*attempt) : std::nullopt;
        if (!bytes)
            continue;
        const Result<bool> isThere = store.hasObject(bytes->first, bytes->second);
        if (isThere && *isThere)
            batch.before.objects.insert(*bytes);
    }
}

Result<wire::EventsAnswer> applyEvents(Writing &writing, const Caller &caller, const EventBatch &batch, qint64 nowMs, QSet<QUuid> &changed)
{
    wire::EventsAnswer answer;
    QJsonArray reasons;
    QByteArray payload;
    const Applying with{writing, caller, batch.before, nowMs, changed};
    for (qsizetype i = 0; i < batch.lines.size(); ++i) {
        const EventBatch::Line &line = batch.lines[i];
        std::optional<Outcome> applied;
        const Result<> outcome = alone(writing.database, [&]() -> Result<> { // a row that breaks a constraint half way takes back only itself
            const Result<Outcome> done = line.event ? applyEvent(with, *line.event) : Result<Outcome>(line.event.error());
            if (!done)
                return done.error();
            applied = *done;
            return {};
        });
        if (!outcome) {
            if (isOurTrouble(outcome.error().code))
                return outcome.error();
            answer.setAside.append(static_cast<int>(i));
            reasons.append(QJsonObject{{u"index"_s, i}, {u"reason"_s, outcome.error().detail}});
            payload.append(line.bytes).append('\n');
        } else if (applied == Outcome::Applied) {
            ++answer.applied;
        } else {
            ++answer.repeated;
        }
    }
    if (!answer.setAside.isEmpty()) {
        const QString error = QString::fromUtf8(QJsonDocument(reasons).toJson(QJsonDocument::Compact));
        if (const Result<> staged = stage(writing, batch.batchId, batch.clientId, payload, error, nowMs); !staged)
            return staged.error();
    }
    return answer;
}

Result<> setAsideWhole(Writing &writing, const QString &batchId, const QString &clientId, const QByteArray &payload, const Error &why, qint64 nowMs)
{
    return stage(writing, batchId, clientId, payload, why.detail, nowMs);
}

} // namespace photolift::server
