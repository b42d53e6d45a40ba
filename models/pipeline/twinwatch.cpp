#include "models/pipeline/twinwatch.h"

#include "models/vocabulary/ids.h"

namespace photolift::pipeline {

QUuid TwinWatch::leaderOf(const QUuid &batchId, const QString &sha256, qint64 size, const QUuid &attempt, const QUuid &itemId)
{
    const QString key = QString(idText(batchId) + u'/' + sha256 + u'/' + QString::number(size));
    Group &group = m_groups[key];
    if (group.leader.isNull() || group.leader == attempt) {
        group.leader = attempt;
        group.leadingItem = itemId;
        m_keyOfLeader[attempt] = key;
        return {};
    }
    if (!group.waiting.contains(attempt))
        group.waiting.append(attempt);
    return group.leadingItem;
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
