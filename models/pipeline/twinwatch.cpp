#include "models/pipeline/twinwatch.h"

namespace photolift::pipeline {

QUuid TwinWatch::leaderOf(const QUuid &batchId, const QString &sha256, qint64 size, const QUuid &attempt, const QUuid &itemId)
{
    const QString key = sha256 + u'/' + QString::number(size);
    Group &group = m_groups[key];
    const bool mustNotWait = m_pausedBatches.contains(group.leadingBatch) && !m_pausedBatches.contains(batchId);
    if (group.leader.isNull() || group.leader == attempt || mustNotWait) {
        m_keyOfLeader.remove(group.leader);
        group.leader = attempt;
        group.leadingItem = itemId;
        group.leadingBatch = batchId;
        group.waiting.removeOne(attempt);
        m_keyOfLeader[attempt] = key;
        return {};
    }
    if (!group.waiting.contains(attempt))
        group.waiting.append(attempt);
    return group.leadingItem;
}

void TwinWatch::setBatchPaused(const QUuid &batchId, bool isPaused)
{
    if (isPaused)
        m_pausedBatches.insert(batchId);
    else
        m_pausedBatches.remove(batchId);
    QList<QUuid> mayGo; // behind a leader whose pause begins, or from a drop whose own has ended
    for (const Group &group : std::as_const(m_groups)) {
        if (m_pausedBatches.contains(group.leadingBatch))
            mayGo += group.waiting;
    }
    for (const QUuid &waiting : std::as_const(mayGo))
        Q_EMIT released(waiting);
}

void TwinWatch::forget(const QUuid &attempt)
{
    const QString key = m_keyOfLeader.take(attempt);
    if (key.isEmpty())
        return;
    const Group group = m_groups.take(key);
    for (const QUuid &waiting : group.waiting)
        Q_EMIT released(waiting);
}

} // namespace photolift::pipeline
