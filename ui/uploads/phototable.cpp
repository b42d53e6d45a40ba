#include "ui/uploads/phototable.h"

#include "ui/parts/fonts.h"
#include "ui/parts/stagestrip.h"
#include "ui/uploads/photodelegate.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QScrollBar>

namespace photolift::ui {

namespace {

constexpr int PictureWidth = 76; // 60 and the page margin
constexpr int SizeWidth = 72;
constexpr int SentWidth = 124;
constexpr int SpeedWidth = 72;
constexpr int NameLeast = 150;
constexpr int StatusLeast = 200;

using Column = UploadTableModel::Column;

class Header final : public QHeaderView
{
public:
    explicit Header(QWidget *parent)
        : QHeaderView(Qt::Horizontal, parent)
    {
        setSectionsClickable(true);
        setHighlightSections(false);
        setSectionResizeMode(QHeaderView::Fixed);
        setMinimumSectionSize(20);
    }
    QSize sizeHint() const override
    {
        return {100, std::max(roomFor(28, 16), QFontMetrics(fontFor(TextSize::Label)).height() + 10)};
    }
};

} // namespace

PhotoTable::PhotoTable(UploadsController &controller, QWidget *parent)
    : QTableView(parent)
    , m_controller(controller)
{
    setHorizontalHeader(new Header(this));
    setModel(controller.photos());
    auto *delegate = new PhotoDelegate(*controller.photos(), *controller.pictures(), this);
    setItemDelegate(delegate);
    verticalHeader()->hide();
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    verticalHeader()->setDefaultSectionSize(delegate->sizeHint({}, {}).height());
    setShowGrid(false);
    setWordWrap(false);
    setFrameShape(QFrame::NoFrame);
    setSelectionBehavior(SelectRows);
    setSelectionMode(ExtendedSelection);
    setVerticalScrollMode(ScrollPerPixel);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setTabKeyNavigation(false);
    horizontalHeader()->setSortIndicatorShown(true);
    horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder); // the order of the files
    setAccessibleName(tr("Photos"));
    setAutoScroll(false);
    connect(verticalScrollBar(), &QScrollBar::valueChanged, this, &PhotoTable::tellVisibleRows);
    connect(model(), &QAbstractItemModel::rowsInserted, this, &PhotoTable::tellVisibleRows);
    connect(model(), &QAbstractItemModel::rowsRemoved, this, &PhotoTable::tellVisibleRows);
    connect(model(), &QAbstractItemModel::modelReset, this, &PhotoTable::tellVisibleRows);
    connect(model(), &QAbstractItemModel::dataChanged, this, &PhotoTable::announceCurrent);
    connect(horizontalHeader(), &QHeaderView::sectionClicked, this, &PhotoTable::sortBy);
    connect(&controller, &UploadsController::rowWanted, this, &PhotoTable::goToRow);
}

int PhotoTable::leastHeight() const
{
    return horizontalHeader()->sizeHint().height() + verticalHeader()->defaultSectionSize();
}

void PhotoTable::tellVisibleRows()
{
    const int height = verticalHeader()->defaultSectionSize();
    const int first = verticalScrollBar()->value() / height;
    m_controller.photos()->setVisibleRows(first, first + viewport()->height() / height + 1);
}

void PhotoTable::fitColumns()
{
    const int width = viewport()->width();
    int rest = width - PictureWidth - (stageStripSize().width() + 21) - scaled(NameLeast) - scaled(StatusLeast);
    // The narrower the window, the less is shown: first the speed goes, then the size, then what was sent.
    const bool hasSent = rest >= scaled(SentWidth);
    rest -= hasSent ? scaled(SentWidth) : 0;
    const bool hasSize = hasSent && rest >= scaled(SizeWidth);
    rest -= hasSize ? scaled(SizeWidth) : 0;
    const bool hasSpeed = hasSize && rest >= scaled(SpeedWidth);
    rest -= hasSpeed ? scaled(SpeedWidth) : 0;
    setColumnHidden(Column::SentColumn, !hasSent);
    setColumnHidden(Column::SizeColumn, !hasSize);
    setColumnHidden(Column::SpeedColumn, !hasSpeed);
    setColumnWidth(Column::PictureColumn, PictureWidth);
    setColumnWidth(Column::SizeColumn, scaled(SizeWidth));
    setColumnWidth(Column::StepsColumn, stageStripSize().width() + 21);
    setColumnWidth(Column::SentColumn, scaled(SentWidth));
    setColumnWidth(Column::SpeedColumn, scaled(SpeedWidth));
    const int nameShare = std::max(0, rest) / 3; // what cameras and phones call their photos is whole in the first window
    // Narrower than the least: name and status share what is missing.
    const int missing = std::max(0, -rest);
    setColumnWidth(Column::NameColumn, scaled(NameLeast) + nameShare - missing / 2);
    setColumnWidth(Column::StatusColumn, scaled(StatusLeast) + std::max(0, rest) - nameShare - (missing - missing / 2));
}

