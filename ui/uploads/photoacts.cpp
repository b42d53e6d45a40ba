#include "ui/uploads/photoacts.h"

#include "models/vocabulary/pathtext.h"
#include "models/vocabulary/whendone.h"
#include "ui/uploads/photomenu.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QProcess>
#include <QtConcurrentRun>

namespace photolift::ui {

using namespace Qt::StringLiterals;

namespace {
constexpr int SaidMs = 4000;
}

PhotoActs::PhotoActs(UploadsController &controller, PhotoTable &table, NoticeBar &notice, QWidget *page)
    : QObject(page)
    , m_controller(controller)
    , m_table(table)
    , m_notice(notice)
    , m_page(page)
{
    connect(&table, &PhotoTable::pauseWanted, this, &PhotoActs::pause);
    connect(&table, &PhotoTable::cancelWanted, this, &PhotoActs::cancel);
    table.setContextMenuPolicy(Qt::CustomContextMenu);
    connect(&table, &PhotoTable::customContextMenuRequested, this, &PhotoActs::showMenu);
}

void PhotoActs::withSelected(bool (*can)(ItemState), const QString &none, std::function<void(const QList<QUuid> &)> act)
{
    m_controller.withPhotos(m_table.selectedRows(), [this, can, none, act = std::move(act)](const QList<UploadsController::Chosen> &photos) {
        const QList<QUuid> items = itemsThat(can, photos);
        if (!items.isEmpty())
            act(items);
        else if (!photos.isEmpty() && !m_notice.isVisible()) // a message that is there already may offer an undo
            m_notice.say(Tone::Idle, none, {}, {}, SaidMs);
    });
}

void PhotoActs::retry()
{
    withSelected(canBeRetried, tr("None of the selected photos can be retried"),
                 [this](const QList<QUuid> &items) { m_controller.feed().retryItems(items); });
}

void PhotoActs::cancel()
{
    withSelected(canBeCancelled, tr("None of the selected photos can be cancelled any more"),
                 [this](const QList<QUuid> &items) { m_controller.feed().cancelItems(items); });
}

void PhotoActs::pause()
{
    // Photos are paused with their folders: the queue knows no smaller pause.
    m_controller.withPhotos(m_table.selectedRows(), [this](const QList<UploadsController::Chosen> &photos) {
        m_controller.togglePauses(foldersOf(photos));
    });
}

void PhotoActs::copyRows()
{
    const QList<int> rows = m_table.selectedRows();
    if (rows.isEmpty())
        return;
    auto isAtOnce = std::make_shared<bool>(true);
    m_controller.withLines(rows, [this, isAtOnce, number = ++m_copies](const std::optional<QStringList> &lines) {
        if (number != m_copies)
            return; // something else was copied meanwhile
        if (!lines)
            return m_notice.say(Tone::Failed, tr("Nothing was copied"), tr("The list of photos cannot be read right now."), {}, 0);
        QGuiApplication::clipboard()->setText(lines->join(u'\n'));
        // Who waited for it is told; a message that is there already may offer an undo.
        if (!*isAtOnce && !m_notice.isVisible())
            m_notice.say(Tone::Done, tr("%Ln row(s) copied to the clipboard", nullptr, static_cast<int>(lines->size())), {}, {}, SaidMs);
    });
    *isAtOnce = false;
}

void PhotoActs::copyText(const QString &text)
{
    ++m_copies;
    QGuiApplication::clipboard()->setText(text);
}

void PhotoActs::showMenu(const QPoint &at)
{
    const UploadRow *row = m_controller.photos()->rowAt(m_table.indexAt(at).row());
    if (!row)
        return;
    const QPoint place = m_table.viewport()->mapToGlobal(at);
    const store::Item item = row->view.item;
    if (!canBeRetriedByCause(item))
        return popUpMenu(item, 0, place);
    whenDone(m_controller.feed().countOfCause(*item.errorCode), this,
             [this, item, place](const Result<qint64> &photos) { popUpMenu(item, photos ? *photos : 0, place); });
}

void PhotoActs::popUpMenu(const store::Item &item, qint64 sameProblem, const QPoint &at)
{
    m_controller.withPhotos(m_table.selectedRows(), [this, item, sameProblem, at](const QList<UploadsController::Chosen> &photos) {
        auto *menu = new PhotoMenu(m_controller, item, photos, sameProblem, m_page);
        menu->addActions(m_pageActions);
        connect(menu, &PhotoMenu::showInFolderWanted, this, &PhotoActs::showInFolder);
        menu->popup(at); // not exec(): a nested event loop would hold what happens meanwhile
    });
}

void PhotoActs::showInFolder(const QByteArray &absolutePath)
{
    const QByteArray folder = absolutePath.left(absolutePath.lastIndexOf('/'));
    // As a URL: the bytes of the path arrive even when they are no text. QDesktopServices would start the program on this thread,
    // and a start reads the disk.
    const QString url = QString::fromLatin1("file://" + folder.toPercentEncoding("/"));
    const auto opened = QtConcurrent::run([url] { return QProcess::startDetached(u"xdg-open"_s, {url}); });
    whenDone(opened, this, [this, folder](bool isOpened) {
        if (!isOpened)
            m_notice.say(Tone::Retry, tr("The folder cannot be shown"), tr("It is %1").arg(displayName(textFromPath(folder))), {}, 0);
    });
}

} // namespace photolift::ui
