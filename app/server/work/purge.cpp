#include "app/server/work/purge.h"

#include "app/server/work/byteremoval.h"
#include "app/server/work/erasing.h"
#include "app/server/work/erasuretable.h"
#include "app/server/work/namepurge.h"
#include "app/server/work/purgedids.h"
#include "app/server/work/quarantinetable.h"
#include "app/server/work/retentiontable.h"
#include "app/server/work/serverclock.h"
#include "app/server/work/withdrawaltable.h"
#include "models/vocabulary/faultpoint.h"

#include <QLoggingCategory>

Q_LOGGING_CATEGORY(lcPurge, "photolift.server.work.purge")

namespace photolift::server {

namespace {

/// Few enough that a transaction is over before anybody waits for it.
constexpr int AtOnce = 100;
/// Longer than any transaction lives.
constexpr qint64 SettledAfterMs = 10 * 60 * 1000;

/// Photos, or what is in quarantine, in steps: `next` reads which, `each` changes one. How many were changed; ends at the first step that changes none, or when it is to stop.
int inSteps(DatabaseThreads &database, const std::stop_token &stop, const std::function<Result<QList<qint64>>(const QSqlDatabase &)> &next,
            const std::function<Result<bool>(const QSqlDatabase &, qint64)> &each)
{
    int sum = 0;
    while (!stop.stop_requested()) {
        Result<QList<qint64>> assets = QList<qint64>();
        database.readAndWait([&](const QSqlDatabase &reading) { assets = next(reading); });
        if (!assets || assets->isEmpty())
            return sum;
        int changed = 0;
        const Result<> written = database.writeAndWait([&](Writing &writing) -> Result<> {
            changed = 0; // a job may run again
            for (const qint64 asset : *assets) {
                const Result<bool> isChanged = each(writing.database, asset);
                if (!isChanged)
                    return isChanged.error();
                changed += *isChanged ? 1 : 0;
            }
            return {};
        });
        if (!written)
            qCWarning(lcPurge).noquote() << "the rest is for the next round:" << written.error().detail;
        if (!written || changed == 0)
            return sum;
        sum += changed;
    }
    return sum;
}

/// The names of batches whose photos have all gone, and once more those of what was purged a while ago: a transaction that did not see
/// the purge yet may have written some, and has ended since.
void purgeNamesLeft(DatabaseThreads &database, const std::stop_token &stop, qint64 now)
{
    QSet<qint64> batchesSeen;
    QUuid last;
    while (!stop.stop_requested()) {
        Result<QList<PurgedIds::Open>> next = QList<PurgedIds::Open>();
        database.readAndWait([&](const QSqlDatabase &reading) { next = PurgedIds(reading).open(last, AtOnce); });
        if (!next || next->isEmpty())
            return;
        QSet<qint64> batches;
        const Result<> written = database.writeAndWait([&](Writing &writing) -> Result<> {
            const NamePurge names(writing.database, now);
            batches.clear(); // a job may run again
            for (const PurgedIds::Open &open : *next) {
                const Result<std::optional<qint64>> batch = names.namedBatchOf(open.id);
                if (!batch)
                    return batch.error();
                if (*batch && !batchesSeen.contains(**batch) && !batches.contains(**batch)) {
                    batches.insert(**batch);
                    if (const Result<> purged = names.purgeBatch(open.accountId, **batch); !purged)
                        return purged;
                }
                if (open.purgedMs > now - SettledAfterMs)
                    continue;
                if (const Result<> purged = names.purgeAttempt(open.id); !purged)
                    return purged;
                if (const Result<> settled = PurgedIds(writing.database).settle(open.id); !settled)
                    return settled;
            }
            return {};
        });
        if (!written) {
            qCWarning(lcPurge).noquote() << "names stay for the next round:" << written.error().detail;
            return;
        }
        batchesSeen.unite(batches);
        last = next->last().id;
    }
}

/// Whether the clock has been right for a day; nullopt: no round. When it was set since the round before, the day between the phases begins anew for
/// what was to go.
std::optional<bool> settleClock(DatabaseThreads &database, const ServerClock::Moment &moment)
{
    bool isSteady = false;
    int begunAnew = 0;
    int people = 0;
    bool isTrusted = true;
    const Result<> settled = database.writeAndWait([&](Writing &writing) -> Result<> {
        const Result<bool> trusted = ServerClock(writing.database).isTrusted(moment);
        if (!trusted)
            return trusted.error();
        isTrusted = *trusted;
        const Result<std::optional<qint64>> steady = ServerClock(writing.database).steadyRound();
        if (!steady)
            return steady.error();
        isSteady = steady->has_value();
        if (isTrusted)
            return {};
        const Result<int> marked = RetentionTable(writing.database).unmarkAll();
        const Result<int> withdrawn = marked ? WithdrawalTable::beginAnew(writing.database, moment.nowMs) : marked;
        const Result<int> erased = withdrawn ? ErasureTable(writing.database).beginAnew(moment.nowMs) : withdrawn;
        begunAnew = erased ? *marked + *withdrawn : 0;
        people = erased ? *erased : 0;
        return withoutValue(erased);
    });
    if (!settled)
        qCWarning(lcPurge).noquote() << "no round without a look at the clock:" << settled.error().detail;
    else if (!isTrusted)
        qCWarning(lcPurge) << "the clock was set since the last round, or nobody can tell: the last day of" << begunAnew << "photos and" << people
                           << "people begins anew";
    return settled ? std::optional(isSteady) : std::nullopt;
}

} // namespace

void purge(ObjectStore &store, DatabaseThreads &database, std::optional<int> backupsKeptDays, const std::stop_token &stop)
{
    const ServerClock::Moment moment = ServerClock::moment();
    const std::optional<bool> isSteady = settleClock(database, moment);
    if (!isSteady)
        return;
    const qint64 now = moment.nowMs;
    const int marked = inSteps(
        database, stop, [now](const QSqlDatabase &reading) { return RetentionTable(reading).overdue(now, AtOnce); },
        [now, isSteady](const QSqlDatabase &writing, qint64 asset) { return RetentionTable(writing).mark(asset, now, *isSteady); });
    const int markedQuarantined = inSteps(
        database, stop, [now](const QSqlDatabase &reading) { return QuarantineTable(reading).overdue(now, AtOnce); },
        [now, isSteady](const QSqlDatabase &writing, qint64 id) { return QuarantineTable(writing).mark(id, now, *isSteady); });
    faultPoint("purge.marked");
    const int purged = inSteps(
        database, stop, [now](const QSqlDatabase &reading) { return RetentionTable(reading).due(now, AtOnce); },
        [now, backupsKeptDays](const QSqlDatabase &writing, qint64 asset) { return RetentionTable(writing).remove(asset, now, backupsKeptDays); });
    beginErasures(database, now);
    faultPoint("purge.erasures_begun");
    const int withdrawn = inSteps(
        database, stop, [now](const QSqlDatabase &reading) { return WithdrawalTable::due(reading, now, AtOnce); },
        [now, backupsKeptDays](const QSqlDatabase &writing, qint64 asset) { return WithdrawalTable::remove(writing, asset, now, backupsKeptDays); });
    const int quarantined = inSteps(
        database, stop, [now](const QSqlDatabase &reading) { return QuarantineTable(reading).due(now, AtOnce); },
        [now, backupsKeptDays](const QSqlDatabase &writing, qint64 id) { return QuarantineTable(writing).remove(id, now, backupsKeptDays); });
    faultPoint("purge.recorded");
    purgeNamesOfErased(database, stop, now);
    faultPoint("purge.erased");
    purgeNamesLeft(database, stop, now);
    faultPoint("purge.named");
    const int removed = removeUnneededBytes(store, database, stop);
    if (marked + markedQuarantined + purged + withdrawn + quarantined + removed > 0)
        qCInfo(lcPurge) << marked + markedQuarantined << "photos marked," << purged << "purged," << withdrawn << "removed by their owners," << quarantined
                        << "gone out of quarantine, the bytes of" << removed << "removed";
}

} // namespace photolift::server
