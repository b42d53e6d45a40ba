#include "app/server/work/sweep.h"

#include "app/server/work/statement.h"
#include "app/server/work/uploadtable.h"
#include "models/vocabulary/faultpoint.h"
#include "models/vocabulary/ids.h"

#include <QLoggingCategory>

#include <limits>

using namespace Qt::StringLiterals;

Q_LOGGING_CATEGORY(lcServerSweep, "photolift.server.work.sweep")

namespace photolift::server {

namespace {

constexpr qint64 DayMs = 24LL * 3600 * 1000;

/// The state first, the bytes after: a kill in between leaves bytes that the next sweep finds by their age.
Result<bool> closeIfStillStale(Writing &writing, const QUuid &uploadId, qint64 touchedBeforeMs)
{
    const UploadTable uploads(writing.database);
    Result<std::optional<Upload>> upload = uploads.byId(uploadId);
    if (!upload)
        return upload.error();
    if (!*upload || (*upload)->state != UploadState::Open || (*upload)->touchedMs >= touchedBeforeMs)
        return false;
    (*upload)->state = UploadState::Swept;
    (*upload)->told.isKnown = false;
    const Result<> saved = uploads.save(**upload);
    if (!saved)
        return saved.error();
    return true;
}

/// Bytes in incoming/ are an orphan when no upload that may still need them answers for them.
bool isOrphan(DatabaseThreads &database, const QUuid &uploadId)
{
    bool isNeeded = true;
    database.readAndWait([&](const QSqlDatabase &reading) {
        const Result<std::optional<Upload>> upload = UploadTable(reading).byId(uploadId);
        isNeeded = !upload || (*upload && ((*upload)->state == UploadState::Open || (*upload)->state == UploadState::Committed));
    });
    return !isNeeded;
}

} // namespace

Result<> closeGone(Writing &writing, const QUuid &uploadId)
{
    return withoutValue(closeIfStillStale(writing, uploadId, std::numeric_limits<qint64>::max()));
}

void sweep(ObjectStore &store, DatabaseThreads &database, std::chrono::milliseconds staleAfter, const std::stop_token &stop)
{
    const qint64 now = nowMs();
    const qint64 touchedBefore = now - staleAfter.count();
    QList<QUuid> candidates;
    database.readAndWait([&](const QSqlDatabase &reading) {
        if (Result<QList<QUuid>> open = UploadTable(reading).openSince(touchedBefore))
            candidates = *std::move(open);
    });
    for (const QUuid &uploadId : candidates) {
        if (stop.stop_requested())
            return;
        bool isSwept = false;
        const Result<> closed = database.writeAndWait([&](Writing &writing) -> Result<> {
            const Result<bool> swept = closeIfStillStale(writing, uploadId, touchedBefore);
            if (!swept)
                return swept.error();
            isSwept = *swept;
            return {};
        });
        faultPoint("sweep.closed");
        if (closed && isSwept)
            (void)store.discard(uploadId);
    }
    const Result<QList<QUuid>> leftovers = store.stale(staleAfter.count());
    int removed = 0;
    if (leftovers) {
        for (const QUuid &uploadId : *leftovers) {
            if (stop.stop_requested())
                return;
            if (isOrphan(database, uploadId) && store.discard(uploadId))
                ++removed;
        }
    }
    if (!candidates.isEmpty() || removed > 0)
        qCInfo(lcServerSweep) << candidates.size() << "unfinished uploads closed," << removed << "leftovers removed";

    (void)database.writeAndWait([now](Writing &writing) -> Result<> {
        const Result<int> keys = change(writing.database, "DELETE FROM server_requests WHERE created_ms < ?"_L1, {now - 30 * DayMs});
        if (!keys)
            return keys.error();
        const Result<int> staged = change(writing.database, "DELETE FROM staging_batch WHERE received_at < ms(?)"_L1, {now - 14 * DayMs});
        return staged ? Result<>() : Result<>(staged.error());
    });
}

} // namespace photolift::server
