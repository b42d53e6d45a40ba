#include "ui/uploads/uploadspage.h"

#include "models/vocabulary/pathtext.h"
#include "models/vocabulary/whendone.h"
#include "ui/parts/humantext.h"
#include "ui/parts/icons.h"

#include <QApplication>
#include <QClipboard>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QInputDialog>
#include <QMessageBox>
#include <QMimeData>
#include <QtConcurrentRun>

namespace photolift::ui {

using namespace Qt::StringLiterals;

namespace {

/// A picture dragged out of a browser is an address, nothing that could be read here.
bool hasFiles(const QMimeData &mime)
{
    const QList<QUrl> urls = mime.urls();
    return std::any_of(urls.cbegin(), urls.cend(), [](const QUrl &url) { return url.isLocalFile(); });
}

/// An action that does nothing now says why, in the menu.
void setBlocked(QAction *action, const QString &why)
{
    action->setEnabled(why.isEmpty());
    action->setToolTip(plainToolTip(why));
}

} // namespace

UploadsPage::UploadsPage(UploadsController &controller, QWidget *parent)
    : QWidget(parent)
    , m_controller(controller)
    , m_verdicts(new VerdictBar)
    , m_notice(new NoticeBar)
    , m_stack(new QStackedWidget)
    , m_empty(new EmptyPage(controller.destination(), *controller.pictures()))
    , m_work(new WorkPage(controller))
    , m_photoActs(new PhotoActs(controller, *m_work->photos(), *m_notice, this))
    , m_dropCover(new DropArea(controller.destination().isThisComputer, this))
{
    m_stack->addWidget(new QWidget); // until it is known which of the two it is
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_work);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_verdicts);
    column->addWidget(m_notice);
    column->addWidget(m_stack, 1);
    m_dropCover->setAutoFillBackground(true); // nothing of the page shows at its round corners
    m_dropCover->hide();

    makeActions();
    connectVerdicts();
    DropArea *area = m_empty->dropArea();
    connect(area, &DropArea::chooseWanted, this, &UploadsPage::chooseFolders);
    connect(area, &DropArea::newProjectWanted, this, &UploadsPage::askProjectName);
    connect(area, &DropArea::projectChosen, this, [this, area](const QString &name) {
        m_controller.setProjectName(name);
        area->setProjects(m_projects, name);
    });
    connect(&m_controller, &UploadsController::projectsChanged, this, [this, area](const QStringList &names) {
        m_projects = names;
        if (!names.contains(m_controller.projectName()))
            m_controller.setProjectName(names.first());
        area->setProjects(names, m_controller.projectName());
    });
    connect(m_work, &WorkPage::addWanted, this, &UploadsPage::chooseFolders);
    connect(m_work, &WorkPage::stopFolderWanted, this, &UploadsPage::askStopFolder);
    connect(m_work->detail(), &DetailPane::showInFolderWanted, m_photoActs, &PhotoActs::showInFolder);
    connect(&m_controller, &UploadsController::emptyChanged, this, [this](bool isEmpty) {
        QWidget *page = isEmpty ? static_cast<QWidget *>(m_empty) : m_work;
        if (m_stack->currentWidget() == page)
            return;
        m_stack->setCurrentWidget(page);
        if (isEmpty)
            m_empty->dropArea()->chooseButton()->setFocus();
        else
            m_work->photos()->setFocus();
    });
    connect(&m_controller, &UploadsController::folderAdded, m_work, &WorkPage::offerFolder);
    connect(&m_controller, &UploadsController::recentChanged, m_empty->recent(), &RecentFolders::setFolders);
    connect(&m_controller, &UploadsController::recentFaceKnown, m_empty->recent(), &RecentFolders::setFace);
    connect(&m_controller, &UploadsController::refused, this, [this](const QString &title, const QString &advice) {
        m_notice->say(Tone::Failed, title, advice, {}, 0);
    });
    connect(&m_controller, &UploadsController::refusalOver, this, [this](const QString &title) {
        if (m_notice->text() == title)
            m_notice->hide();
    });
    connect(&m_controller, &UploadsController::undoOffered, this, [this](qint64 photos, qint64 untilMs, bool hasStoppedWalk) {
        const qint64 left = untilMs - QDateTime::currentMSecsSinceEpoch();
        const QString stopped = hasStoppedWalk ? tr("The folder is not counted any further. Undo counts it again.") : QString();
        if (photos == 0 && !hasStoppedWalk)
            m_notice->say(Tone::Running, tr("Too late to cancel"), tr("The photos are on their way through the server and run to their end."), {}, 0);
        else if (left > 0)
            m_notice->say(Tone::Running, tr("%Ln photo(s) cancelled", nullptr, static_cast<int>(photos)), stopped, tr("Undo"), static_cast<int>(left));
    });
    connect(m_notice, &NoticeBar::buttonClicked, this, [this] { m_controller.feed().undoCancel(); });
}

