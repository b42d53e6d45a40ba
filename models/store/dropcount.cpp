#include "models/store/dropcount.h"

#include "models/store/rowcursor.h"

using namespace Qt::StringLiterals;

namespace photolift::store {

Result<std::optional<DropCount>> newCountOfDrop(Statements &statements, qint64 batchRow)
{
    struct Counted {
        DropCount is;
        qint64 knownPhotos = 0;
        qint64 knownBytes = 0;
    };
    const auto counted = statements.read(
        u"SELECT q.batch_id, (SELECT coalesce(sum(num_items), 0) FROM queue_counts c WHERE c.batch_row = q.batch_row AND c.state <> 'skipped'), "
        "(SELECT coalesce(sum(num_bytes), 0) FROM queue_counts c WHERE c.batch_row = q.batch_row AND c.state <> 'skipped'), "
        "coalesce(d.num_photos, -1), coalesce(d.total_bytes, -1) "
        "FROM queue_batches q LEFT JOIN dim_batches d ON d.batch_id = q.batch_id WHERE q.batch_row = ? AND q.is_counted = 1 "
        "AND (NOT EXISTS (SELECT 1 FROM queue_counts c WHERE c.batch_row = q.batch_row AND c.state = 'queued' AND c.num_items > 0) "
        "OR (q.looked_to >= 0 AND NOT EXISTS (SELECT 1 FROM queue_items i WHERE i.batch_row = q.batch_row AND i.state = 'queued' "
        "AND i.ordinal > q.looked_to)))"_s,
        {batchRow}, [](const QSqlQuery &row) {
            RowCursor cells(row);
            Counted found;
            found.is.batchId = cells.id();
            found.is.photos = cells.number();
            found.is.bytes = cells.number();
            found.knownPhotos = cells.number();
            found.knownBytes = cells.number();
            return found;
        });
    if (!counted)
        return counted.error();
    // A count only grows (StarWriter): what is known was judged, too.
    if (counted->isEmpty() || (counted->first().is.photos <= counted->first().knownPhotos && counted->first().is.bytes <= counted->first().knownBytes))
        return std::optional<DropCount>();
    Counted count = counted->first();
    const auto untried = statements.read(u"SELECT count(*), coalesce(sum(size), 0) FROM queue_items "
                                         "WHERE batch_row = ? AND state = 'cancelled' AND attempt_number = 0"_s,
                                         {batchRow}, [](const QSqlQuery &row) {
                                             return std::pair(row.value(0).toLongLong(), row.value(1).toLongLong());
                                         });
    if (!untried)
        return untried.error();
    count.is.photos -= untried->first().first;
    count.is.bytes -= untried->first().second;
    if (count.is.photos <= count.knownPhotos && count.is.bytes <= count.knownBytes)
        return std::optional<DropCount>();
    const auto unjudged = statements.number(
        u"SELECT 1 FROM queue_items i WHERE i.batch_row = ? AND i.state IN ('running', 'waiting_to_retry') AND NOT EXISTS "
        "(SELECT 1 FROM fact_upload_attempts a JOIN fact_upload_stages s ON s.upload_id = a.upload_id "
        "WHERE a.client_upload_id = i.client_upload_id AND s.stage_name = 'selection' AND s.is_successful = 1) LIMIT 1"_s,
        {batchRow});
    if (!unjudged)
        return unjudged.error();
    return *unjudged ? std::optional<DropCount>() : std::optional(count.is);
}

} // namespace photolift::store
