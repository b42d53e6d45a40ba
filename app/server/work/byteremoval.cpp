#include "app/server/work/byteremoval.h"

#include "app/server/work/removaltable.h"
#include "models/vocabulary/faultpoint.h"
#include "models/vocabulary/ids.h"

#include <QLoggingCategory>

#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

Q_LOGGING_CATEGORY(lcRemoval, "photolift.server.work.removal")

namespace photolift::server {

namespace {

/// Read so many at a time.
constexpr int AtOnce = 100;
/// Bytes leave the store so many at a time: mostly that is waiting for its answers.
constexpr qsizetype Hands = 4;

/// True when the bytes have left the store.
Result<bool> removeBytes(ObjectStore &store, DatabaseThreads &database, const RemovalTable::Bytes &bytes)
{
    const qint64 claimedMs = nowMs();
    bool isClaimed = false;
    // Each in a transaction of its own that sees what was committed before it: the order is what this rests on (removaltable.h).
    const auto inTransaction = [&](const std::function<Result<>(const RemovalTable &)> &work) {
        return database.writeAndWait([&](Writing &writing) { return work(RemovalTable(writing.database)); }, Isolation::RowByRow);
    };
    const Result<> claimed = inTransaction([&](const RemovalTable &removals) -> Result<> {
        const Result<bool> done = removals.claim(bytes, claimedMs);
        if (!done)
            return done.error();
        isClaimed = *done;
        return {};
    });
    if (!claimed || !isClaimed)
        return claimed ? Result<bool>(false) : claimed.error();
    auto need = RemovalTable::Need::Coming;
    const Result<> looked = inTransaction([&](const RemovalTable &removals) -> Result<> {
        const Result<RemovalTable::Need> found = removals.needOf(bytes);
        if (!found)
            return found.error();
        need = *found;
        switch (need) {
        case RemovalTable::Need::Nobodys: return {};
        case RemovalTable::Need::Kept: return removals.end(bytes, claimedMs);
        case RemovalTable::Need::Coming: return removals.release(bytes, claimedMs);
        }
        return {};
    });
    if (!looked || need != RemovalTable::Need::Nobodys)
        return looked ? Result<bool>(false) : looked.error();
    faultPoint("purge.claimed");
    // Without an answer it may still happen: the claim stays until it is old.
    if (const Result<> removed = store.removeObject(bytes.sha256, bytes.size); !removed)
        return removed.error();
    faultPoint("purge.removed");
    const Result<> ended = inTransaction([&](const RemovalTable &removals) { return removals.end(bytes, claimedMs); });
    return ended ? Result<bool>(true) : ended.error();
}

/// One round through what is to leave the store, several at a time.
class RemovalRound
{
public:
    RemovalRound(ObjectStore &store, DatabaseThreads &database, const std::stop_token &stop)
        : m_store(store)
        , m_database(database)
        , m_stop(stop)
    {
    }

    /// How many have left it.
    int all()
    {
        RemovalTable::Bytes last;
        while (!isOver()) {
            Result<QList<RemovalTable::Bytes>> next = QList<RemovalTable::Bytes>();
            m_database.readAndWait([&](const QSqlDatabase &reading) { next = RemovalTable(reading).behind(last, AtOnce); });
            if (!next || next->isEmpty())
                break;
            each(*next);
            last = next->last();
        }
        return m_removed;
    }

private:
    bool isOver() const { return m_isAway || m_stop.stop_requested(); }

    void each(const QList<RemovalTable::Bytes> &page)
    {
        std::atomic<qsizetype> next = 0;
        const auto work = [&] {
            for (qsizetype at = next++; at < page.size() && !isOver(); at = next++)
                one(page.at(at));
        };
        std::vector<std::jthread> others;
        try {
            for (qsizetype hand = 1; hand < std::min(Hands, page.size()); ++hand)
                others.emplace_back(work);
        } catch (const std::system_error &error) {
            qCWarning(lcRemoval) << "bytes leave more slowly, there is no thread:" << error.what();
        }
        work();
    }

    void one(const RemovalTable::Bytes &bytes)
    {
        const Result<bool> isRemoved = removeBytes(m_store, m_database, bytes);
        if (isRemoved) {
            m_removed += *isRemoved ? 1 : 0;
            return;
        }
        qCWarning(lcRemoval).noquote() << "bytes stay for the next round:" << isRemoved.error().detail;
        // Every claim without an answer keeps who brings these bytes waiting: none is made for a store that answers nothing at all. One that keeps this object
        // alone is asked for the others.
        if (!m_store.hasObject(bytes.sha256, bytes.size) && !m_isAway.exchange(true))
            qCWarning(lcRemoval) << "the store does not answer, whatever is left is for the next round";
    }

    ObjectStore &m_store;
    DatabaseThreads &m_database;
    const std::stop_token m_stop;
    std::atomic<bool> m_isAway = false;
    std::atomic<int> m_removed = 0;
};

} // namespace

int removeUnneededBytes(ObjectStore &store, DatabaseThreads &database, const std::stop_token &stop)
{
    return RemovalRound(store, database, stop).all();
}

} // namespace photolift::server
