#include "ui/uploads/workpage.h"

#include "ui/parts/humantext.h"
#include "ui/parts/icons.h"
#include "ui/uploads/batchdelegate.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPainter>

namespace photolift::ui {

using namespace Qt::StringLiterals;
using store::ItemGroup;

namespace {

constexpr int Margin = 16;
constexpr int DetailWidth = 368;
constexpr int WideWindow = 1200;
constexpr int LeastForBoth = 900;
constexpr int MostFolders = 3;
constexpr int SearchDelayMs = 200;

/// A line icon that only shows, in the colour of the theme.
class GlyphMark final : public QWidget
{
public:
    explicit GlyphMark(Glyph glyph)
        : m_glyph(glyph)
    {
        setFixedSize(scaled(16), scaled(16));
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        paintGlyph(painter, rect(), m_glyph, QColor(themeOf(palette()).text2));
    }

private:
    const Glyph m_glyph;
};

/// A bar of the page with a hairline below.
class Bar final : public QWidget
{
public:
    explicit Bar(int height)
    {
        setFixedHeight(height);
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        painter.fillRect(QRect(0, height() - 1, width(), 1), QColor(themeOf(palette()).line));
    }
};

} // namespace

WorkPage::WorkPage(UploadsController &controller, QWidget *parent)
    : QWidget(parent)
    , m_controller(controller)
    , m_splitter(new QSplitter(Qt::Horizontal))
    , m_left(new QWidget)
    , m_folderCount(new PlainLabel({}, TextSize::Body, Ink::Text3))
    , m_dropHint(new PlainLabel(tr("Drop more folders anywhere in this window"), TextSize::Small, Ink::Text2))
    , m_allFolders(new QToolButton)
    , m_folders(new QListView)
    , m_filter(new SegmentedFilter)
    , m_search(new QLineEdit)
    , m_photos(new PhotoTable(controller))
    , m_detail(new DetailPane(controller))
{
    auto *delegate = new BatchDelegate(*controller.batches(), *controller.pictures(), this);
    m_folders->setModel(controller.batches());
    m_folders->setItemDelegate(delegate);
    m_folders->setFrameShape(QFrame::NoFrame);
    m_folders->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_folders->setSelectionMode(QAbstractItemView::SingleSelection);
    m_folders->setUniformItemSizes(true);
    m_folders->setMouseTracking(true);
    m_folders->viewport()->setAttribute(Qt::WA_Hover);
    m_folders->setAccessibleName(tr("Folders"));
    m_folders->installEventFilter(this);

    auto *column = new QVBoxLayout(m_left);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(makeFolderHead());
    column->addWidget(m_folders);
    column->addWidget(makeFilterRow());
    column->addWidget(m_photos, 1);
    m_photos->setMinimumHeight(1); // before the rows above it would overlap
    m_left->setMinimumWidth(480);

    m_splitter->addWidget(m_left);
    m_splitter->addWidget(m_detail);
    m_splitter->setStretchFactor(0, 1);
    m_splitter->setStretchFactor(1, 0);
    m_splitter->setChildrenCollapsible(false);
    m_detail->setMinimumWidth(roomFor(300, 100));
    m_splitter->setSizes({1440 - roomFor(DetailWidth, 160), roomFor(DetailWidth, 160)});
    auto *whole = new QHBoxLayout(this);
    whole->setContentsMargins(0, 0, 0, 0);
    whole->addWidget(m_splitter);

    m_searchDelay.setSingleShot(true);
    m_searchDelay.setInterval(SearchDelayMs);
    connect(&m_searchDelay, &QTimer::timeout, this, [this] { m_controller.setSearch(m_search->text()); });
    connect(m_search, &QLineEdit::textChanged, &m_searchDelay, QOverload<>::of(&QTimer::start));
    connect(m_filter, &SegmentedFilter::currentChanged, this, [this](int group) { m_controller.setGroup(static_cast<ItemGroup>(group)); });
    connect(m_photos, &PhotoTable::currentItemChanged, m_detail, &DetailPane::showItem);
    connect(m_photos, &PhotoTable::detailWanted, this, [this] { setDetailShown(true); });
    connect(delegate, &BatchDelegate::pauseClicked, &m_controller, &UploadsController::togglePause);
    connect(delegate, &BatchDelegate::cancelClicked, this, &WorkPage::stopFolderWanted);
    connect(m_controller.pictures(), &PictureCache::pictureArrived, m_folders->viewport(), QOverload<>::of(&QWidget::update));
    connect(m_folders->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
        const QUuid chosen = currentFolder();
        m_allFolders->setVisible(!chosen.isNull() && m_controller.batches()->rowCount() > 1);
        // Said again when rows move: only another folder is a choice.
        if (std::exchange(m_selected, chosen) != chosen) {
            m_isChosen = !m_isOffering && !chosen.isNull();
            if (const auto &shown = m_detail->detail(); m_isChosen && shown && shown->view.item.batchId != chosen)
                m_photos->leaveRow(); // its details would stand beside the photos of the folder somebody went to
        }
        m_controller.selectBatch(chosen);
    });
    connect(m_allFolders, &QToolButton::clicked, this, [this] { selectFolder({}); });
    for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(controller.batches(), signal, this, &WorkPage::fitFolders);
    connect(controller.batches(), &QAbstractItemModel::rowsInserted, this, &WorkPage::takeOffered);
    connect(&m_controller, &UploadsController::countsChanged, this, &WorkPage::showCounts);
}

