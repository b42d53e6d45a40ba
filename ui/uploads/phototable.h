#pragma once

#include "ui/uploads/uploadscontroller.h"

#include <QTableView>

namespace photolift::ui {

/// The table of photos: tells the model what is visible, keeps the column widths of the design, drops columns when it is narrow.
class PhotoTable final : public QTableView
{
    Q_OBJECT
public:
    explicit PhotoTable(UploadsController &controller, QWidget *parent = nullptr);
    void goToRow(int row);
    void leaveRow(); ///< none is the current one any more
    int leastHeight() const; ///< its head and one photo; in a window that is too low for all it may get less
    QList<int> selectedRows() const; ///< ascending
    const UploadRow *currentRow() const;

Q_SIGNALS:
    void currentItemChanged(const QUuid &itemId); ///< null after leaveRow(), not when a filter takes the row away
    void pauseWanted();
    void cancelWanted();
    void detailWanted();

protected:
    void resizeEvent(QResizeEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void currentChanged(const QModelIndex &current, const QModelIndex &previous) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;

private:
    void tellVisibleRows();
    void fitColumns();
    void sortBy(int column);
    void announceCurrent();

    UploadsController &m_controller;
    int m_sortedColumn = -1;
    bool m_isDescending = false;
    QUuid m_announced;
};

} // namespace photolift::ui
