#include "ui/uploads/uploadtablemodel.h"

#include "models/vocabulary/ids.h"
#include "models/vocabulary/pathtext.h"
#include "models/vocabulary/whendone.h"
#include "ui/parts/humantext.h"
#include "ui/parts/plainlabel.h"

#include <QtConcurrentRun>

namespace photolift::ui {

using namespace Qt::StringLiterals;

namespace {
constexpr int TickMs = 250;
constexpr int PageRows = 200;
constexpr qsizetype MostRows = 4000;
constexpr int KeptAround = 1000;
constexpr QChar VariantEnd(0x9c); // QFontMetrics::elidedText() takes the first of several texts that fits
}

UploadTableModel::UploadTableModel(UploadFeed &feed, QObject *parent)
    : QAbstractTableModel(parent)
    , m_feed(feed)
{
    m_tick.setInterval(TickMs);
    connect(&m_tick, &QTimer::timeout, this, &UploadTableModel::tick);
    m_tick.start();
}

void UploadTableModel::setFilter(const store::ItemFilter &filter)
{
    m_filter = filter;
    m_isReset = true;
    ++m_generation;
    m_isOrderAsked = false;
    askOrder();
}

void UploadTableModel::refreshOrder()
{
    askOrder();
}

void UploadTableModel::setAtRest(bool isAtRest)
{
    if (std::exchange(m_filter.isAtRest, isAtRest) != isAtRest && (m_filter.group == store::ItemGroup::Moving || m_filter.group == store::ItemGroup::Waiting))
        askOrder();
}

void UploadTableModel::askOrder()
{
    if (m_isOrderAsked) {
        m_isOrderWanted = true; // one question at a time; the next one follows its answer
        return;
    }
    m_isOrderAsked = true;
    store::ItemFilter asked = m_filter;
    // The head of a new list is there at once, while a million rows take their time. Other orders are sorted as a whole anyway.
    const bool isHead = m_isReset && m_filter.order == store::ItemFilter::Order::File;
    if (isHead)
        asked.most = PageRows;
    whenDone(m_feed.itemOrder(asked), this, [this, isHead, generation = m_generation](const Result<QList<qint64>> &order) {
        if (generation != m_generation)
            return;
        if (!order)
            return orderTaken(false);
        if (!m_isReset && m_filter.group != store::ItemGroup::All)
            return addAtEnd(*order);
        takeOrder(*order);
        orderTaken(isHead && order->size() == PageRows);
    });
}

void UploadTableModel::orderTaken(bool isHeadOfMore)
{
    m_isOrderAsked = false;
    askMissing();
    if (std::exchange(m_isOrderWanted, false) || isHeadOfMore)
        askOrder();
}

void UploadTableModel::takeOrder(const QList<qint64> &order)
{
    if (std::exchange(m_isReset, false)) {
        beginResetModel();
        m_order = order;
        m_stale.clear();
        endResetModel();
        Q_EMIT orderRead();
    } else if (order != m_order) {
        // What is equal at both ends stays; only the middle is taken out and put in. New photos of a folder and a new
        // folder on top are both one insertion.
        const auto head = std::mismatch(m_order.cbegin(), m_order.cend(), order.cbegin(), order.cend());
        const int first = static_cast<int>(head.first - m_order.cbegin());
        int oldEnd = static_cast<int>(m_order.size());
        int newEnd = static_cast<int>(order.size());
        while (oldEnd > first && newEnd > first && m_order.at(oldEnd - 1) == order.at(newEnd - 1)) {
            --oldEnd;
            --newEnd;
        }
        if (oldEnd > first) {
            beginRemoveRows({}, first, oldEnd - 1);
            m_order.remove(first, oldEnd - first);
            endRemoveRows();
        }
        if (newEnd > first) {
            beginInsertRows({}, first, newEnd - 1);
            m_order = order;
            endInsertRows();
        }
    }
}

void UploadTableModel::addAtEnd(const QList<qint64> &order)
{
    if (order == m_order)
        return orderTaken(false);
    // Of a million rows this takes longer than a turn of the window may. Until it is over no other order is asked for.
    const auto compared = QtConcurrent::run([old = m_order, order] {
        const QSet<qint64> known(old.cbegin(), old.cend());
        QList<qint64> added;
        for (const qint64 rowId : order) {
            if (!known.contains(rowId))
                added << rowId;
        }
        return added;
    });
    whenDone(compared, this, [this, generation = m_generation](const QList<qint64> &added) {
        if (generation != m_generation)
            return;
        if (!added.isEmpty()) {
            beginInsertRows({}, static_cast<int>(m_order.size()), static_cast<int>(m_order.size() + added.size()) - 1);
            m_order += added;
            endInsertRows();
        }
        orderTaken(false);
    });
}

void UploadTableModel::setVisibleRows(int first, int last)
{
    m_first = std::max(0, first);
    m_last = std::min(last, static_cast<int>(m_order.size()) - 1);
    askMissing();
}

void UploadTableModel::askMissing()
{
    if (m_last < m_first && m_order.isEmpty())
        return;
    // Whole pages, so that scrolling by a row does not ask for a row.
    const int from = std::max(0, m_first / PageRows * PageRows);
    const int to = std::min(static_cast<int>(m_order.size()), (std::max(m_first, m_last) / PageRows + 1) * PageRows);
    QList<qint64> missing;
    for (int row = from; row < to; ++row) {
        const qint64 rowId = m_order.at(row);
        if ((!m_rows.contains(rowId) || m_stale.contains(rowId)) && !m_asked.contains(rowId))
            missing << rowId;
    }
    if (missing.isEmpty())
        return;
    const QSet<qint64> asked(missing.cbegin(), missing.cend());
    m_asked.unite(asked);
    m_stale.subtract(asked); // what changes while the question is under way is stale again
    whenDone(m_feed.itemsByRowId(missing), this, [this, missing](const Result<QList<store::ItemView>> &views) {
        for (const qint64 rowId : missing)
            m_asked.remove(rowId);
        if (views)
            takeRows(*views);
    });
}

void UploadTableModel::takeRows(const QList<store::ItemView> &views)
{
    for (const store::ItemView &view : views) {
        UploadRow &row = m_rows[view.rowId];
        row.view = view;
        if (view.item.state != ItemState::Running || view.stages[static_cast<std::size_t>(Stage::Transfer)] == StageState::Done)
            row.progress.reset(); // what was sent last is not how fast it is now
        m_rowIds.insert(view.item.itemId, view.rowId);
        m_dirty.insert(view.rowId);
    }
    if (m_rows.size() > MostRows)
        forgetFarRows();
    QList<int> rows;
    for (int row = m_first; row <= std::min(m_last, static_cast<int>(m_order.size()) - 1); ++row) {
        if (m_dirty.remove(m_order.at(row)))
            rows << row;
    }
    announce(rows);
}

void UploadTableModel::forgetFarRows()
{
    QHash<qint64, UploadRow> kept;
    QHash<QUuid, qint64> ids;
    const int to = std::min(static_cast<int>(m_order.size()), m_last + KeptAround);
    for (int row = std::max(0, m_first - KeptAround); row < to; ++row) {
        const auto found = m_rows.constFind(m_order.at(row));
        if (found == m_rows.cend())
            continue;
        kept.insert(found.key(), *found);
        ids.insert(found->view.item.itemId, found.key());
    }
    m_rows = std::move(kept);
    m_rowIds = std::move(ids);
    m_dirty.clear();
    m_stale.clear();
}

void UploadTableModel::setContext(const RowContext &context)
{
    const bool isSame = m_context.queue.hold == context.queue.hold && m_context.queue.holdCode == context.queue.holdCode
        && m_context.pausedBatches == context.pausedBatches
        && RowWords::isAtRest(m_context.queue) == RowWords::isAtRest(context.queue);
    m_context = context;
    if (!isSame && m_last >= m_first) {
        for (int row = m_first; row <= std::min(m_last, static_cast<int>(m_order.size()) - 1); ++row)
            m_dirty.insert(m_order.at(row));
    }
}

void UploadTableModel::noteChanged(const QList<QUuid> &itemIds)
{
    for (const QUuid &itemId : itemIds) {
        const auto known = m_rowIds.constFind(itemId);
        if (known != m_rowIds.cend()) // else it will be read fresh when it comes into view
            m_stale.insert(*known);
    }
}

void UploadTableModel::noteProgress(const QList<pipeline::ItemProgress> &progress)
{
    for (const pipeline::ItemProgress &each : progress) {
        const auto known = m_rowIds.constFind(each.itemId);
        if (known == m_rowIds.cend())
            continue;
        m_rows[*known].progress = each;
        m_dirty.insert(*known);
    }
}

void UploadTableModel::notePicture(const QUuid &itemId)
{
    const auto known = m_rowIds.constFind(itemId);
    if (known != m_rowIds.cend())
        m_dirty.insert(*known);
}

void UploadTableModel::tick()
{
    m_context.nowMs = nowMs();
    QList<int> rows;
    bool hasStale = false;
    for (int row = m_first; row <= std::min(m_last, static_cast<int>(m_order.size()) - 1); ++row) {
        const qint64 rowId = m_order.at(row);
        hasStale = hasStale || m_stale.contains(rowId);
        const auto found = m_rows.constFind(rowId);
        const bool isCountingDown = found != m_rows.cend() && found->view.item.retryAtMs && !isEnded(found->view.item.state);
        if (m_dirty.remove(rowId) || isCountingDown)
            rows << row;
    }
    m_dirty.clear(); // rows out of sight are painted when they come into sight anyway
    if (hasStale)
        askMissing();
    announce(rows);
}

void UploadTableModel::announce(const QList<int> &rows)
{
    for (qsizetype i = 0; i < rows.size();) {
        qsizetype end = i + 1;
        while (end < rows.size() && rows.at(end) == rows.at(end - 1) + 1)
            ++end;
        Q_EMIT dataChanged(index(rows.at(i), 0), index(rows.at(end - 1), ColumnCount - 1));
        i = end;
    }
}

const UploadRow *UploadTableModel::rowAt(int row) const
{
    return row < 0 || row >= m_order.size() ? nullptr : rowOf(m_order.at(row));
}

const UploadRow *UploadTableModel::rowOf(qint64 rowId) const
{
    const auto found = m_rows.constFind(rowId);
    return found == m_rows.cend() ? nullptr : &*found;
}

QString UploadTableModel::line(const UploadRow &row) const
{
    QStringList cells;
    for (const int column : {NameColumn, SizeColumn, StatusColumn})
        cells << display(row, column).toString();
    return cells.join(u'\t');
}

QList<int> UploadTableModel::rowsOf(const QList<qint64> &rowIds) const
{
    const QSet<qint64> wanted(rowIds.cbegin(), rowIds.cend());
    QList<int> rows;
    for (int row = 0; row < m_order.size(); ++row) {
        if (wanted.contains(m_order.at(row)))
            rows << row;
    }
    return rows;
}

int UploadTableModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_order.size());
}

int UploadTableModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant UploadTableModel::display(const UploadRow &row, int column) const
{
    switch (column) {
    case NameColumn:
        return displayName(RowWords::fileName(row.view.item));
    case SizeColumn:
        return fileSizeText(row.view.item.identity.size);
    case SentColumn:
        if (const std::optional<int> percent = RowWords::sentPercent(row))
            return percentText(*percent);
        return u"–"_s;
    case SpeedColumn:
        if (row.progress && row.progress->stage == Stage::Transfer && row.progress->bytesPerSecond > 0 && !RowWords::isAtRest(m_context.queue))
            return megabytesText(row.progress->bytesPerSecond);
        return u"–"_s;
    case StatusColumn:
        return RowWords::status(row, m_context).text;
    default:
        return {};
    }
}

QVariant UploadTableModel::data(const QModelIndex &index, int role) const
{
    const UploadRow *row = index.isValid() ? rowAt(index.row()) : nullptr;
    if (!row)
        return {};
    switch (role) {
    case Qt::DisplayRole:
        return display(*row, index.column());
    case Qt::AccessibleTextRole:
        return RowWords::sentence(*row, m_context);
    case Qt::ToolTipRole:
        if (index.column() == StatusColumn)
            return plainToolTip(RowWords::status(*row, m_context).text);
        if (index.column() == NameColumn)
            return plainToolTip(textFromPath(row->view.item.relativePath));
        return {};
    case SortRole:
        if (index.column() == SizeColumn)
            return row->view.item.identity.size;
        return display(*row, index.column());
    default:
        return {};
    }
}

QVariant UploadTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole) {
        const bool isNumber = section == SizeColumn || section == SpeedColumn;
        return QVariant::fromValue(Qt::Alignment((isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    }
    if (role == Qt::AccessibleTextRole && section == PictureColumn)
        return tr("Picture");
    const QString wholeSteps = tr("This computer · Server");
    if (section == StepsColumn && role == Qt::AccessibleTextRole)
        return wholeSteps;
    if (section == StepsColumn && role == Qt::ToolTipRole)
        return plainToolTip(wholeSteps);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case NameColumn:
        return tr("Name");
    case SizeColumn:
        return tr("MB");
    case StepsColumn:
        return QString(wholeSteps + VariantEnd + tr("Steps"));
    case SentColumn:
        return tr("Sent");
    case SpeedColumn:
        return tr("MB/s");
    case StatusColumn:
        return tr("Status");
    default:
        return {};
    }
}

} // namespace photolift::ui
