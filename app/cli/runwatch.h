#pragma once

#include "app/cli/headway.h"
#include "models/pipeline/engine.h"

#include <QElapsedTimer>
#include <QHash>
#include <QObject>
#include <QSet>
#include <QTimer>

namespace photolift::client {
class Client;
}
namespace photolift::store {
struct BatchView;
struct ItemView;
}

namespace photolift::cli {

/// Follows the photos of one command until each has ended and the outbox is empty, or until waitMs have passed without progress: a photo
/// came to its end or further than ever (Headway), or a walk found more. Photos of other commands count too: ours wait behind them. The
/// outbox counts once ours have ended. While bytes move that never moved before, the end waits for what comes of them. A folder that another
/// server keeps is given up sooner.
class RunWatch final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(RunWatch)
public:
    RunWatch(client::Client &client, qint64 waitMs, QObject *parent = nullptr);

    void followBatch(const QUuid &batchId);
    void followItems(const QList<QUuid> &itemIds);
    /// The same for photos that have ended and are about to be set going again: none of them counts as ended before the engine has said
    /// so anew.
    void followAgain(const QList<QUuid> &itemIds);
    /// Of a drop whose walk had not ended: what it finds from here on, once it is counted; all but `known`.
    void followGrowing(const QUuid &batchId, const QSet<QUuid> &known);
    void start();

    const QUuid &batch() const { return m_batchId; }
    const QSet<QUuid> &items() const { return m_itemIds; }
    bool wasServerSeen() const { return m_wasServerSeen; }
    /// Another server has the data folder's: one that somebody started by hand or, for some seconds, that of a run that was killed.
    bool isServerFolderBusy() const { return m_serverDiedOf == ErrorCode::LocalListBusy && !m_wasServerSeen; }
    /// What keeps all photos waiting, if anything does: an answer of the server too, that a request still under way may bring.
    std::optional<ErrorCode> waitsFor() const;
    const pipeline::QueueState &queueState() const { return m_queueState; }
    /// What is followed, added up at the last look; for the progress line.
    struct Count {
        qint64 found = 0;
        qint64 ended = 0;
        qint64 needsYou = 0;
        bool isCounted = false;
        bool operator==(const Count &) const = default;
    };
    const Count &count() const { return m_count; }

Q_SIGNALS:
    void looked();
    void settled(); ///< once

private:
    void look();
    void lookAtBatches(const QList<store::BatchView> &batches);
    void lookAtItems(const QList<store::ItemView> &items);
    void takeGrown(const QUuid &batchId);
    void judge(const Count &count, qint64 outboxDepth);
    bool isOver() const;
    void settle();

    client::Client &m_client;
    const qint64 m_waitMs;
    QUuid m_batchId;
    QSet<QUuid> m_itemIds;
    QSet<QUuid> m_openItems;     ///< of m_itemIds, those that had not ended when they were read last
    QSet<QUuid> m_needingItems;  ///< of m_itemIds, those that need somebody
    QSet<QUuid> m_changedItems;  ///< to be read at the next look; of 100,000 photos not all are read five times a second
    QSet<QUuid> m_awaitedItems;  ///< followAgain(), and nothing was heard of them yet
    QHash<QUuid, QSet<QUuid>> m_growing; ///< batch -> its photos that are no news
    pipeline::QueueState m_queueState;
    bool m_wasServerSeen = false;
    std::optional<ErrorCode> m_serverDiedOf; ///< the embedded one, last
    bool m_isSettled = false;
    bool m_isLooking = false;
    Count m_count;
    Count m_batchCount;
    struct Queue {
        qint64 found = 0;
        qint64 ended = 0;
    };
    Queue m_queue; ///< of all commands, at the last look
    Headway m_headway;
    bool m_hasHeadway = false; ///< since the last look
    qint64 m_outboxDepth = -1;
    QElapsedTimer m_sinceProgress;
    QElapsedTimer m_sinceMoved; ///< bytes that never moved before
    QTimer m_timer;
};

} // namespace photolift::cli