QAction *UploadsPage::makeAction(const QString &text, const QList<QKeySequence> &keys, void (UploadsPage::*handler)())
{
    auto *action = new QAction(text, this);
    action->setShortcuts(keys);
    action->setShortcutContext(Qt::WindowShortcut);
    addAction(action);
    connect(action, &QAction::triggered, this, handler);
    return action;
}

void UploadsPage::makeActions()
{
    m_actions.addFolder = makeAction(tr("Add folder…"), {Qt::CTRL | Qt::Key_O}, &UploadsPage::chooseFolders);
    m_actions.paste = makeAction(tr("Paste copied files"), {Qt::CTRL | Qt::Key_V}, &UploadsPage::pasteFiles);
    m_actions.find = makeAction(tr("Find a photo"), {Qt::CTRL | Qt::Key_F}, &UploadsPage::find);
    m_actions.pauseAll = makeAction(tr("Pause all"), {Qt::CTRL | Qt::SHIFT | Qt::Key_Space}, &UploadsPage::togglePauseAll);
    m_actions.retry = makeAction(tr("Retry selected"), {Qt::CTRL | Qt::Key_R}, &UploadsPage::retrySelected);
    m_actions.retryAll = makeAction(tr("Retry all failed"), {Qt::CTRL | Qt::SHIFT | Qt::Key_R}, &UploadsPage::retryAll);
    m_actions.clearFinished = makeAction(tr("Clear finished"), {}, &UploadsPage::clearFinished);
    m_actions.nextFailed = makeAction(tr("Next failed photo"), {Qt::Key_F8}, &UploadsPage::nextFailed);
    m_actions.previousFailed = makeAction(tr("Previous failed photo"), {Qt::SHIFT | Qt::Key_F8}, &UploadsPage::previousFailed);
    m_actions.detail = makeAction(tr("Show or hide details"), {Qt::Key_F9}, &UploadsPage::toggleDetail);
    m_actions.copyRow = makeAction(tr("Copy row"), {Qt::CTRL | Qt::Key_C}, &UploadsPage::copyRow);
    m_actions.copyReport = makeAction(tr("Copy report"), {Qt::CTRL | Qt::SHIFT | Qt::Key_C}, &UploadsPage::copyReport);
    m_actions.nextPane = makeAction(tr("Next pane"), {Qt::Key_F6}, &UploadsPage::nextPane);
    m_actions.previousPane = makeAction(tr("Previous pane"), {Qt::SHIFT | Qt::Key_F6}, &UploadsPage::previousPane);
    m_actions.putFirst = makeAction(tr("This folder first"), {}, &UploadsPage::putFirst);
    m_actions.addFolder->setIcon(glyphIcon(Glyph::AddFolder));
    m_photoActs->setPageActions({m_actions.copyRow, m_actions.copyReport});
    m_actions.retryAll->setIcon(glyphIcon(Glyph::Retry));
    m_actions.clearFinished->setIcon(glyphIcon(Glyph::Check));
    m_actions.detail->setIcon(glyphIcon(Glyph::Panel));
}

void UploadsPage::connectVerdicts()
{
    m_verdicts->attention()->setButtonIcon(glyphIcon(Glyph::ChevronRight), true);
    connect(&m_controller, &UploadsController::verdictsChanged, this, &UploadsPage::showVerdicts);
    connect(m_verdicts->motion(), &LampWidget::buttonClicked, this, [this] { m_controller.act(m_controller.motionAct()); });
    connect(m_verdicts->attention(), &LampWidget::buttonClicked, this, &UploadsPage::showNeedsYou);
    showVerdicts();
}

