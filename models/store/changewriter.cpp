#include "models/store/changewriter.h"

#include "models/store/dropcount.h"
#include "models/store/itemreader.h"
#include "models/vocabulary/errorcode.h"
#include "models/vocabulary/ids.h"
#include "models/vocabulary/pathtext.h"

#include <QLoggingCategory>

using namespace Qt::StringLiterals;
using Kind = photolift::wire::MirrorEvent::Kind;

namespace photolift::store {

namespace {

Q_LOGGING_CATEGORY(lcChange, "photolift.store.change")

QVariant idColumn(const QUuid &id)
{
    return id.isNull() ? QVariant() : QVariant(idText(id));
}

QVariant codeColumn(const std::optional<ErrorCode> &code)
{
    return code ? QVariant(QString(errorName(*code))) : QVariant();
}

QVariant stageColumn(const std::optional<Stage> &stage)
{
    return stage ? QVariant(QString(stageName(*stage))) : QVariant();
}

/// SQLite's integers are signed; the bits stay the same.
qint64 signedBits(quint64 value)
{
    return static_cast<qint64>(value);
}

QByteArray rootsColumn(const QList<QByteArray> &roots)
{
    QByteArray bytes("");
    for (const QByteArray &root : roots)
        bytes += root + '\0';
    return bytes;
}

QString searchName(const QByteArray &relativePath)
{
    return textFromPath(relativePath).toCaseFolded();
}

} // namespace

Result<> ChangeWriter::write(const Change &change)
{
    return std::visit([this](const auto &what) { return apply(what); }, change);
}

Result<> ChangeWriter::execute(const QString &sql, const QVariantList &values)
{
    const Result<int> done = m_statements.write(sql, values);
    return done ? Result<>() : Result<>(done.error());
}

template <typename Record>
Result<> ChangeWriter::mirror(Kind kind, const QUuid &eventId, const Record &record, const QString &key)
{
    return m_outbox.put({eventId, kind, toJson(record)}, QString(wire::eventKindName(kind)) + u' ' + key);
}

/// A fact with a version: into the star, and into the outbox when it is ours and new.
template <typename Record>
Result<> ChangeWriter::record(Kind kind, const Record &record, const QString &key, bool isFromServer)
{
    const QUuid eventId = isFromServer ? QUuid() : newUuid7();
    const Result<StarWriter::Outcome> outcome = m_star.write(record, eventId);
    if (!outcome)
        return outcome.error();
    if (isFromServer)
        return {};
    if (*outcome == StarWriter::Outcome::Repeated) {
        qCWarning(lcChange) << "recorded without a higher row_version, so nothing changed:" << wire::eventKindName(kind) << key;
        return {};
    }
    return mirror(kind, eventId, record, key);
}

Result<BatchRecord> ChangeWriter::batch(const QUuid &batchId)
{
    const auto found = m_statements.read(
        u"SELECT batch_name, project_id, source_kind, source_label, created_timestamp, num_photos, total_bytes "
        "FROM dim_batches b LEFT JOIN dim_projects p ON p.project_key = b.project_key WHERE batch_id = ?"_s,
        {idText(batchId)}, [&](const QSqlQuery &row) {
            BatchRecord batch;
            batch.batchId = batchId;
            batch.name = row.value(0).toString();
            batch.projectId = QUuid::fromString(row.value(1).toString());
            batch.source = sourceKindFromName(row.value(2).toString()).value_or(SourceKind::Drop);
            batch.sourceLabel = row.value(3).toString();
            batch.createdMs = row.value(4).toLongLong();
            return batch;
        });
    if (!found)
        return found.error();
    if (found->isEmpty())
        return Error{ErrorCode::InternalUnknown, u"a batch that nobody accepted: "_s + idText(batchId)};
    return found->first();
}

Result<> ChangeWriter::apply(const BatchAccepted &change)
{
    const QUuid projectEvent = newUuid7();
    const Result<StarWriter::Outcome> project = m_star.write(change.project, projectEvent);
    if (!project)
        return project.error();
    if (*project == StarWriter::Outcome::Applied) {
        if (const Result<> put = mirror(Kind::Project, projectEvent, change.project, idText(change.project.projectId)); !put)
            return put;
    }
    const QUuid batchEvent = newUuid7();
    const Result<StarWriter::Outcome> batch = m_star.write(change.batch, batchEvent);
    if (!batch)
        return batch.error();
    if (*batch == StarWriter::Outcome::Applied) {
        if (const Result<> put = mirror(Kind::Batch, batchEvent, change.batch, idText(change.batch.batchId)); !put)
            return put;
    }
    return execute(u"INSERT INTO queue_batches (batch_id, roots, is_background) VALUES (?, ?, ?) ON CONFLICT (batch_id) DO NOTHING"_s,
                   {idText(change.batch.batchId), rootsColumn(change.roots), change.isBackground});
}

Result<> ChangeWriter::apply(const ItemsFound &change)
{
    const auto batchRow = m_statements.number(u"SELECT batch_row FROM queue_batches WHERE batch_id = ?"_s, {idText(change.batchId)});
    if (!batchRow)
        return batchRow.error();
    if (!*batchRow)
        return Error{ErrorCode::InternalUnknown, u"photos of a batch that nobody accepted: "_s + idText(change.batchId)};
    for (const Item &item : change.items) {
        // A walk that starts again after a crash finds the same files: the rows that are there stay.
        const Result<> added = execute(
            u"INSERT INTO queue_items (item_id, batch_row, ordinal, absolute_path, relative_path, search_name, size, modified_ns, inode, "
            "device, state, error_code, error_stage, attempt_number, client_upload_id, retry_at_ms, is_safe, sha256, is_missed) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"_s,
            {idText(item.itemId), **batchRow, item.ordinal, item.absolutePath, item.relativePath, searchName(item.relativePath),
             item.identity.size, item.identity.modifiedNs, signedBits(item.identity.inode), signedBits(item.identity.device),
             QString(itemStateName(item.state)), codeColumn(item.errorCode), stageColumn(item.errorStage), item.attemptNumber,
             idColumn(item.clientUploadId), orNull(item.retryAtMs), item.isSafe, orNull(item.sha256), item.isMissed});
        if (!added)
            return added;
    }
    if (change.items.isEmpty())
        return {};
    // And what has appeared since then stands among them, where selection may have looked already.
    return execute(u"UPDATE queue_batches SET looked_to = ? WHERE batch_row = ? AND looked_to >= ?"_s,
                   {change.items.first().ordinal - 1, **batchRow, change.items.first().ordinal});
}

Result<> ChangeWriter::apply(const BatchCounted &change)
{
    // An empty or wholly skipped drop ends with its walk.
    const Result<> counted = execute(
        u"UPDATE queue_batches SET is_counted = 1, num_unread = ?, last_ended_ms = coalesce(last_ended_ms, ?) WHERE batch_id = ?"_s,
        {change.numUnread, nowMs(), idText(change.batchId)});
    return counted ? countDrop(u"SELECT batch_row FROM queue_batches WHERE batch_id = ?"_s, change.batchId) : counted;
}

Result<> ChangeWriter::apply(const DropLooked &change)
{
    const Result<> looked =
        execute(u"UPDATE queue_batches SET looked_to = ? WHERE batch_id = ?"_s, {change.toOrdinal, idText(change.batchId)});
    return looked ? countDrop(u"SELECT batch_row FROM queue_batches WHERE batch_id = ?"_s, change.batchId) : looked;
}

Result<> ChangeWriter::countDrop(const QString &rowOfDrop, const QUuid &id)
{
    const auto batchRow = m_statements.number(rowOfDrop, {idText(id)});
    if (!batchRow)
        return batchRow.error();
    if (!*batchRow)
        return {};
    const auto count = newCountOfDrop(m_statements, **batchRow);
    if (!count)
        return count.error();
    if (!*count)
        return {};
    Result<BatchRecord> record = batch((*count)->batchId);
    if (!record)
        return record.error();
    record->numPhotos = (*count)->photos;
    record->totalBytes = (*count)->bytes;
    const QUuid eventId = newUuid7();
    const Result<StarWriter::Outcome> outcome = m_star.write(*record, eventId);
    if (!outcome)
        return outcome.error();
    return *outcome == StarWriter::Outcome::Applied ? mirror(Kind::Batch, eventId, *record, idText(record->batchId)) : Result<>();
}

Result<> ChangeWriter::apply(const WalkReopened &change)
{
    return execute(u"UPDATE queue_batches SET is_counted = 0, looked_to = -1 WHERE batch_id = ?"_s, {idText(change.batchId)});
}

Result<> ChangeWriter::apply(const BatchPaused &change)
{
    return execute(u"UPDATE queue_batches SET is_paused = ? WHERE batch_id = ?"_s, {change.isPaused, idText(change.batchId)});
}

Result<> ChangeWriter::apply(const BatchPriority &change)
{
    return execute(u"UPDATE queue_batches SET priority = ? WHERE batch_id = ?"_s, {change.priority, idText(change.batchId)});
}

Result<> ChangeWriter::apply(const BatchCleared &change)
{
    return execute(u"UPDATE queue_batches SET is_cleared = 1 WHERE batch_id = ?"_s, {idText(change.batchId)});
}

Result<> ChangeWriter::apply(const ItemMoved &change)
{
    const Item &item = change.item;
    const Result<int> moved = m_statements.write(
        u"UPDATE queue_items SET size = ?, modified_ns = ?, inode = ?, device = ?, state = ?, error_code = ?, error_stage = ?, "
        "attempt_number = ?, client_upload_id = ?, retry_at_ms = ?, is_safe = ?, sha256 = ?, is_missed = ?, lost_sha256 = ? WHERE item_id = ?"_s,
        {item.identity.size, item.identity.modifiedNs, signedBits(item.identity.inode), signedBits(item.identity.device),
         QString(itemStateName(item.state)), codeColumn(item.errorCode), stageColumn(item.errorStage), item.attemptNumber,
         idColumn(item.clientUploadId), orNull(item.retryAtMs), item.isSafe, orNull(item.sha256), item.isMissed, orNull(item.lostSha256),
         idText(item.itemId)});
    if (!moved)
        return moved.error();
    if (*moved != 1)
        return Error{ErrorCode::InternalUnknown, u"a photo that is not in the queue: "_s + idText(item.itemId)};
    if (!item.lostSha256.isEmpty()) { // of a drop that was over and put away, too: somebody has to see that
        const Result<> shown = execute(
            u"UPDATE queue_batches SET is_cleared = 0 WHERE is_cleared = 1 AND batch_row = (SELECT batch_row FROM queue_items WHERE item_id = ?)"_s,
            {idText(item.itemId)});
        if (!shown)
            return shown;
    }
    if (item.state == ItemState::Queued || item.state == ItemState::Running) // selection has not judged it yet
        return {};
    if (isEnded(item.state)) {
        const Result<> ended = execute(
            u"UPDATE queue_batches SET last_ended_ms = ? WHERE batch_row = (SELECT batch_row FROM queue_items WHERE item_id = ?)"_s,
            {nowMs(), idText(item.itemId)});
        if (!ended)
            return ended;
    }
    return countDrop(u"SELECT batch_row FROM queue_items WHERE item_id = ?"_s, item.itemId);
}

Result<> ChangeWriter::apply(const DropCancelled &change)
{
    const QString batch = idText(change.batchId);
    // From here to its removal the photos of the drop are not counted one by one (005_cancel_of_drops.sql).
    const Result<> begun = execute(u"INSERT INTO queue_cancels SELECT batch_row FROM queue_batches WHERE batch_id = ?"_s, {batch});
    if (!begun)
        return begun;
    const Result<> cancelled = execute(
        u"UPDATE queue_items SET state = 'cancelled', error_code = ?, error_stage = NULL, retry_at_ms = NULL WHERE "_s + waitingOfDrop()
            + u" AND item_row <= ?"_s,
        {codeColumn(ErrorCode::UserCancelled), batch, idList(change.except), change.lastRow});
    if (!cancelled)
        return cancelled;
    if (const Result<> counted = execute(u"DELETE FROM queue_cancels"_s, {}); !counted)
        return counted;
    if (const Result<> ended = execute(u"UPDATE queue_batches SET last_ended_ms = ? WHERE batch_id = ?"_s, {nowMs(), batch}); !ended)
        return ended;
    return countDrop(u"SELECT batch_row FROM queue_batches WHERE batch_id = ?"_s, change.batchId);
}

Result<> ChangeWriter::apply(const CancelUndone &change)
{
    // Nobody looked at what was cancelled.
    if (const Result<> anew = execute(u"UPDATE queue_batches SET looked_to = -1 WHERE looked_to >= 0"_s, {}); !anew)
        return anew;
    return execute(u"UPDATE queue_items SET state = 'queued', error_code = NULL, error_stage = NULL, retry_at_ms = NULL "
                   "WHERE item_id IN (SELECT value FROM json_each(?)) AND state = 'cancelled'"_s,
                   {idList(change.items)});
}

Result<> ChangeWriter::apply(const UploadAssigned &change)
{
    const QString attempt = idText(change.clientUploadId);
    const QString upload = idText(change.uploadId);
    // Parts belong to the server's upload: another upload id begins without any.
    const Result<> dropped = execute(u"DELETE FROM queue_parts WHERE client_upload_id = ? AND NOT EXISTS "
                                     "(SELECT 1 FROM queue_uploads WHERE client_upload_id = ? AND upload_id = ?)"_s,
                                     {attempt, attempt, upload});
    if (!dropped)
        return dropped;
    return execute(u"INSERT INTO queue_uploads AS t (client_upload_id, upload_id, part_bytes) VALUES (?, ?, ?) "
                   "ON CONFLICT (client_upload_id) DO UPDATE SET "
                   "is_commit_sent = CASE WHEN t.upload_id = excluded.upload_id THEN t.is_commit_sent ELSE 0 END, "
                   "upload_id = excluded.upload_id, part_bytes = excluded.part_bytes"_s,
                   {attempt, upload, change.partBytes});
}

Result<> ChangeWriter::apply(const PartAcknowledged &change)
{
    return execute(u"INSERT INTO queue_parts (client_upload_id, number, size, checksum) VALUES (?, ?, ?, ?) "
                   "ON CONFLICT (client_upload_id, number) DO UPDATE SET size = excluded.size, checksum = excluded.checksum"_s,
                   {idText(change.clientUploadId), change.number, change.size, change.checksum});
}

Result<> ChangeWriter::apply(const CommitSent &change)
{
    const Result<int> marked =
        m_statements.write(u"UPDATE queue_uploads SET is_commit_sent = 1 WHERE client_upload_id = ?"_s, {idText(change.clientUploadId)});
    if (!marked)
        return marked.error();
    if (*marked != 1)
        return Error{ErrorCode::InternalUnknown, u"a commit of an upload the server never named: "_s + idText(change.clientUploadId)};
    return {};
}

Result<> ChangeWriter::apply(const UploadForgotten &change)
{
    const QString attempt = idText(change.clientUploadId);
    if (const Result<> parts = execute(u"DELETE FROM queue_parts WHERE client_upload_id = ?"_s, {attempt}); !parts)
        return parts;
    return execute(u"DELETE FROM queue_uploads WHERE client_upload_id = ?"_s, {attempt});
}

Result<> ChangeWriter::apply(const SettingChanged &change)
{
    return execute(u"INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"_s,
                   {change.key, change.value.isNull() ? u""_s : change.value});
}

Result<> ChangeWriter::apply(const AttemptChanged &change)
{
    return record(Kind::Attempt, change.attempt, idText(change.attempt.clientUploadId), change.isFromServer);
}

Result<> ChangeWriter::apply(const StageChanged &change)
{
    const StageRecord &stage = change.stage;
    const Result<> recorded = record(Kind::Stage, stage, idText(stage.clientUploadId) + u' ' + stageName(stage.stage), change.isFromServer);
    if (!recorded || stage.stage != Stage::Selection || !stage.endedMs)
        return recorded;
    return countDrop(u"SELECT i.batch_row FROM fact_upload_attempts a JOIN queue_items i ON i.item_id = a.item_id WHERE a.client_upload_id = ?"_s,
                     stage.clientUploadId);
}

Result<> ChangeWriter::apply(const ServerStagesLost &change)
{
    QStringList names;
    for (const Stage stage : AllStages) {
        if (isServerStage(stage))
            names << u'\'' + QString(stageName(stage)) + u'\'';
    }
    const QString stages = u"FROM fact_upload_attempts a WHERE a.client_upload_id = ? AND a.upload_id = s.upload_id) AND s.stage_name IN ("_s
        + names.join(u", "_s) + u')';
    const QString attempt = idText(change.clientUploadId);
    // An error says in which stage it was: that row stays, as one of which nothing is known yet.
    const Result<> gone = execute(u"DELETE FROM fact_upload_stages AS s WHERE EXISTS (SELECT 1 "_s + stages
                                      + u" AND NOT EXISTS (SELECT 1 FROM fact_upload_errors e WHERE e.stage_id = s.stage_id)"_s,
                                  {attempt});
    if (!gone)
        return gone;
    return execute(u"UPDATE fact_upload_stages AS s SET row_version = 0 WHERE EXISTS (SELECT 1 "_s + stages, {attempt});
}

Result<> ChangeWriter::apply(const ErrorHappened &change)
{
    const Result<StarWriter::Outcome> outcome = m_star.write(change.error);
    if (!outcome)
        return outcome.error();
    if (change.isFromServer || *outcome == StarWriter::Outcome::Repeated)
        return {};
    return mirror(Kind::Error, change.error.errorUid, change.error, idText(change.error.errorUid));
}

Result<> ChangeWriter::apply(const PhotoKnown &change)
{
    return record(Kind::Photo, change.photo, idText(change.photo.clientUploadId), change.isFromServer);
}

Result<> ChangeWriter::apply(const HeartbeatTaken &change)
{
    const Result<StarWriter::Outcome> outcome = m_star.write(change.heartbeat, 0);
    if (!outcome)
        return outcome.error();
    if (*outcome == StarWriter::Outcome::Repeated)
        return {};
    return mirror(Kind::Heartbeat, change.heartbeat.heartbeatId, change.heartbeat, idText(change.heartbeat.heartbeatId));
}

} // namespace photolift::store
