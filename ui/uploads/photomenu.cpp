#include "ui/uploads/photomenu.h"

#include "ui/parts/icons.h"

#include <QLocale>

namespace photolift::ui {

bool canBeRetried(ItemState state)
{
    switch (state) {
    case ItemState::NeedsYou:
    case ItemState::WaitingToRetry:
    case ItemState::Skipped:
    case ItemState::Dismissed:
    case ItemState::Cancelled:
        return true;
    case ItemState::Queued:
    case ItemState::Running:
    case ItemState::Succeeded:
    case ItemState::Duplicate:
        break;
    }
    return false;
}

bool canBeCancelled(ItemState state)
{
    return state == ItemState::Queued || state == ItemState::Running || state == ItemState::WaitingToRetry;
}

bool canBeSkipped(ItemState state)
{
    return state == ItemState::NeedsYou;
}

QList<QUuid> itemsThat(bool (*can)(ItemState), const QList<UploadsController::Chosen> &photos)
{
    QList<QUuid> items;
    for (const UploadsController::Chosen &photo : photos) {
        if (can(photo.state))
            items << photo.itemId;
    }
    return items;
}

QSet<QUuid> foldersOf(const QList<UploadsController::Chosen> &photos)
{
    QSet<QUuid> folders;
    for (const UploadsController::Chosen &photo : photos)
        folders << photo.batchId;
    return folders;
}

PhotoMenu::PhotoMenu(UploadsController &controller, const store::Item &item, const QList<UploadsController::Chosen> &selected,
                     qint64 sameProblem, QWidget *parent)
    : QMenu(parent)
{
    setAttribute(Qt::WA_DeleteOnClose);
    UploadFeed &feed = controller.feed();
    // `some`: with the number of those it is about and of all, where these differ.
    const auto offer = [&](bool (*can)(ItemState), const QString &all, const QString &some, void (UploadFeed::*act)(const QList<QUuid> &)) -> QAction * {
        const QList<QUuid> items = itemsThat(can, selected);
        if (items.isEmpty())
            return nullptr;
        const QLocale locale;
        const QString text = items.size() == selected.size() ? all : some.arg(locale.toString(items.size()), locale.toString(selected.size()));
        return addAction(text, this, [&feed, items, act] { (feed.*act)(items); });
    };
    if (QAction *retry = offer(canBeRetried, tr("Retry selected"), tr("Retry %1 of %2 selected"), &UploadFeed::retryItems)) {
        retry->setIcon(glyphIcon(Glyph::Retry));
        retry->setShortcut(Qt::CTRL | Qt::Key_R); // shown only: the page has it
    }
    if (canBeRetriedByCause(item) && sameProblem > 1)
        addAction(tr("Retry all %Ln photo(s) with this problem", nullptr, static_cast<int>(sameProblem)), this,
                  [&feed, cause = *item.errorCode] { feed.retryByCause(cause); });
    offer(canBeSkipped, tr("Skip selected"), tr("Skip %1 of %2 selected"), &UploadFeed::skipItems);
    if (QAction *cancel = offer(canBeCancelled, tr("Cancel selected"), tr("Cancel %1 of %2 selected"), &UploadFeed::cancelItems))
        cancel->setShortcut(Qt::Key_Delete);
    // Photos are paused with their folders, and only what has something left can be.
    if (const QSet<QUuid> unfinished = controller.withSomethingLeft(foldersOf(selected)); !unfinished.isEmpty()) {
        const int count = static_cast<int>(unfinished.size());
        QAction *pause = addAction(controller.arePaused(unfinished) ? tr("Resume %Ln folder(s)", nullptr, count)
                                                                    : tr("Pause %Ln folder(s)", nullptr, count),
                                   this, [&controller, unfinished] { controller.togglePauses(unfinished); });
        pause->setShortcut(Qt::Key_Space);
    }
    addSeparator();
    addAction(tr("Show in folder"), this, [this, path = item.absolutePath] { Q_EMIT showInFolderWanted(path); });
}

} // namespace photolift::ui