void UploadsPage::showVerdicts()
{
    const VerdictWords::Motion motion = m_controller.motion();
    Glyph glyph = Glyph::Pause;
    if (motion.act == MotionAct::ResumeAll)
        glyph = Glyph::Play;
    else if (motion.act == MotionAct::TryNow)
        glyph = Glyph::Retry;
    else if (motion.act == MotionAct::ClearFinished)
        glyph = Glyph::Check;
    m_verdicts->motion()->setButtonIcon(glyphIcon(glyph));
    m_verdicts->motion()->setVerdict(motion.verdict);
    m_verdicts->attention()->setVerdict(m_controller.attention());
    m_verdicts->setShares(m_controller.totals().shares());
    m_actions.pauseAll->setText(motion.act == MotionAct::ResumeAll ? motion.verdict.button : tr("Pause all")); // or "Upload anyway"
    m_actions.pauseAll->setIcon(glyphIcon(motion.act == MotionAct::ResumeAll ? Glyph::Play : Glyph::Pause));
    // It was pressed, and is said when it is on disk.
    const QString whyNotPause = m_controller.queue().isPauseChanging
        ? tr("Asked for already – takes effect by itself as soon as it can be written to the disk of this computer")
        : QString();
    const bool isOfPause = motion.act == MotionAct::PauseAll || motion.act == MotionAct::ResumeAll;
    m_verdicts->motion()->setButtonBlocked(isOfPause ? whyNotPause : QString());
    const Totals &totals = m_controller.totals();
    setBlocked(m_actions.pauseAll, whyNotPause); // with nothing on its way it holds for what is dropped next
    const QString whyNotFailed = totals.needsYou > 0 ? QString() : tr("No photo needs you");
    for (QAction *action : {m_actions.retryAll, m_actions.nextFailed, m_actions.previousFailed})
        setBlocked(action, whyNotFailed);
    setBlocked(m_actions.clearFinished, totals.finishedMs ? QString() : tr("No folder has finished yet"));
}

void UploadsPage::takeDragEnter(QDragEnterEvent &event)
{
    if (!hasFiles(*event.mimeData()))
        return;
    event.setDropAction(Qt::CopyAction);
    event.accept();
    showDrag(DropArea::Drag{});
    lookAtDrag(*event.mimeData());
}

void UploadsPage::lookAtDrag(const QMimeData &mime)
{
    QStringList paths;
    const QList<QUrl> urls = mime.urls();
    for (const QUrl &url : urls) {
        if (url.isLocalFile())
            paths << url.toLocalFile();
    }
    const auto looked = QtConcurrent::run([paths] {
        return static_cast<int>(std::count_if(paths.cbegin(), paths.cend(), [](const QString &path) { return QFileInfo(path).isDir(); }));
    });
    whenDone(looked, this, [this, all = static_cast<int>(paths.size())](int folders) {
        const bool isStillDragged = m_dropCover->isVisible() || m_empty->property("dragged").toBool();
        if (isStillDragged)
            showDrag(DropArea::Drag{folders, all - folders});
    });
}

void UploadsPage::showDrag(const std::optional<DropArea::Drag> &drag)
{
    m_empty->setProperty("dragged", drag.has_value());
    m_empty->dropArea()->setDrag(drag);
    m_dropCover->setVisible(drag && !isEmpty());
    if (!drag || isEmpty())
        return;
    m_dropCover->setProjects(m_projects, m_controller.projectName());
    m_dropCover->setDrag(drag);
    m_dropCover->setGeometry(m_stack->geometry());
    m_dropCover->raise();
}

void UploadsPage::takeDragMove(QDragMoveEvent &event)
{
    if (hasFiles(*event.mimeData())) {
        event.setDropAction(Qt::CopyAction);
        event.accept();
    }
}

void UploadsPage::takeDragLeave()
{
    showDrag(std::nullopt);
}

void UploadsPage::takeDrop(QDropEvent &event)
{
    showDrag(std::nullopt);
    if (!hasFiles(*event.mimeData()))
        return;
    event.setDropAction(Qt::CopyAction);
    event.accept();
    m_controller.addUrls(event.mimeData()->urls());
}

void UploadsPage::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    if (m_dropCover->isVisible())
        m_dropCover->setGeometry(m_stack->geometry());
}

void UploadsPage::keyPressEvent(QKeyEvent *event)
{
    if (event->key() != Qt::Key_Escape || event->modifiers() != Qt::NoModifier) {
        QWidget::keyPressEvent(event);
        return;
    }
    if (!isEmpty() && m_work->isListHidden())
        m_work->setDetailShown(false);
    else if (!m_work->search()->text().isEmpty())
        m_work->search()->clear();
    else if (m_notice->isVisible())
        m_notice->hide();
    else
        m_work->photos()->setFocus();
}

