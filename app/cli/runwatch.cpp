#include "app/cli/runwatch.h"

#include "app/client/client.h"
#include "models/store/archive.h"
#include "models/store/outbox.h"
#include "models/vocabulary/whendone.h"

using namespace Qt::StringLiterals;

namespace photolift::cli {

namespace {
constexpr int LookMs = 200;

RunWatch::Count countOf(const store::BatchView &view)
{
    const qint64 open = view.waiting + view.moving;
    return {view.found, view.found - open, view.needsYou, view.isCounted};
}

RunWatch::Count countOf(const QList<store::ItemView> &items)
{
    RunWatch::Count count{items.size(), 0, 0, true};
    for (const store::ItemView &view : items) {
        count.ended += isEnded(view.item.state) ? 1 : 0;
        count.needsYou += view.item.state == ItemState::NeedsYou ? 1 : 0;
    }
    return count;
}

/// A server that refuses us has answered; a network that lets nobody through has not.
bool isOurServersWord(ErrorCode code)
{
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
    // At once, while states are told a few times a second: a server may come and go in between.
    connect(&client.engine(), &pipeline::Engine::serverInfoChanged, this, [this] { m_wasServerSeen = true; });
    m_timer.setInterval(LookMs);
    connect(&m_timer, &QTimer::timeout, this, &RunWatch::look);
}

void RunWatch::followBatch(const QUuid &batchId)
{
    m_batchId = batchId;
}

void RunWatch::followItems(const QList<QUuid> &itemIds)
{
    for (const QUuid &itemId : itemIds)
        m_itemIds.insert(itemId);
}

void RunWatch::start()
{
    m_sinceProgress.start();
    m_timer.start();
}

void RunWatch::look()
{
    if (m_isLooking)
        return;
    m_isLooking = true;
    const QList<QUuid> followed = m_itemIds.values();
    whenDone(m_client.archive().batches(true), this, [this, followed](const Result<QList<store::BatchView>> &batches) {
        Count count{0, 0, 0, m_batchId.isNull()};
        if (batches) {
            for (const store::BatchView &view : *batches) {
                if (view.batch.batchId == m_batchId)
                    count = countOf(view);
            }
        }
        whenDone(m_client.archive().itemsById(followed), this, [this, count](const Result<QList<store::ItemView>> &items) {
            Count all = count;
            if (items) {
                const Count more = countOf(*items);
                all.found += more.found;
                all.ended += more.ended;
                all.needsYou += more.needsYou;
            }
            whenDone(m_client.outbox().depth(), this, [this, all](const Result<qint64> &depth) {
                m_isLooking = false;
                judge(all, depth ? *depth : 1);
            });
        });
    });
}

void RunWatch::judge(const Count &count, qint64 outboxDepth)
{
    const qint64 sent = m_client.sentBytes();
    if (count != m_count || sent != m_sentBytes || outboxDepth < m_outboxDepth)
        m_sinceProgress.restart();
    m_count = count;
    m_sentBytes = sent;
    m_outboxDepth = outboxDepth;
    Q_EMIT looked();
    const bool isDone = count.isCounted && count.ended == count.found && outboxDepth == 0;
    if (m_isSettled || (!isDone && m_sinceProgress.elapsed() < m_waitMs))
        return;
    m_isSettled = true;
    m_timer.stop();
    Q_EMIT settled();
}

} // namespace photolift::cli
