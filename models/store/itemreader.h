#pragma once

#include "models/store/statements.h"
#include "models/store/views.h"

namespace photolift::store {

/// The columns of an Item and the tables they come from; a WHERE and an ORDER BY of the caller follow. `i` is the item, `b` its batch.
QString selectItems();
Item itemFrom(const QSqlQuery &row);

/// The photos of these rows as lists show them, in this order; rows that do not exist are left out.
Result<QList<ItemView>> readItemViews(Statements &statements, const QList<qint64> &rowIds);
Result<QList<qint64>> readItemOrder(Statements &statements, const ItemFilter &filter);
Result<QHash<ItemGroup, qint64>> readGroupCounts(Statements &statements, const ItemFilter &filter);
Result<qint64> readCountOfCause(Statements &statements, ErrorCode cause);
Result<QList<BatchView>> readBatches(Statements &statements, bool withCleared);
Result<QueueFigures> readQueueFigures(Statements &statements);

/// A JSON array for `IN (SELECT value FROM json_each(?))`: one prepared statement for lists of any length.
QString idList(const QList<QUuid> &ids);
QString numberList(const QList<qint64> &numbers);
/// The condition of what the cancel of a drop takes; its values: the drop, and an idList() of photos that are left out.
QString waitingOfDrop();

} // namespace photolift::store
