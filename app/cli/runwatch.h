#pragma once

#include "models/pipeline/engine.h"

#include <QElapsedTimer>
#include <QObject>
#include <QSet>
#include <QTimer>

namespace photolift::client {
class Client;
}

namespace photolift::cli {

/// Follows the photos of one command until each has ended and the outbox is empty, or until nothing moved for waitMs.
class RunWatch final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(RunWatch)
public:
    RunWatch(client::Client &client, qint64 waitMs, QObject *parent = nullptr);

    void followBatch(const QUuid &batchId);
    void followItems(const QList<QUuid> &itemIds);
    void start();

    const QUuid &batch() const { return m_batchId; }
    const QSet<QUuid> &items() const { return m_itemIds; }
    bool wasServerSeen() const { return m_wasServerSeen; }
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
    void judge(const Count &count, qint64 outboxDepth);

    client::Client &m_client;
    const qint64 m_waitMs;
    QUuid m_batchId;
    QSet<QUuid> m_itemIds;
    pipeline::QueueState m_queueState;
    bool m_wasServerSeen = false;
    bool m_isSettled = false;
    bool m_isLooking = false;
    Count m_count;
    qint64 m_sentBytes = 0;
    qint64 m_outboxDepth = -1;
    QElapsedTimer m_sinceProgress;
    QTimer m_timer;
};

} // namespace photolift::cli