QWidget *WorkPage::makeFolderHead()
{
    auto *bar = new Bar(roomFor(41, 20));
    auto *title = new PlainLabel(tr("Folders"));
    title->setTextSize(TextSize::Body, QFont::DemiBold);
    m_allFolders->setText(tr("Show all folders"));
    m_allFolders->setFont(fontFor(TextSize::Small, QFont::Medium));
    m_allFolders->setAutoRaise(true);
    m_allFolders->setFixedHeight(roomFor(28, 16));
    m_allFolders->hide();
    m_dropHint->setElided(Qt::ElideRight);
    m_dropHint->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Preferred);
    auto *add = new QPushButton(glyphIcon(Glyph::AddFolder), tr("Add folder"));
    add->setProperty("compact", true);
    add->setFont(fontFor(TextSize::Small, QFont::Medium));
    add->setToolTip(tr("Add folder (Ctrl+O)"));
    connect(add, &QPushButton::clicked, this, &WorkPage::addWanted);
    auto *row = new QHBoxLayout(bar);
    row->setContentsMargins(Margin, 0, Margin, 1);
    row->setSpacing(8);
    row->addWidget(title);
    row->addWidget(m_folderCount);
    row->addWidget(m_allFolders);
    row->addStretch(1);
    row->addWidget(new GlyphMark(Glyph::Download));
    row->addWidget(m_dropHint);
    row->addWidget(add);
    return bar;
}

QWidget *WorkPage::makeFilterRow()
{
    auto *bar = new Bar(roomFor(49, 20));
    const auto add = [this](ItemGroup group, const QString &word, std::optional<StatusMark> mark) {
        m_filter->add(static_cast<int>(group), word, mark);
    };
    add(ItemGroup::All, tr("All"), std::nullopt);
    add(ItemGroup::NeedsYou, tr("Needs you"), StatusMark::Failed);
    add(ItemGroup::Moving, tr("Moving", "filter of photos"), StatusMark::Running);
    add(ItemGroup::Waiting, tr("Waiting"), StatusMark::Waiting);
    add(ItemGroup::Done, tr("Done"), StatusMark::Done);
    add(ItemGroup::AlreadyThere, tr("Already there"), StatusMark::Duplicate);
    add(ItemGroup::Skipped, tr("Skipped"), StatusMark::Cancelled);
    m_filter->button(static_cast<int>(ItemGroup::Skipped))->hide();
    m_filter->setAccessibleName(tr("Which photos are shown"));
    m_search->setPlaceholderText(tr("Find a photo"));
    m_search->addAction(glyphIcon(Glyph::Search, GlyphInk::Text3), QLineEdit::LeadingPosition);
    m_search->setClearButtonEnabled(true);
    m_search->setAcceptDrops(false); // folders are dropped on the window, also here
    m_search->setMinimumWidth(roomFor(120, 60));
    m_search->setMaximumWidth(scaled(200));
    m_search->setAccessibleName(tr("Find a photo"));
    m_search->setToolTip(tr("Find a photo (Ctrl+F)"));
    auto *row = new QHBoxLayout(bar);
    row->setContentsMargins(Margin, 0, Margin, 1);
    row->setSpacing(12);
    row->addWidget(m_filter);
    row->addStretch();
    row->addWidget(m_search, 1); // as wide as it may be, then the room is left free
    return bar;
}