void UploadsPage::chooseFolders()
{
    // Not exec(): a nested event loop would hold what happens meanwhile.
    auto *dialog = new QFileDialog(this, tr("Choose a folder of photos"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    // Not urlsSelected(): Qt's own dialog, which is used where the desktop has none, does not emit it.
    connect(dialog, &QFileDialog::accepted, &m_controller, [this, dialog] { m_controller.addUrls(dialog->selectedUrls()); });
    dialog->open();
}

void UploadsPage::pasteFiles()
{
    if (auto *field = qobject_cast<QLineEdit *>(QApplication::focusWidget())) {
        field->paste();
        return;
    }
    if (const QMimeData *mime = QApplication::clipboard()->mimeData(); mime && mime->hasUrls())
        m_controller.addUrls(mime->urls());
}

void UploadsPage::askProjectName()
{
    auto *dialog = new QInputDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("New project"));
    dialog->setLabelText(tr("Name of the project:"));
    connect(dialog, &QInputDialog::textValueSelected, this, [this](const QString &name) {
        if (name.trimmed().isEmpty())
            return;
        m_controller.setProjectName(name);
        if (!m_projects.contains(m_controller.projectName()))
            m_projects << m_controller.projectName();
        m_empty->dropArea()->setProjects(m_projects, m_controller.projectName());
    });
    dialog->open();
}

void UploadsPage::find()
{
    if (!isEmpty()) {
        m_work->search()->setFocus(Qt::ShortcutFocusReason);
        m_work->search()->selectAll();
    }
}

void UploadsPage::togglePauseAll()
{
    m_controller.togglePauseAll();
}

void UploadsPage::retrySelected()
{
    m_photoActs->retry();
}

void UploadsPage::retryAll()
{
    m_controller.feed().retryAllFailed();
}

void UploadsPage::clearFinished()
{
    m_controller.act(MotionAct::ClearFinished);
}

void UploadsPage::nextFailed()
{
    m_controller.seekFailed(m_work->photos()->currentIndex().row(), true);
}

void UploadsPage::previousFailed()
{
    m_controller.seekFailed(m_work->photos()->currentIndex().row(), false);
}

void UploadsPage::toggleDetail()
{
    m_work->setDetailShown(!m_work->isDetailShown());
}

void UploadsPage::copyRow()
{
    if (auto *field = qobject_cast<QLineEdit *>(QApplication::focusWidget()))
        field->copy();
    else
        m_photoActs->copyRows();
}

void UploadsPage::copyReport()
{
    if (const QString report = m_work->detail()->report(); !report.isEmpty())
        m_photoActs->copyText(report);
}

void UploadsPage::putFirst()
{
    if (const QUuid folder = m_work->currentFolder(); !folder.isNull())
        m_controller.feed().putFirst(folder);
}

void UploadsPage::movePane(int step)
{
    if (isEmpty()) {
        m_empty->dropArea()->chooseButton()->setFocus(Qt::ShortcutFocusReason);
        return;
    }
    QList<QWidget *> panes{m_work->folders(), m_work->photos(), m_work->detail()};
    panes.removeIf([](const QWidget *pane) { return !pane->isVisible(); });
    const QWidget *focus = QApplication::focusWidget();
    qsizetype at = step > 0 ? -1 : 0;
    for (qsizetype i = 0; i < panes.size(); ++i) {
        if (focus && (panes.at(i) == focus || panes.at(i)->isAncestorOf(focus)))
            at = i;
    }
    const qsizetype count = panes.size();
    if (count > 0)
        panes.at((at + step + count) % count)->setFocus(Qt::ShortcutFocusReason); // Tab's reason shows no ring outside of Tab's own event
}

void UploadsPage::askStopFolder(const QUuid &batchId)
{
    const BatchRow *row = m_controller.batches()->rowAt(m_controller.batches()->rowOf(batchId));
    if (!row)
        return;
    const qint64 left = row->view.moving + row->view.waiting;
    const qint64 safe = row->view.safe + row->view.duplicate;
    auto *box = new QMessageBox(this);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setTextFormat(Qt::PlainText);
    box->setWindowTitle(displayName(row->view.batch.name));
    box->setText(tr("Stop uploading %Ln photo(s)?", nullptr, static_cast<int>(left)));
    if (m_controller.destination().isThisComputer)
        box->setInformativeText(tr("The %Ln photo(s) already copied stay in %1.", nullptr, static_cast<int>(safe))
                                    .arg(displayName(folderText(m_controller.destination().folder))));
    else
        box->setInformativeText(tr("The %Ln photo(s) already safe stay on the server.", nullptr, static_cast<int>(safe)));
    QPushButton *stop = box->addButton(tr("Stop uploading"), QMessageBox::DestructiveRole);
    box->setDefaultButton(box->addButton(tr("Keep uploading"), QMessageBox::RejectRole));
    connect(stop, &QPushButton::clicked, this, [this, batchId] { m_controller.feed().cancelBatch(batchId); });
    box->open();
}

void UploadsPage::showNeedsYou()
{
    m_work->selectFolder({});
    if (m_controller.totals().needsYou == 0) { // the lamp spoke of skipped files
        m_work->setGroup(store::ItemGroup::Skipped);
        return;
    }
    m_work->setGroup(store::ItemGroup::NeedsYou);
    m_controller.seekFailed(-1, true);
}

} // namespace photolift::ui
