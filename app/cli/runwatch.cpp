#include "app/cli/runwatch.h"

#include "app/cli/itempages.h"
#include "app/client/client.h"
#include "models/store/archive.h"
#include "models/store/outbox.h"
#include "models/vocabulary/whendone.h"

using namespace Qt::StringLiterals;

namespace photolift::cli {

namespace {
constexpr int LookMs = 200;
constexpr int LongestLookMs = 6000; ///< beyond the patience of SQLite itself
constexpr qint64 LongestGoodbyeMs = 15000; ///< a server whose client was killed has let its folder go long before
constexpr qint64 CalmMs = 1000;
constexpr qint64 StillMs = 10000;   ///< bytes of a slow link come in gulps

RunWatch::Count countOf(const store::BatchView &view)
{
    const qint64 open = view.waiting + view.moving;
    return {view.found, view.found - open, view.needsYou, view.isCounted};
}

/// A server that refuses us has answered; a network that lets nobody through has not.
bool isOurServersWord(ErrorCode code)
{
    if (code == ErrorCode::ApiUnavailable) // so says a proxy, too, that finds no server behind it
        return false;
    const QLatin1StringView name = errorName(code);
    return name.startsWith("API_"_L1) || name.startsWith("INITIATION_"_L1) || name.startsWith("STORAGE_"_L1);
}
}

RunWatch::RunWatch(client::Client &client, qint64 waitMs, QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_waitMs(waitMs)
{
    connect(&client.engine(), &pipeline::Engine::queueStateChanged, this, [this](const pipeline::QueueState &state) {
        m_queueState = state;
        m_wasServerSeen = m_wasServerSeen || state.isServerReachable || (state.waitsFor && isOurServersWord(*state.waitsFor));
    });
    connect(&client, &client::Client::serverDied, this, [this](const Error &error) { m_serverDiedOf = error.code; });
    // At once, while states are told a few times a second: a server may come and go in between.
    connect(&client.engine(), &pipeline::Engine::serverInfoChanged, this, [this] { m_wasServerSeen = true; });
    connect(&client.engine(), &pipeline::Engine::itemsChanged, this, [this](const QList<QUuid> &itemIds) {
        // While photos come to their ends, those alone tell the progress.
        const bool isCalm = m_sinceProgress.isValid() && m_sinceProgress.hasExpired(std::min(m_waitMs / 4, CalmMs));
        for (const QUuid &itemId : itemIds) {
            if (isCalm || m_itemIds.contains(itemId))
                m_changedItems.insert(itemId);
        }
    });
    connect(&client.engine(), &pipeline::Engine::progressSampled, this, [this](const QList<pipeline::ItemProgress> &items) {
        for (const pipeline::ItemProgress &progress : items) {
            if (m_headway.isFurther(progress))
                m_sinceMoved.start();
        }
    });
    connect(&client.engine(), &pipeline::Engine::itemEnded, this, [this](const QUuid &itemId) {
        if (m_awaitedItems.remove(itemId))
            m_changedItems.insert(itemId);
    });
    m_timer.setInterval(LookMs);
    connect(&m_timer, &QTimer::timeout, this, &RunWatch::look);
}

std::optional<ErrorCode> RunWatch::waitsFor() const
{
    if (isServerFolderBusy())
        return m_serverDiedOf;
    if (!m_queueState.waitsFor && !m_wasServerSeen)
        return ErrorCode::NetworkConnectFailed;
    return m_queueState.waitsFor;
}

void RunWatch::followBatch(const QUuid &batchId)
{
    m_batchId = batchId;
}

void RunWatch::followItems(const QList<QUuid> &itemIds)
{
    for (const QUuid &itemId : itemIds) {
        if (m_itemIds.contains(itemId))
            continue;
        m_itemIds.insert(itemId);
        m_openItems.insert(itemId);
        m_changedItems.insert(itemId);
    }
}

void RunWatch::followAgain(const QList<QUuid> &itemIds)
{
    followItems(itemIds);
    m_awaitedItems += QSet<QUuid>(itemIds.begin(), itemIds.end());
}

void RunWatch::followGrowing(const QUuid &batchId, const QSet<QUuid> &known)
{
    m_growing.insert(batchId, known);
}

void RunWatch::start()
{
    m_sinceProgress.start();
    m_timer.start();
}

void RunWatch::look()
{
    if (m_isLooking) {
        // The outbox answers behind everything that is still to be written: on a full disk never.
        if (m_sinceProgress.hasExpired(m_waitMs + LongestLookMs))
            settle();
        return;
    }
    m_isLooking = true;
    whenDone(m_client.archive().batches(true), this, [this](const Result<QList<store::BatchView>> &batches) {
        if (batches)
            lookAtBatches(*batches);
        const QList<QUuid> changed = std::exchange(m_changedItems, {}).values();
        whenDone(m_client.archive().itemsById(changed), this, [this, changed](const Result<QList<store::ItemView>> &items) {
            if (items)
                lookAtItems(*items);
            else
                m_changedItems += QSet<QUuid>(changed.begin(), changed.end());
            whenDone(m_client.outbox().depth(), this, [this](const Result<qint64> &depth) {
                Count all = m_batchCount;
                all.found += m_itemIds.size();
                all.ended += m_itemIds.size() - m_openItems.size();
                all.needsYou += m_needingItems.size();
                m_isLooking = false;
                judge(all, depth ? *depth : 1);
            });
        });
    });
}

void RunWatch::lookAtBatches(const QList<store::BatchView> &batches)
{
    m_batchCount = {0, 0, 0, m_batchId.isNull()};
    const Queue before = std::exchange(m_queue, {});
    for (const store::BatchView &view : batches) {
        const Count count = countOf(view);
        m_queue.found += count.found;
        m_queue.ended += count.ended;
        if (view.batch.batchId == m_batchId)
            m_batchCount = count;
        if (view.isCounted && m_growing.contains(view.batch.batchId))
            takeGrown(view.batch.batchId);
    }
    m_batchCount.isCounted = m_batchCount.isCounted && m_growing.isEmpty();
    m_hasHeadway = m_hasHeadway || m_queue.found > before.found || m_queue.ended > before.ended;
}

void RunWatch::takeGrown(const QUuid &batchId)
{
    store::ItemFilter filter;
    filter.batchId = batchId;
    const auto items = itemsMatching(m_client.archive(), filter);
    if (!items)
        return; // at the next look
    const QSet<QUuid> known = m_growing.take(batchId);
    QList<QUuid> grown;
    for (const store::ItemView &view : *items) {
        if (!known.contains(view.item.itemId))
            grown.append(view.item.itemId);
    }
    followItems(grown);
}

void RunWatch::lookAtItems(const QList<store::ItemView> &items)
{
    for (const store::ItemView &view : items) {
        m_hasHeadway = m_headway.isFurther(view) || m_hasHeadway;
        const QUuid &itemId = view.item.itemId;
        if (!m_itemIds.contains(itemId))
            continue;
        if (isEnded(view.item.state) && !m_awaitedItems.contains(itemId))
            m_openItems.remove(itemId);
        else
            m_openItems.insert(itemId);
        if (view.item.state == ItemState::NeedsYou)
            m_needingItems.insert(itemId);
        else
            m_needingItems.remove(itemId);
    }
}

void RunWatch::judge(const Count &count, qint64 outboxDepth)
{
    const bool haveAllEnded = count.isCounted && count.ended == count.found;
    if (std::exchange(m_hasHeadway, false) || (haveAllEnded && outboxDepth < m_outboxDepth))
        m_sinceProgress.restart();
    m_count = count;
    m_outboxDepth = outboxDepth;
    Q_EMIT looked();
    if ((haveAllEnded && outboxDepth == 0) || isOver())
        settle();
}

bool RunWatch::isOver() const
{
    const bool isStill = !m_sinceMoved.isValid() || m_sinceMoved.hasExpired(std::min(m_waitMs, StillMs));
    return isStill && m_sinceProgress.elapsed() >= (isServerFolderBusy() ? std::min(m_waitMs, LongestGoodbyeMs) : m_waitMs);
}

void RunWatch::settle()
{
    if (m_isSettled)
        return;
    m_isSettled = true;
    m_timer.stop();
    Q_EMIT settled();
}

} // namespace photolift::cli