void WorkPage::fitFolders()
{
    const int rows = m_controller.batches()->rowCount();
    m_folderCount->setData(countText(rows));
    m_allFolders->setVisible(rows > 1 && !currentFolder().isNull());
    const int rowHeight = m_folders->itemDelegate()->sizeHint({}, {}).height();
    // In a low window the photos matter more than the third folder.
    const int room = std::max(0, height() - roomFor(41, 20) - roomFor(49, 20) - m_photos->leastHeight());
    const int most = std::clamp(room / (2 * rowHeight), 1, MostFolders);
    const int shown = std::clamp(rows, 1, most);
    m_folders->setFixedHeight(std::min(room, shown * rowHeight + (rows > most ? rowHeight / 3 : 0)));
}

void WorkPage::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    fitFolders();
    applyDetail();
    fitFilter();
}

void WorkPage::fitFilter()
{
    m_filter->fitInto(m_folders->width() - 2 * Margin - 12 - m_search->minimumWidth());
}

void WorkPage::applyDetail()
{
    const bool isShown = m_wantsDetail.value_or(window()->width() >= roomFor(WideWindow, 600));
    m_detail->setVisible(isShown);
    // With a large font in a small window there is room for one of the two: what was asked for last.
    m_left->setVisible(!isShown || width() >= roomFor(LeastForBoth, LeastForBoth / 2));
}

void WorkPage::setDetailShown(bool isShown)
{
    m_wantsDetail = isShown;
    applyDetail();
}

void WorkPage::offerFolder(const QUuid &batchId)
{
    m_offered = batchId;
    takeOffered();
}

void WorkPage::takeOffered()
{
    if (m_offered.isNull() || m_controller.batches()->rowOf(m_offered) < 0)
        return;
    const QUuid folder = std::exchange(m_offered, {});
    if (m_isChosen)
        return;
    m_isOffering = true;
    selectFolder(folder);
    m_isOffering = false;
}

QUuid WorkPage::currentFolder() const
{
    const QModelIndexList rows = m_folders->selectionModel()->selectedRows();
    const BatchRow *row = rows.isEmpty() ? nullptr : m_controller.batches()->rowAt(rows.first().row());
    return row ? row->view.batch.batchId : QUuid();
}

void WorkPage::selectFolder(const QUuid &batchId)
{
    const int row = m_controller.batches()->rowOf(batchId);
    if (row < 0) {
        m_folders->clearSelection();
        m_folders->setCurrentIndex({});
        return;
    }
    m_folders->setCurrentIndex(m_controller.batches()->index(row));
}

void WorkPage::setGroup(ItemGroup group)
{
    m_filter->setCurrent(static_cast<int>(group));
    m_controller.setGroup(group);
}

void WorkPage::showCounts(const QHash<ItemGroup, qint64> &counts)
{
    for (const ItemGroup group : {ItemGroup::All, ItemGroup::NeedsYou, ItemGroup::Moving, ItemGroup::Waiting, ItemGroup::Done,
                                  ItemGroup::AlreadyThere, ItemGroup::Skipped})
        m_filter->setCount(static_cast<int>(group), counts.value(group));
    // Most drops skip nothing; the part appears when it has something to show.
    const bool hasSkipped = counts.value(ItemGroup::Skipped) > 0 || m_filter->current() == static_cast<int>(ItemGroup::Skipped);
    m_filter->button(static_cast<int>(ItemGroup::Skipped))->setVisible(hasSkipped);
    m_filter->button(static_cast<int>(ItemGroup::AlreadyThere))->setPlace(false, !hasSkipped);
    fitFilter();
}

bool WorkPage::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_folders && event->type() == QEvent::Resize)
        fitFilter(); // also when only the detail pane came or went
    if (watched == m_folders && event->type() == QEvent::KeyPress) {
        const auto *key = static_cast<QKeyEvent *>(event);
        const QUuid folder = currentFolder();
        if (key->modifiers() == Qt::NoModifier && !folder.isNull()) {
            if (key->key() == Qt::Key_Space) {
                m_controller.togglePause(folder);
                return true;
            }
            if (key->key() == Qt::Key_Delete) {
                Q_EMIT stopFolderWanted(folder);
                return true;
            }
        }
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace photolift::ui
