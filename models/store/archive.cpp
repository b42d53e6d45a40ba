#include "models/store/archive.h"

#include "models/store/attemptreader.h"
#include "models/store/itemreader.h"
#include "models/store/reader.h"

#include "models/vocabulary/ids.h"

using namespace Qt::StringLiterals;

namespace photolift::store {

namespace {

Result<QList<qint64>> rowsOfItems(Statements &statements, const QList<QUuid> &itemIds)
{
    return statements.read(u"SELECT item_row FROM queue_items WHERE item_id IN (SELECT value FROM json_each(?)) ORDER BY item_row"_s,
                           {idList(itemIds)}, [](const QSqlQuery &row) { return row.value(0).toLongLong(); });
}

Result<QList<ItemView>> viewsOfItems(Statements &statements, const QList<QUuid> &itemIds)
{
    const Result<QList<qint64>> rows = rowsOfItems(statements, itemIds);
    if (!rows)
        return rows.error();
    return readItemViews(statements, *rows);
}

Result<ItemDetail> readItemDetail(Statements &statements, const QUuid &itemId)
{
    const Result<QList<ItemView>> views = viewsOfItems(statements, {itemId});
    if (!views)
        return views.error();
    if (views->isEmpty())
        return Error{ErrorCode::InternalUnknown, u"a photo that is not in the queue: "_s + idText(itemId)};
    ItemDetail detail;
    detail.view = views->first();

    const auto names = statements.read(u"SELECT b.batch_name, p.project_name FROM dim_batches b JOIN dim_projects p "
                                       "ON p.project_key = b.project_key WHERE b.batch_id = ?"_s,
                                       {idText(detail.view.item.batchId)}, [](const QSqlQuery &row) {
                                           return std::pair(row.value(0).toString(), row.value(1).toString());
                                       });
    if (!names)
        return names.error();
    if (!names->isEmpty())
        std::tie(detail.batchName, detail.projectName) = names->first();

    const Result<QList<AttemptRecord>> attempts =
        readAttempts(statements, u"a.item_id = ?"_s, u"ORDER BY a.attempt_number DESC"_s, {idText(itemId)});
    if (!attempts)
        return attempts.error();
    const Result<QList<AttemptView>> whole = withStagesAndErrors(statements, *attempts);
    if (!whole)
        return whole.error();
    detail.attempts = *whole;
    if (!attempts->isEmpty()) {
        const Result<std::optional<PhotoRecord>> photo = readPhoto(statements, attempts->first().clientUploadId);
        if (!photo)
            return photo.error();
        detail.photo = *photo;
    }
    return detail;
}

Result<QList<AttemptView>> readNewestOf(Statements &statements, const QList<QUuid> &itemIds)
{
    const Result<QList<AttemptRecord>> attempts =
        readAttempts(statements, u"a.item_id IN (SELECT value FROM json_each(?)) AND a.attempt_number = (SELECT max(n.attempt_number) "
                                 "FROM fact_upload_attempts n WHERE n.item_id = a.item_id AND n.row_version > 0)"_s, {}, {idList(itemIds)});
    if (!attempts)
        return attempts.error();
    return withStagesAndErrors(statements, *attempts);
}

Result<QList<AttemptView>> readNewest(Statements &statements, bool failedOnly, int limit)
{
    // A literal, so that the index of the failed ones is seen to fit.
    static_assert(static_cast<int>(Status::Failed) == 7);
    const Result<QList<AttemptRecord>> attempts = readAttempts(statements, failedOnly ? u"a.upload_status_key = 7"_s : u"1"_s,
                                                               u"ORDER BY a.start_timestamp DESC LIMIT ?"_s, {limit});
    if (!attempts)
        return attempts.error();
    return withStagesAndErrors(statements, *attempts);
}

} // namespace

Archive::Archive(std::unique_ptr<Reader> reader)
    : m_reader(std::move(reader))
{
}

Archive::~Archive() = default;

Result<std::unique_ptr<Archive>> Archive::open(const QString &databasePath)
{
    auto reader = std::make_unique<Reader>();
    if (const Result<> started = reader->start(databasePath); !started)
        return started.error();
    return std::unique_ptr<Archive>(new Archive(std::move(reader)));
}

QFuture<Result<QList<BatchView>>> Archive::batches(bool withCleared)
{
    return m_reader->ask<QList<BatchView>>([withCleared](Statements &s) { return readBatches(s, withCleared); });
}

QFuture<Result<QueueFigures>> Archive::queueFigures()
{
    return m_reader->ask<QueueFigures>([](Statements &s) { return readQueueFigures(s); });
}

QFuture<Result<QList<qint64>>> Archive::itemOrder(const ItemFilter &filter)
{
    return m_reader->ask<QList<qint64>>([filter](Statements &s) { return readItemOrder(s, filter); });
}

QFuture<Result<QList<ItemView>>> Archive::itemsByRowId(const QList<qint64> &rowIds)
{
    return m_reader->ask<QList<ItemView>>([rowIds](Statements &s) { return readItemViews(s, rowIds); });
}

QFuture<Result<QList<ItemView>>> Archive::itemsById(const QList<QUuid> &itemIds)
{
    return m_reader->ask<QList<ItemView>>([itemIds](Statements &s) { return viewsOfItems(s, itemIds); });
}

QFuture<Result<QHash<ItemGroup, qint64>>> Archive::groupCounts(const ItemFilter &filter)
{
    return m_reader->ask<QHash<ItemGroup, qint64>>([filter](Statements &s) { return readGroupCounts(s, filter); });
}

QFuture<Result<qint64>> Archive::countOfCause(ErrorCode cause)
{
    return m_reader->ask<qint64>([cause](Statements &s) { return readCountOfCause(s, cause); });
}

QFuture<Result<ItemDetail>> Archive::itemDetail(const QUuid &itemId)
{
    return m_reader->ask<ItemDetail>([itemId](Statements &s) { return readItemDetail(s, itemId); });
}

QFuture<Result<QList<AttemptView>>> Archive::newestAttempts(const QList<QUuid> &itemIds)
{
    return m_reader->ask<QList<AttemptView>>([itemIds](Statements &s) { return readNewestOf(s, itemIds); });
}

QFuture<Result<QList<AttemptView>>> Archive::attempts(bool failedOnly, int limit)
{
    return m_reader->ask<QList<AttemptView>>([failedOnly, limit](Statements &s) { return readNewest(s, failedOnly, limit); });
}

QFuture<Result<QList<QUuid>>> Archive::itemsOfAttempts(const QList<QUuid> &clientUploadIds)
{
    return m_reader->ask<QList<QUuid>>([clientUploadIds](Statements &s) {
        return s.read(u"SELECT item_id FROM fact_upload_attempts WHERE client_upload_id IN (SELECT value FROM json_each(?))"_s,
                      {idList(clientUploadIds)}, [](const QSqlQuery &row) { return QUuid::fromString(row.value(0).toString()); });
    });
}

QFuture<Result<QHash<QString, QString>>> Archive::settings()
{
    return m_reader->ask<QHash<QString, QString>>([](Statements &s) { return readSettings(s); });
}

QFuture<Result<QList<ProjectRecord>>> Archive::projects()
{
    return m_reader->ask<QList<ProjectRecord>>([](Statements &s) { return readProjects(s); });
}

} // namespace photolift::store
