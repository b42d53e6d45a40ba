#include "models/store/itemreader.h"

#include "models/store/rowcursor.h"

#include "models/vocabulary/ids.h"

#include <QJsonArray>

using namespace Qt::StringLiterals;

namespace photolift::store {

namespace {

/// What the newest attempts of a page say, by client_upload_id.
struct AttemptFacts {
    Status status = Status::Running;
    qint64 uploadId = 0;
    bool isCancelAsked = false;
};

struct StageFacts {
    qint64 uploadId = 0;
    Stage stage = Stage::Selection;
    bool hasEnded = false;
    bool isSuccessful = false;
};

struct UploadFacts {
    bool isCommitSent = false;
    qint64 ackedBytes = 0;
};

QStringList statesOf(ItemGroup group, bool isAtRest)
{
    const auto names = [](std::initializer_list<ItemState> states) {
        QStringList list;
        for (const ItemState state : states)
            list << QString(itemStateName(state));
        return list;
    };
    switch (group) {
    case ItemGroup::All:
        return {};
    case ItemGroup::NeedsYou:
        return names({ItemState::NeedsYou});
    case ItemGroup::Moving:
        return isAtRest ? QStringList() : names({ItemState::Running});
    case ItemGroup::Waiting:
        return isAtRest ? names({ItemState::Queued, ItemState::WaitingToRetry, ItemState::Running})
                        : names({ItemState::Queued, ItemState::WaitingToRetry});
    case ItemGroup::Done:
        return names({ItemState::Succeeded});
    case ItemGroup::AlreadyThere:
        return names({ItemState::Duplicate});
    case ItemGroup::Skipped:
        return names({ItemState::Skipped});
    }
    return {};
}

QString orderOf(const ItemFilter &filter)
{
    const QString direction = filter.isDescending ? u" DESC"_s : u" ASC"_s;
    switch (filter.order) {
    case ItemFilter::Order::File:
        // Newest drop first, its files in their order; turned round as a whole.
        return filter.isDescending ? u"b.batch_row ASC, i.ordinal DESC"_s : u"b.batch_row DESC, i.ordinal ASC"_s;
    case ItemFilter::Order::Name:
        return u"i.search_name"_s + direction + u", i.item_row"_s;
    case ItemFilter::Order::Size:
        return u"i.size"_s + direction + u", i.item_row"_s;
    case ItemFilter::Order::State:
        return u"CASE i.state WHEN 'needs_you' THEN 0 WHEN 'running' THEN 1 WHEN 'waiting_to_retry' THEN 2 WHEN 'queued' THEN 3 "
               "WHEN 'dismissed' THEN 4 WHEN 'cancelled' THEN 5 WHEN 'skipped' THEN 6 WHEN 'duplicate' THEN 7 ELSE 8 END"_s
            + direction + u", i.item_row"_s;
    }
    return {};
}

/// The conditions of a filter, its group left to the caller, and their values.
std::pair<QString, QVariantList> conditionsOf(const ItemFilter &filter)
{
    QString sql = filter.batchId.isNull() ? u"b.is_cleared = 0"_s : u"b.batch_id = ?"_s;
    QVariantList values;
    if (!filter.batchId.isNull())
        values << idText(filter.batchId);
    if (!filter.nameContains.isEmpty()) {
        sql += u" AND instr(i.search_name, ?) > 0"_s;
        values << filter.nameContains.toCaseFolded();
    }
    return {sql, values};
}

bool isGoing(ItemState state)
{
    return state == ItemState::Queued || state == ItemState::WaitingToRetry || state == ItemState::Running;
}

void addTo(BatchView &view, ItemState state, bool isSafe, qint64 items, qint64 bytes)
{
    view.found += items;
    view.bytes += bytes;
    if (isSafe)
        view.safe += items;
    else if (isGoing(state))
        view.bytesLeft += bytes;
    switch (state) {
    case ItemState::Queued:
    case ItemState::WaitingToRetry:
        view.waiting += items;
        break;
    case ItemState::Running:
        view.moving += items;
        break;
    case ItemState::NeedsYou:
        view.needsYou += items;
        break;
    case ItemState::Succeeded:
        view.done += items;
        break;
    case ItemState::Duplicate:
        view.duplicate += items;
        break;
    case ItemState::Skipped:
        view.skipped += items;
        break;
    case ItemState::Cancelled:
        view.cancelled += items;
        break;
    case ItemState::Dismissed:
        view.dismissed += items;
        break;
    }
}

/// How an unfinished stage looks, which its attempt decides.
StageState unfinishedState(Status status)
{
    switch (status) {
    case Status::WaitingToRetry:
        return StageState::Retrying;
    case Status::Failed:
        return StageState::Failed;
    case Status::Paused:
    case Status::Cancelled:
        return StageState::Paused;
    default:
        return StageState::Active;
    }
}

void showStages(ItemView &view, const QList<StageFacts> &stages, Status status)
{
    std::optional<Stage> last;
    for (const StageFacts &stage : stages) { // in the order of the eleven
        const auto at = static_cast<std::size_t>(stage.stage);
        if (stage.hasEnded) {
            view.stages[at] = stage.isSuccessful ? StageState::Done : StageState::Failed;
        } else {
            view.stages[at] = unfinishedState(status);
            // Verification runs beside the server's stages: what the server does is what is going on.
            view.currentStage = stage.stage;
        }
        last = stage.stage;
    }
    if (!view.currentStage)
        view.currentStage = last;
    if (status == Status::Duplicate && last)
        view.stages[static_cast<std::size_t>(*last)] = StageState::Duplicate;
}

} // namespace

QString idList(const QList<QUuid> &ids)
{
    QJsonArray array;
    for (const QUuid &id : ids)
        array.append(idText(id));
    return QString::fromUtf8(QJsonDocument(array).toJson(QJsonDocument::Compact));
}

QString waitingOfDrop()
{
    // Left out by row: of those that are under way hardly one waits, and to compare 100,000 rows with hundreds of ids takes its time.
    return u"batch_row = (SELECT batch_row FROM queue_batches WHERE batch_id = ?) AND state IN ('queued', 'waiting_to_retry') "
           "AND item_row NOT IN (SELECT item_row FROM queue_items "
           "WHERE item_id IN (SELECT value FROM json_each(?)) AND state IN ('queued', 'waiting_to_retry'))"_s;
}

QString numberList(const QList<qint64> &numbers)
{
    QString list;
    for (const qint64 number : numbers)
        list += (list.isEmpty() ? u""_s : u","_s) + QString::number(number);
    return u'[' + list + u']';
}

QString selectItems()
{
    return u"SELECT i.item_id, b.batch_id, i.ordinal, i.absolute_path, i.relative_path, i.size, i.modified_ns, i.inode, i.device, "
           "i.state, i.error_code, i.error_stage, i.attempt_number, i.client_upload_id, i.retry_at_ms, i.is_safe, i.sha256, "
           "i.is_missed, i.lost_sha256, i.item_row FROM queue_items i JOIN queue_batches b ON b.batch_row = i.batch_row "_s;
}

Item itemFrom(const QSqlQuery &row)
{
    RowCursor cells(row);
    Item item;
    item.itemId = cells.id();
    item.batchId = cells.id();
    item.ordinal = cells.number();
    item.absolutePath = cells.bytes();
    item.relativePath = cells.bytes();
    item.identity.size = cells.number();
    item.identity.modifiedNs = cells.number();
    item.identity.inode = static_cast<quint64>(cells.number());
    item.identity.device = static_cast<quint64>(cells.number());
    item.state = itemStateFromName(cells.text()).value_or(ItemState::Queued);
    item.errorCode = cells.code();
    item.errorStage = cells.stage();
    item.attemptNumber = cells.small();
    item.clientUploadId = cells.id();
    item.retryAtMs = cells.maybe<qint64>();
    item.isSafe = cells.flag();
    item.sha256 = cells.text();
    item.isMissed = cells.flag();
    item.lostSha256 = cells.text();
    item.rowId = cells.number();
    return item;
}

Result<QList<ItemView>> readItemViews(Statements &statements, const QList<qint64> &rowIds)
{
    const auto views = statements.read(selectItems() + u"WHERE i.item_row IN (SELECT value FROM json_each(?))"_s, {numberList(rowIds)},
                                       [](const QSqlQuery &row) {
                                           ItemView view;
                                           view.item = itemFrom(row);
                                           view.rowId = view.item.rowId;
                                           return view;
                                       });
    if (!views)
        return views.error();
    QList<QUuid> attemptIds;
    for (const ItemView &view : *views) {
        if (!view.item.clientUploadId.isNull())
            attemptIds << view.item.clientUploadId;
    }
    const QString attemptList = idList(attemptIds);

    QHash<QUuid, AttemptFacts> attempts;
    const auto readAttempts = statements.read(u"SELECT client_upload_id, upload_status_key, upload_id, "
                                              "instr(coalesce(upload_metadata, ''), '\"cancel_asked_ms\"') > 0 FROM fact_upload_attempts "
                                              "WHERE row_version > 0 AND client_upload_id IN (SELECT value FROM json_each(?))"_s,
                                              {attemptList}, [&](const QSqlQuery &row) {
                                                  RowCursor cells(row);
                                                  const QUuid id = cells.id();
                                                  const auto status = static_cast<Status>(cells.small());
                                                  const qint64 uploadId = cells.number();
                                                  attempts.insert(id, {status, uploadId, cells.flag()});
                                                  return 0;
                                              });
    if (!readAttempts)
        return readAttempts.error();

    QList<qint64> uploadIds;
    for (const AttemptFacts &attempt : std::as_const(attempts))
        uploadIds << attempt.uploadId;
    const auto stageRows = statements.read(u"SELECT upload_id, stage_name, stage_end_timestamp IS NOT NULL, is_successful "
                                           "FROM fact_upload_stages WHERE row_version > 0 AND upload_id IN (SELECT value FROM json_each(?))"_s,
                                           {numberList(uploadIds)}, [](const QSqlQuery &row) {
                                               RowCursor cells(row);
                                               StageFacts stage;
                                               stage.uploadId = cells.number();
                                               stage.stage = cells.stage().value_or(Stage::Selection);
                                               stage.hasEnded = cells.flag();
                                               stage.isSuccessful = cells.flag();
                                               return stage;
                                           });
    if (!stageRows)
        return stageRows.error();
    QHash<qint64, QList<StageFacts>> stages;
    for (const StageFacts &stage : *stageRows)
        stages[stage.uploadId] << stage;

    QHash<QUuid, UploadFacts> uploads;
    const auto readUploads =
        statements.read(u"SELECT client_upload_id, is_commit_sent, (SELECT coalesce(sum(size), 0) FROM queue_parts p "
                        "WHERE p.client_upload_id = u.client_upload_id) FROM queue_uploads u "
                        "WHERE client_upload_id IN (SELECT value FROM json_each(?))"_s,
                        {attemptList}, [&](const QSqlQuery &row) {
                            RowCursor cells(row);
                            const QUuid id = cells.id();
                            const bool isCommitSent = cells.flag();
                            uploads.insert(id, {isCommitSent, cells.number()});
                            return 0;
                        });
    if (!readUploads)
        return readUploads.error();

    QHash<qint64, ItemView> byRow;
    for (ItemView view : *views) {
        const QUuid id = view.item.clientUploadId;
        if (const auto attempt = attempts.constFind(id); attempt != attempts.cend()) {
            QList<StageFacts> reached = stages.value(attempt->uploadId);
            std::sort(reached.begin(), reached.end(), [](const StageFacts &a, const StageFacts &b) { return a.stage < b.stage; });
            view.attemptStatus = attempt->status;
            view.isCancelAsked = attempt->isCancelAsked;
            showStages(view, reached, attempt->status);
            view.isCommitted = !reached.isEmpty() && isServerStage(reached.last().stage);
        }
        if (const auto upload = uploads.constFind(id); upload != uploads.cend()) {
            view.isCommitted = view.isCommitted || upload->isCommitSent;
            view.ackedBytes = upload->ackedBytes;
        }
        byRow.insert(view.rowId, view);
    }
    QList<ItemView> ordered;
    for (const qint64 rowId : rowIds) {
        if (const auto view = byRow.constFind(rowId); view != byRow.cend())
            ordered << *view;
    }
    return ordered;
}

Result<QList<qint64>> readItemOrder(Statements &statements, const ItemFilter &filter)
{
    auto [conditions, values] = conditionsOf(filter);
    if (filter.group != ItemGroup::All) {
        const QStringList states = statesOf(filter.group, filter.isAtRest);
        conditions += u" AND i.state IN ("_s + QStringList(states.size(), u"?"_s).join(u',') + u')';
        for (const QString &state : states)
            values << state;
    }
    values << (filter.most > 0 ? filter.most : -1);
    return statements.read(u"SELECT i.item_row FROM queue_batches b JOIN queue_items i ON i.batch_row = b.batch_row WHERE "_s + conditions
                               + u" ORDER BY "_s + orderOf(filter) + u" LIMIT ?"_s,
                           values, [](const QSqlQuery &row) { return row.value(0).toLongLong(); });
}

Result<QHash<ItemGroup, qint64>> readGroupCounts(Statements &statements, const ItemFilter &filter)
{
    const auto [conditions, values] = conditionsOf(filter);
    // Without a name the counts are there already; with one the names have to be looked at.
    const QString sql = filter.nameContains.isEmpty()
        ? u"SELECT i.state, sum(i.num_items) FROM queue_counts i JOIN queue_batches b ON b.batch_row = i.batch_row WHERE "_s + conditions
            + u" GROUP BY i.state"_s
        : u"SELECT i.state, count(*) FROM queue_items i JOIN queue_batches b ON b.batch_row = i.batch_row WHERE "_s + conditions
            + u" GROUP BY i.state"_s;
    QHash<QString, qint64> byState;
    const auto read = statements.read(sql, values, [&](const QSqlQuery &row) {
        byState.insert(row.value(0).toString(), row.value(1).toLongLong());
        return 0;
    });
    if (!read)
        return read.error();
    QHash<ItemGroup, qint64> counts;
    for (const qint64 count : std::as_const(byState))
        counts[ItemGroup::All] += count;
    for (const ItemGroup group : {ItemGroup::NeedsYou, ItemGroup::Moving, ItemGroup::Waiting, ItemGroup::Done, ItemGroup::AlreadyThere,
                                  ItemGroup::Skipped}) {
        qint64 sum = 0;
        const QStringList states = statesOf(group, filter.isAtRest);
        for (const QString &state : states)
            sum += byState.value(state);
        counts.insert(group, sum);
    }
    return counts;
}

Result<qint64> readCountOfCause(Statements &statements, ErrorCode cause)
{
    // The first term is that of the partial index queue_items_under_way, word for word: only so SQLite knows that it may use it.
    const auto count = statements.read(u"SELECT count(*) FROM queue_items WHERE (state = 'running' OR state = 'waiting_to_retry' OR state = 'needs_you') "
                                       "AND state IN ('waiting_to_retry', 'needs_you') AND error_code = ?"_s,
                                       {QString(errorName(cause))}, [](const QSqlQuery &row) { return row.value(0).toLongLong(); });
    if (!count)
        return count.error();
    return count->value(0);
}

Result<QueueFigures> readQueueFigures(Statements &statements)
{
    QueueFigures figures;
    // "paused" is what the pipeline keeps there while a person holds everything.
    const auto read = statements.read(
        u"SELECT c.state, q.is_paused OR EXISTS (SELECT 1 FROM settings WHERE key = 'paused' AND value = '1'), sum(c.num_items), "
        "min(d.created_timestamp) FROM queue_counts c JOIN queue_batches q ON q.batch_row = c.batch_row "
        "LEFT JOIN dim_batches d ON d.batch_id = q.batch_id WHERE c.num_items > 0 GROUP BY 1, 2"_s,
        {}, [&](const QSqlQuery &row) {
            RowCursor cells(row);
            const ItemState state = itemStateFromName(cells.text()).value_or(ItemState::Queued);
            const bool isPaused = cells.flag();
            const qint64 items = cells.number();
            const std::optional<qint64> createdMs = cells.maybe<qint64>();
            if (state == ItemState::Running)
                figures.running += items;
            if (state == ItemState::NeedsYou)
                figures.needsYou += items;
            if (state != ItemState::Queued && state != ItemState::WaitingToRetry)
                return 0;
            (isPaused ? figures.paused : state == ItemState::Queued ? figures.waiting : figures.waitingToRetry) += items;
            if (createdMs && (!figures.oldestMs || *createdMs < *figures.oldestMs))
                figures.oldestMs = createdMs;
            return 0;
        });
    if (!read)
        return read.error();
    return figures;
}

Result<QList<BatchView>> readBatches(Statements &statements, bool withCleared)
{
    auto views = statements.read(
        u"SELECT q.batch_row, q.batch_id, d.batch_name, p.project_id, d.source_kind, d.source_label, d.created_timestamp, d.num_photos, "
        "d.total_bytes, p.project_name, q.is_paused, q.is_counted, q.is_cleared, q.num_unread, q.last_ended_ms FROM queue_batches q "
        "LEFT JOIN dim_batches d ON d.batch_id = q.batch_id LEFT JOIN dim_projects p ON p.project_key = d.project_key "
        "WHERE q.is_cleared = 0 OR ? ORDER BY q.batch_row DESC"_s,
        {withCleared}, [](const QSqlQuery &row) {
            RowCursor cells(row);
            BatchView view;
            view.rowId = cells.number();
            view.batch.batchId = cells.id();
            view.batch.name = cells.text();
            view.batch.projectId = cells.id();
            view.batch.source = sourceKindFromName(cells.text()).value_or(SourceKind::Drop);
            view.batch.sourceLabel = cells.text();
            view.batch.createdMs = cells.number();
            view.batch.numPhotos = cells.maybe<qint64>();
            view.batch.totalBytes = cells.maybe<qint64>();
            view.projectName = cells.text();
            view.isPaused = cells.flag();
            view.isCounted = cells.flag();
            view.isCleared = cells.flag();
            view.unread = cells.number();
            view.finishedMs = cells.maybe<qint64>();
            return view;
        });
    if (!views)
        return views.error();
    QHash<qint64, BatchView *> byRow;
    for (BatchView &view : *views)
        byRow.insert(view.rowId, &view);
    const auto counted = statements.read(u"SELECT batch_row, state, is_safe, num_items, num_bytes FROM queue_counts"_s, {}, [&](const QSqlQuery &row) {
        RowCursor cells(row);
        BatchView *view = byRow.value(cells.number());
        const ItemState state = itemStateFromName(cells.text()).value_or(ItemState::Queued);
        const bool isSafe = cells.flag();
        const qint64 items = cells.number();
        if (view)
            addTo(*view, state, isSafe, items, cells.number());
        return 0;
    });
    if (!counted)
        return counted.error();
    // The terms of the partial index queue_items_missed, word for word: only so SQLite knows that it may use it.
    const auto missed = statements.read(u"SELECT batch_row, count(*) FROM queue_items WHERE state = 'skipped' AND is_missed = 1 GROUP BY batch_row"_s,
                                        {}, [&](const QSqlQuery &row) {
                                            if (BatchView *view = byRow.value(row.value(0).toLongLong()))
                                                view->missed = row.value(1).toLongLong();
                                            return 0;
                                        });
    if (!missed)
        return missed.error();
    for (BatchView &view : *views) {
        if (!view.isCounted || view.waiting + view.moving > 0)
            view.finishedMs.reset();
    }
    return views;
}

} // namespace photolift::store
