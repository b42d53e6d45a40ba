#include "models/store/worklist.h"

#include "models/store/attemptreader.h"
#include "models/store/database.h"
#include "models/store/itemreader.h"
#include "models/store/queuedpaths.h"
#include "models/store/rowcursor.h"
#include "models/store/statements.h"

#include "models/vocabulary/ids.h"

using namespace Qt::StringLiterals;

namespace photolift::store {

namespace {

constexpr qsizetype IdTextLength = 36;

/// The term of the partial index queue_items_under_way, word for word: only so SQLite knows that it may use it.
QString underWay()
{
    return u"WHERE (i.state = 'running' OR i.state = 'waiting_to_retry' OR i.state = 'needs_you') AND "_s;
}

QString selectBatches()
{
    return u"SELECT q.batch_id, q.roots, q.is_background, d.batch_name, d.source_kind, d.source_label, d.created_timestamp, d.num_photos, "
           "d.total_bytes, p.project_id, p.project_name, u.user_id, p.state, p.is_active FROM queue_batches q "
           "JOIN dim_batches d ON d.batch_id = q.batch_id JOIN dim_projects p ON p.project_key = d.project_key "
           "JOIN dim_users u ON u.user_key = p.owner_user_key "_s;
}

BatchAccepted batchFrom(const QSqlQuery &row)
{
    RowCursor cells(row);
    BatchAccepted accepted;
    accepted.batch.batchId = cells.id();
    accepted.roots = rootsFrom(cells.bytes());
    accepted.isBackground = cells.flag();
    accepted.batch.name = cells.text();
    accepted.batch.source = sourceKindFromName(cells.text()).value_or(SourceKind::Drop);
    accepted.batch.sourceLabel = cells.text();
    accepted.batch.createdMs = cells.number();
    accepted.batch.numPhotos = cells.maybe<qint64>();
    accepted.batch.totalBytes = cells.maybe<qint64>();
    accepted.project.projectId = cells.id();
    accepted.project.name = cells.text();
    accepted.project.ownerUserId = cells.text();
    accepted.project.state = cells.text();
    accepted.project.isActive = cells.flag();
    accepted.batch.projectId = accepted.project.projectId;
    return accepted;
}

template <typename T> Result<std::optional<T>> firstOf(const Result<QList<T>> &list)
{
    if (!list)
        return list.error();
    return list->isEmpty() ? std::optional<T>() : std::optional<T>(list->first());
}

} // namespace

class WorkList::Private
{
public:
    explicit Private(std::unique_ptr<Connection> opened)
        : connection(std::move(opened))
        , statements(connection->database())
    {
    }

    Result<QList<Item>> items(const QString &conditions, const QVariantList &values)
    {
        return statements.read(selectItems() + conditions, values, itemFrom);
    }
    /// Rows of the drops that nothing holds and that have photos in this state, best first. Read from the count of each drop.
    Result<QList<qint64>> dropsWith(ItemState state, const QSet<QUuid> &except)
    {
        return statements.read(
            u"SELECT b.batch_row FROM queue_batches b WHERE b.is_paused = 0 AND b.batch_id NOT IN (SELECT value FROM json_each(?)) AND EXISTS "
            "(SELECT 1 FROM queue_counts c WHERE c.batch_row = b.batch_row AND c.state = ? AND c.num_items > 0) "
            "ORDER BY b.priority DESC, b.batch_row"_s,
            {idList(except.values()), QString(itemStateName(state))}, [](const QSqlQuery &row) { return row.value(0).toLongLong(); });
    }

