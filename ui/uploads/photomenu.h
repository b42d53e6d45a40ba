#pragma once

#include "ui/uploads/uploadscontroller.h"

#include <QMenu>

namespace photolift::ui {

// On which photos an act has an effect:
bool canBeRetried(ItemState state);
bool canBeCancelled(ItemState state);
bool canBeSkipped(ItemState state);
QList<QUuid> itemsThat(bool (*can)(ItemState), const QList<UploadsController::Chosen> &photos);
QSet<QUuid> foldersOf(const QList<UploadsController::Chosen> &photos);

/// What can be done with the selected photos and the one under the pointer. An act stands there when it has an effect on one of
/// them, and says on how many of them when it has none on the others. Deletes itself when it closes.
class PhotoMenu final : public QMenu
{
    Q_OBJECT
public:
    /// `sameProblem`: photos with the problem of this one, itself included.
    PhotoMenu(UploadsController &controller, const store::Item &item, const QList<UploadsController::Chosen> &selected,
              qint64 sameProblem, QWidget *parent);

Q_SIGNALS:
    void showInFolderWanted(const QByteArray &absolutePath);
};

} // namespace photolift::ui
