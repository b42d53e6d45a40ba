#pragma once

#include "ui/uploads/uploadscontroller.h"

#include <QMenu>

namespace photolift::ui {

/// What can be done with the photo under the pointer, or with all that are selected; the acts of the whole page are given.
/// Deletes itself when it closes.
class PhotoMenu final : public QMenu
{
    Q_OBJECT
public:
    /// `folders`: of the selected photos. `sameProblem`: photos with the problem of this one, itself included.
    PhotoMenu(UploadsController &controller, const store::Item &item, const QList<QUuid> &selected, const QSet<QUuid> &folders,
              qint64 sameProblem, QWidget *parent);

    /// Actions of the page, below a line.
    void addPageActions(const QList<QAction *> &actions);

Q_SIGNALS:
    void showInFolderWanted(const QByteArray &absolutePath);
};

} // namespace photolift::ui