void PhotoTable::resizeEvent(QResizeEvent *event)
{
    QTableView::resizeEvent(event);
    fitColumns();
    tellVisibleRows();
}

void PhotoTable::sortBy(int column)
{
    using Order = store::ItemFilter::Order;
    static const QHash<int, Order> Orders{{Column::NameColumn, Order::Name}, {Column::SizeColumn, Order::Size}, {Column::StatusColumn, Order::State}};
    if (Orders.contains(column)) {
        // First up, then down, then back to the order of the files.
        const bool isSecond = m_sortedColumn == column && !m_isDescending;
        const bool isThird = m_sortedColumn == column && m_isDescending;
        m_sortedColumn = isThird ? -1 : column;
        m_isDescending = isSecond;
        m_controller.setOrder(isThird ? Order::File : Orders.value(column), m_isDescending);
    }
    // The header moved its arrow already, also to columns by which nothing is sorted.
    horizontalHeader()->setSortIndicator(m_sortedColumn, m_isDescending ? Qt::DescendingOrder : Qt::AscendingOrder);
}

void PhotoTable::goToRow(int row)
{
    const QModelIndex index = model()->index(row, Column::NameColumn);
    scrollTo(index, PositionAtCenter);
    setCurrentIndex(index);
    selectRow(row);
    setFocus(Qt::ShortcutFocusReason);
    tellVisibleRows();
}

void PhotoTable::leaveRow()
{
    selectionModel()->clear();
    m_announced = {};
    Q_EMIT currentItemChanged({});
}

QList<int> PhotoTable::selectedRows() const
{
    // Not selectedRows(): it makes an index for every row, of a hundred thousand as well.
    QList<int> rows;
    const QItemSelection ranges = selectionModel()->selection();
    for (const QItemSelectionRange &range : ranges) {
        for (int row = range.top(); row <= range.bottom(); ++row)
            rows << row;
    }
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    return rows;
}

const UploadRow *PhotoTable::currentRow() const
{
    return m_controller.photos()->rowAt(currentIndex().row());
}

void PhotoTable::currentChanged(const QModelIndex &current, const QModelIndex &previous)
{
    QTableView::currentChanged(current, previous);
    for (const QModelIndex &index : {current, previous}) {
        if (index.isValid())
            viewport()->update(QRect(0, rowViewportPosition(index.row()), viewport()->width(), rowHeight(index.row())));
    }
    announceCurrent();
}

void PhotoTable::announceCurrent()
{
    // The row may be read only after it became the current one.
    const UploadRow *row = currentRow();
    const QUuid itemId = row ? row->view.item.itemId : QUuid();
    if (itemId.isNull() || itemId == m_announced)
        return;
    m_announced = itemId;
    Q_EMIT currentItemChanged(itemId);
}

void PhotoTable::focusInEvent(QFocusEvent *event)
{
    QTableView::focusInEvent(event);
    viewport()->update();
}

void PhotoTable::focusOutEvent(QFocusEvent *event)
{
    QTableView::focusOutEvent(event);
    viewport()->update();
}

void PhotoTable::keyPressEvent(QKeyEvent *event)
{
    if (event->modifiers() == Qt::NoModifier) {
        switch (event->key()) {
        case Qt::Key_Space:
            Q_EMIT pauseWanted();
            return;
        case Qt::Key_Delete:
            Q_EMIT cancelWanted();
            return;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            Q_EMIT detailWanted();
            return;
        default:
            break;
        }
    }
    if (event->matches(QKeySequence::Copy)) {
        event->ignore(); // the page copies the row
        return;
    }
    QTableView::keyPressEvent(event);
}

} // namespace photolift::ui
