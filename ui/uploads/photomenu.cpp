#include "ui/uploads/photomenu.h"

#include "ui/parts/icons.h"

namespace photolift::ui {

namespace {

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

} // namespace

PhotoMenu::PhotoMenu(UploadsController &controller, const store::Item &item, const QList<QUuid> &selected, const QSet<QUuid> &folders,
                     qint64 sameProblem, QWidget *parent)
    : QMenu(parent)
{
    setAttribute(Qt::WA_DeleteOnClose);
    UploadFeed &feed = controller.feed();
    const bool areSeveral = selected.size() > 1; // the others may be what this one is not
    QAction *retry = addAction(glyphIcon(Glyph::Retry), tr("Retry selected"), this, [&feed, selected] { feed.retryItems(selected); });
    retry->setShortcut(Qt::CTRL | Qt::Key_R); // shown only: the page has it
    retry->setEnabled(areSeveral || canBeRetried(item.state));
    if (canBeRetriedByCause(item) && sameProblem > 1)
        addAction(tr("Retry all %Ln photo(s) with this problem", nullptr, static_cast<int>(sameProblem)), this,
                  [&feed, cause = *item.errorCode] { feed.retryByCause(cause); });
    if (item.state == ItemState::NeedsYou)
        addAction(tr("Skip selected"), this, [&feed, selected] { feed.skipItems(selected); });
    QAction *cancel = addAction(tr("Cancel selected"), this, [&feed, selected] { feed.cancelItems(selected); });
    cancel->setShortcut(Qt::Key_Delete);
    cancel->setEnabled(areSeveral || canBeCancelled(item.state));
    // Photos are paused with their folders, and only what has something left can be.
    if (const QSet<QUuid> unfinished = controller.withSomethingLeft(folders); !unfinished.isEmpty()) {
        const int count = static_cast<int>(unfinished.size());
        QAction *pause = addAction(controller.arePaused(unfinished) ? tr("Resume %Ln folder(s)", nullptr, count)
                                                                    : tr("Pause %Ln folder(s)", nullptr, count),
                                   this, [&controller, unfinished] { controller.togglePauses(unfinished); });
        pause->setShortcut(Qt::Key_Space);
    }
    addSeparator();
    addAction(tr("Show in folder"), this, [this, path = item.absolutePath] { Q_EMIT showInFolderWanted(path); });
}

void PhotoMenu::addPageActions(const QList<QAction *> &actions)
{
    addActions(actions);
}

} // namespace photolift::ui
