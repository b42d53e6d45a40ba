#include "models/pipeline/changefeed.h"

namespace photolift::pipeline {

namespace {
constexpr int FlushMs = 100;
}

ChangeFeed::ChangeFeed(QObject *parent)
    : QObject(parent)
{
    m_timer.setSingleShot(true);
    m_timer.setInterval(FlushMs);
    connect(&m_timer, &QTimer::timeout, this, &ChangeFeed::flush);
}

void ChangeFeed::take(const store::Changes &changes)
{
    for (const store::Change &change : changes)
        note(change);
    if (!m_timer.isActive() && (!m_items.isEmpty() || !m_batches.isEmpty()))
        m_timer.start();
}

void ChangeFeed::note(const store::Change &change)
{
    const auto attempt = [this](const QUuid &clientUploadId) {
        if (const auto item = m_itemOfAttempt.constFind(clientUploadId); item != m_itemOfAttempt.cend())
            m_items.insert(*item);
    };
    std::visit(
        [this, &attempt](const auto &happened) {
            using T = std::decay_t<decltype(happened)>;
            if constexpr (std::is_same_v<T, store::BatchAccepted>) {
                m_batches.insert(happened.batch.batchId);
            } else if constexpr (std::is_same_v<T, store::ItemsFound>) {
                m_batches.insert(happened.batchId); // lists read a growing batch anew: no row of it is on show yet
            } else if constexpr (std::is_same_v<T, store::ItemMoved>) {
                m_items.insert(happened.item.itemId);
                m_batches.insert(happened.item.batchId);
            } else if constexpr (std::is_same_v<T, store::DropCancelled>) {
                m_items += QSet<QUuid>(happened.items.begin(), happened.items.end());
                m_batches.insert(happened.batchId);
            } else if constexpr (std::is_same_v<T, store::CancelUndone>) {
                m_items += QSet<QUuid>(happened.items.begin(), happened.items.end());
                m_batches += QSet<QUuid>(happened.batches.begin(), happened.batches.end());
            } else if constexpr (std::is_same_v<T, store::AttemptChanged>) {
                m_items.insert(happened.attempt.itemId);
                if (isTerminal(happened.attempt.status))
                    m_itemOfAttempt.remove(happened.attempt.clientUploadId);
                else
                    m_itemOfAttempt.insert(happened.attempt.clientUploadId, happened.attempt.itemId);
            } else if constexpr (std::is_same_v<T, store::StageChanged>) {
                attempt(happened.stage.clientUploadId);
            } else if constexpr (std::is_same_v<T, store::ErrorHappened>) {
                attempt(happened.error.clientUploadId);
            } else if constexpr (std::is_same_v<T, store::PhotoKnown>) {
                m_items.insert(happened.photo.photoId);
            } else if constexpr (std::is_same_v<T, store::PartAcknowledged>) {
                attempt(happened.clientUploadId);
            } else if constexpr (std::is_same_v<T, store::BatchCounted> || std::is_same_v<T, store::DropLooked> || std::is_same_v<T, store::WalkReopened> || std::is_same_v<T, store::BatchPaused>
                                 || std::is_same_v<T, store::BatchPriority> || std::is_same_v<T, store::BatchCleared>) {
                m_batches.insert(happened.batchId);
            }
        },
        change);
}

void ChangeFeed::flush()
{
    if (!m_items.isEmpty())
        Q_EMIT itemsChanged(QList<QUuid>(m_items.cbegin(), m_items.cend()));
    if (!m_batches.isEmpty())
        Q_EMIT batchesChanged(QList<QUuid>(m_batches.cbegin(), m_batches.cend()));
    m_items.clear();
    m_batches.clear();
}

} // namespace photolift::pipeline
