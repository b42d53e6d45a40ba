#include "models/store/queuedpaths.h"

#include "models/store/itemreader.h"
#include "models/store/rowcursor.h"
#include "models/vocabulary/ids.h"

using namespace Qt::StringLiterals;

namespace photolift::store {

QList<QByteArray> rootsFrom(const QByteArray &column)
{
    QList<QByteArray> roots = column.split('\0');
    roots.removeLast(); // each root is ended by a NUL
    return roots;
}

Result<QList<OpenDrop>> readOpenDrops(Statements &statements, const QUuid &exceptBatch)
{
    return statements.read(u"SELECT b.batch_row, b.roots, p.project_id FROM queue_batches b JOIN dim_batches d ON d.batch_id = b.batch_id "
                           "JOIN dim_projects p ON p.project_key = d.project_key WHERE b.batch_id <> ? AND EXISTS (SELECT 1 FROM queue_counts c "
                           "WHERE c.batch_row = b.batch_row AND c.state IN ('queued', 'running', 'waiting_to_retry', 'needs_you') AND c.num_items > 0)"_s,
                           {idText(exceptBatch)}, [](const QSqlQuery &row) {
                               RowCursor cells(row);
                               const qint64 rowId = cells.number();
                               const QList<QByteArray> roots = rootsFrom(cells.bytes());
                               return OpenDrop{rowId, roots, cells.id()};
                           });
}

QString queuedPathsQuestion()
{
    // Paths are bytes, which no JSON list can hold. CROSS JOIN keeps the order: from each path into the index.
    return u"WITH wanted (path) AS (VALUES "_s + QStringList(QueuedPathsAtOnce, u"(?)"_s).join(u", "_s)
        + u") SELECT i.absolute_path, i.item_id, i.state = 'needs_you' FROM wanted w CROSS JOIN json_each(?) d CROSS JOIN queue_items i "
          "ON i.batch_row = d.value AND i.absolute_path = w.path WHERE i.state IN ('queued', 'running', 'waiting_to_retry', 'needs_you')"_s;
}

Result<QHash<QByteArray, QueuedPhoto>> readQueuedPaths(Statements &statements, const QList<QByteArray> &paths, const QList<qint64> &drops)
{
    static const QString Question = queuedPathsQuestion();
    QHash<QByteArray, QueuedPhoto> queued;
    if (drops.isEmpty())
        return queued;
    for (qsizetype from = 0; from < paths.size(); from += QueuedPathsAtOnce) {
        QVariantList values;
        for (qsizetype i = from; i < from + QueuedPathsAtOnce; ++i)
            values << (i < paths.size() ? QVariant(paths.at(i)) : QVariant());
        values << numberList(drops);
        const auto read = statements.read(Question, values, [&](const QSqlQuery &row) {
            RowCursor cells(row);
            const QByteArray path = cells.bytes();
            const QUuid itemId = cells.id();
            queued.insert(path, {itemId, cells.number() != 0});
            return 0;
        });
        if (!read)
            return read.error();
    }
    return queued;
}

} // namespace photolift::store