    std::unique_ptr<Connection> connection;
    Statements statements;
};

WorkList::WorkList(std::unique_ptr<Private> made)
    : d(std::move(made))
{
}

WorkList::~WorkList() = default;

Result<std::unique_ptr<WorkList>> WorkList::open(const QString &databasePath)
{
    Result<std::unique_ptr<Connection>> connection = Connection::open(databasePath, Connection::Use::Read);
    if (!connection)
        return connection.error();
    return std::unique_ptr<WorkList>(new WorkList(std::make_unique<Private>(std::move(*connection))));
}

Result<QList<Item>> WorkList::next(int limit, const QSet<QUuid> &except, const QSet<QUuid> &exceptBatches)
{
    const Result<QList<qint64>> batches = d->dropsWith(ItemState::Queued, exceptBatches);
    if (!batches)
        return batches.error();
    QList<Item> best;
    for (const qint64 batch : *batches) {
        const Result<QList<Item>> queued = d->items(
            u"WHERE i.batch_row = ? AND i.state = 'queued' ORDER BY i.ordinal LIMIT ?"_s,
            {batch, limit - best.size() + except.size()});
        if (!queued)
            return queued.error();
        for (const Item &item : *queued) {
            if (best.size() < limit && !except.contains(item.itemId))
                best << item;
        }
        if (best.size() >= limit)
            break;
    }
    return best;
}

Result<QList<Item>> WorkList::queuedBehind(const QHash<QUuid, qint64> &ordinals, int limit)
{
    struct Drop {
        qint64 row = 0;
        QUuid id;
    };
    const auto drops = d->statements.read(
        u"SELECT b.batch_row, b.batch_id FROM queue_batches b WHERE EXISTS (SELECT 1 FROM queue_counts c "
        "WHERE c.batch_row = b.batch_row AND c.state = 'queued' AND c.num_items > 0) ORDER BY b.batch_row"_s,
        {}, [](const QSqlQuery &row) {
            RowCursor cells(row);
            const qint64 number = cells.number();
            return Drop{number, cells.id()};
        });
    if (!drops)
        return drops.error();
    QList<Item> behind;
    for (const Drop &drop : *drops) {
        const Result<QList<Item>> queued = d->items(u"WHERE i.batch_row = ? AND i.state = 'queued' AND i.ordinal > ? ORDER BY i.ordinal LIMIT ?"_s,
                                                    {drop.row, ordinals.value(drop.id, -1), limit - behind.size()});
        if (!queued)
            return queued.error();
        behind += *queued;
        if (behind.size() >= limit)
            break;
    }
    return behind;
}

Result<QList<Item>> WorkList::unfinished()
{
    return d->items(underWay() + u"i.state IN ('running', 'waiting_to_retry') AND (i.state = 'running' OR i.error_code IS NOT ?) "
                                 "ORDER BY b.priority DESC, i.batch_row, i.ordinal"_s,
                    {QString(errorName(ErrorCode::StorageCopyDamaged))});
}

Result<QList<Item>> WorkList::endedWell(const QList<QUuid> &clientUploadIds)
{
    // By way of the attempts: photos are not found by theirs.
    return d->items(u"JOIN fact_upload_attempts a ON a.item_id = i.item_id AND a.client_upload_id = i.client_upload_id "
                    "WHERE a.client_upload_id IN (SELECT value FROM json_each(?)) AND i.state IN ('succeeded', 'duplicate')"_s,
                    {idList(clientUploadIds)});
}

QString WorkList::lostCopiesQuestion()
{
    // By row, as the index has them: 100,000 are not sorted for each page. Rows count up with the drops and their files.
    // The plus keeps SQLite from ever going drop by drop, whatever it thinks of their sizes: that would be another index and a sort.
    return selectItems() + underWay()
        + u"i.state = 'waiting_to_retry' AND i.error_code = ? AND +i.batch_row IN (SELECT value FROM json_each(?)) ORDER BY i.item_row LIMIT ?"_s;
}

Result<QList<Item>> WorkList::lostCopies(int limit, const QSet<QUuid> &exceptBatches)
{
    const Result<QList<qint64>> batches = d->dropsWith(ItemState::WaitingToRetry, exceptBatches);
    if (!batches)
        return batches.error();
    if (batches->isEmpty())
        return QList<Item>(); // however many wait in a drop that is held: none of them is looked at
    return d->statements.read(lostCopiesQuestion(), {QString(errorName(ErrorCode::StorageCopyDamaged)), numberList(*batches), limit}, itemFrom);
}

Result<WorkList::Load> WorkList::notSent()
{
    const auto sums = d->statements.read(u"SELECT coalesce(sum(num_items), 0), coalesce(sum(num_bytes), 0) FROM queue_counts "
                                         "WHERE state IN ('queued', 'running', 'waiting_to_retry')"_s,
                                         {}, [](const QSqlQuery &row) { return Load{row.value(0).toLongLong(), row.value(1).toLongLong()}; });
    if (!sums)
        return sums.error();
    return sums->value(0);
}

Result<QList<OpenDrop>> WorkList::openDrops(const QUuid &exceptBatch)
{
    return readOpenDrops(d->statements, exceptBatch);
}

Result<QHash<QByteArray, QueuedPhoto>> WorkList::queuedAmong(const QList<QByteArray> &paths, const QList<qint64> &drops)
{
    return readQueuedPaths(d->statements, paths, drops);
}

Result<QList<BatchAccepted>> WorkList::uncountedBatches()
{
    return d->statements.read(selectBatches() + u"WHERE q.is_counted = 0 ORDER BY q.batch_row"_s, {}, batchFrom);
}

Result<std::optional<Item>> WorkList::item(const QUuid &itemId)
{
    return firstOf(d->items(u"WHERE i.item_id = ?"_s, {idText(itemId)}));
}

Result<QList<Item>> WorkList::itemsOfBatch(const QUuid &batchId, ItemState state, int limit)
{
    return d->items(u"WHERE b.batch_id = ? AND i.state = ? ORDER BY i.ordinal LIMIT ?"_s,
                    {idText(batchId), QString(itemStateName(state)), limit});
}

Result<WorkList::WaitingItems> WorkList::waitingOfBatch(const QUuid &batchId, const QSet<QUuid> &except)
{
    // One row with all ids behind each other: 100,000 rows of a query take twice as long.
    const auto rows = d->statements.read(
        u"SELECT group_concat(item_id, ''), max(item_row) FROM queue_items WHERE "_s + waitingOfDrop(),
        {idText(batchId), idList(except.values())}, [](const QSqlQuery &row) {
            RowCursor cells(row);
            WaitingItems waiting;
            const QString ids = cells.text();
            for (qsizetype at = 0; at < ids.size(); at += IdTextLength)
                waiting.items << QUuid::fromString(QStringView(ids).mid(at, IdTextLength));
            waiting.lastRow = cells.number();
            return waiting;
        });
    if (!rows)
        return rows.error();
    return rows->value(0);
}

Result<WorkList::CancelledItems> WorkList::cancelledAmong(const QList<QUuid> &items)
{
    CancelledItems cancelled;
    QSet<QUuid> batches;
    const auto rows = d->statements.read(
        u"SELECT i.item_id, b.batch_id FROM queue_items i JOIN queue_batches b ON b.batch_row = i.batch_row "
        "WHERE i.item_id IN (SELECT value FROM json_each(?)) AND i.state = 'cancelled'"_s,
        {idList(items)}, [&cancelled, &batches](const QSqlQuery &row) {
            RowCursor cells(row);
            cancelled.items << cells.id();
            batches.insert(cells.id());
            return 0;
        });
    if (!rows)
        return rows.error();
    cancelled.batches = batches.values();
    return cancelled;
}

Result<QList<Item>> WorkList::needsYou(std::optional<ErrorCode> cause, const QUuid &batchId, int limit)
{
    QString conditions = underWay() + u"i.state = 'needs_you'"_s;
    QVariantList values;
    if (cause) {
        conditions += u" AND i.error_code = ?"_s;
        values << QString(errorName(*cause));
    }
    if (!batchId.isNull()) {
        conditions += u" AND b.batch_id = ?"_s;
        values << idText(batchId);
    }
    values << limit;
    return d->items(conditions + u" ORDER BY i.batch_row, i.ordinal LIMIT ?"_s, values);
}

Result<QList<std::pair<QUuid, QByteArray>>> WorkList::pathsThatNeedYouFor(ErrorCode cause)
{
    return d->statements.read(u"SELECT i.item_id, i.absolute_path FROM queue_items i "_s + underWay() + u"i.state = 'needs_you' AND i.error_code = ?"_s,
                              {QString(errorName(cause))}, [](const QSqlQuery &row) {
                                  RowCursor cells(row);
                                  const QUuid itemId = cells.id();
                                  return std::pair(itemId, cells.bytes());
                              });
}

Result<QList<Item>> WorkList::waitingFor(ErrorCode condition, int limit)
{
    return d->items(underWay() + u"i.state IN ('waiting_to_retry', 'needs_you') AND i.error_code = ? ORDER BY i.batch_row, i.ordinal LIMIT ?"_s,
                    {QString(errorName(condition)), limit});
}

Result<WorkList::Progress> WorkList::progress(const QUuid &clientUploadId)
{
    Progress progress;
    const QString id = idText(clientUploadId);
    const Result<QList<AttemptRecord>> attempts = readAttempts(d->statements, u"a.client_upload_id = ?"_s, {}, {id});
    if (!attempts)
        return attempts.error();
    if (attempts->isEmpty())
        return Error{ErrorCode::InternalUnknown, u"an attempt that was never recorded: "_s + id};
    progress.attempt = attempts->first();
    const Result<QList<StageRecord>> stages = readStages(d->statements, {clientUploadId});
    if (!stages)
        return stages.error();
    progress.stages = *stages;
    const Result<std::optional<PhotoRecord>> photo = readPhoto(d->statements, clientUploadId);
    if (!photo)
        return photo.error();
    progress.photo = *photo;

    const auto uploads = d->statements.read(u"SELECT upload_id, part_bytes, is_commit_sent FROM queue_uploads WHERE client_upload_id = ?"_s,
                                            {id}, [&](const QSqlQuery &row) {
                                                RowCursor cells(row);
                                                progress.uploadId = cells.id();
                                                progress.partBytes = cells.number();
                                                progress.isCommitSent = cells.flag();
                                                return 0;
                                            });
    if (!uploads)
        return uploads.error();
    const auto parts = d->statements.read(u"SELECT number, size, checksum FROM queue_parts WHERE client_upload_id = ? ORDER BY number"_s, {id},
                                          [&](const QSqlQuery &row) {
                                              RowCursor cells(row);
                                              const int number = cells.small();
                                              const qint64 size = cells.number();
                                              return PartAcknowledged{clientUploadId, number, size, cells.text()};
                                          });
    if (!parts)
        return parts.error();
    progress.parts = *parts;
    return progress;
}

Result<std::optional<BatchAccepted>> WorkList::batch(const QUuid &batchId)
{
    return firstOf(d->statements.read(selectBatches() + u"WHERE q.batch_id = ?"_s, {idText(batchId)}, batchFrom));
}

Result<qint64> WorkList::bytesToBring()
{
    const auto sums = d->statements.read(
        u"SELECT (SELECT coalesce(sum(num_bytes), 0) FROM queue_counts WHERE state = 'queued') + coalesce(sum(i.size), 0) FROM queue_items i "_s
            + underWay()
            + u"i.state IN ('running', 'waiting_to_retry') AND i.is_safe = 0 "
              "AND NOT EXISTS (SELECT 1 FROM queue_uploads u WHERE u.client_upload_id = i.client_upload_id)"_s,
        {}, [](const QSqlQuery &row) { return row.value(0).toLongLong(); });
    if (!sums)
        return sums.error();
    return sums->value(0);
}

Result<qint64> WorkList::bytesArrivedBefore()
{
    const auto sums = d->statements.read(
        u"SELECT coalesce(sum(i.size), 0) FROM queue_batches b JOIN queue_items i ON i.batch_row = b.batch_row AND i.state = 'queued' "
        "WHERE EXISTS (SELECT 1 FROM queue_batches e CROSS JOIN queue_items o ON o.batch_row = e.batch_row "
        "AND o.absolute_path = i.absolute_path WHERE e.roots = b.roots AND e.batch_row < b.batch_row AND o.size = i.size "
        "AND o.modified_ns = i.modified_ns AND o.state IN ('succeeded', 'duplicate'))"_s,
        {}, [](const QSqlQuery &row) { return row.value(0).toLongLong(); });
    if (!sums)
        return sums.error();
    return sums->value(0);
}

Result<std::optional<ProjectRecord>> WorkList::projectNamed(const QString &name)
{
    const Result<QList<ProjectRecord>> projects = readProjects(d->statements);
    if (!projects)
        return projects.error();
    for (const ProjectRecord &project : *projects) {
        if (project.name == name)
            return std::optional<ProjectRecord>(project);
    }
    return std::optional<ProjectRecord>();
}

Result<QHash<QString, QString>> WorkList::settings()
{
    return readSettings(d->statements);
}

} // namespace photolift::store
