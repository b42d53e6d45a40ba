#pragma once

#include "models/store/statements.h"
#include "models/store/worklist.h"

namespace photolift::store {

/// The column queue_batches.roots.
QList<QByteArray> rootsFrom(const QByteArray &column);

Result<QList<OpenDrop>> readOpenDrops(Statements &statements, const QUuid &exceptBatch);

/// Of these paths those that wait, are under way or need somebody in one of these drops, with their photos. Costs a look into an index
/// for each path and drop, whatever the size of the queue.
Result<QHash<QByteArray, QueuedPhoto>> readQueuedPaths(Statements &statements, const QList<QByteArray> &paths, const QList<qint64> &drops);

/// Paths that one question takes; its places, after the list of drops, are filled up with NULL.
inline constexpr qsizetype QueuedPathsAtOnce = 250;
QString queuedPathsQuestion();

} // namespace photolift::store
