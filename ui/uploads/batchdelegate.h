#pragma once

#include "ui/uploads/batchlistmodel.h"
#include "ui/uploads/picturecache.h"

#include <QStyledItemDelegate>

namespace photolift::ui {

/// Paints one folder: four pictures, name and project, bar with counts, pause and cancel.
class BatchDelegate final : public QStyledItemDelegate
{
    Q_OBJECT
public:
    BatchDelegate(const BatchListModel &model, PictureCache &pictures, QObject *parent = nullptr);

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    bool editorEvent(QEvent *event, QAbstractItemModel *model, const QStyleOptionViewItem &option, const QModelIndex &index) override;
    bool helpEvent(QHelpEvent *event, QAbstractItemView *view, const QStyleOptionViewItem &option, const QModelIndex &index) override;
    /// Whether the folder can still be paused and cancelled.
    static bool hasButtons(const BatchRow &row);
    /// A folder cannot be paused or resumed by itself while everything is paused.
    bool hasPause(const BatchRow &row) const;
    static QRect pauseRect(const QStyleOptionViewItem &option);
    static QRect cancelRect(const QStyleOptionViewItem &option);

Q_SIGNALS:
    void pauseClicked(const QUuid &batchId);
    void cancelClicked(const QUuid &batchId);

private:
    void paintFaces(QPainter &painter, const QRect &rect, const BatchRow &row, const Theme &theme) const;
    void paintProgress(QPainter &painter, const QRect &rect, const BatchRow &row, const Theme &theme) const;
    static void paintCounts(QPainter &painter, const QRect &rect, const store::BatchView &view, const Theme &theme);
    static QRect buttonRect(const QRect &row, int place); ///< from left to right; place 0 is the last
    void paintButtons(QPainter &painter, const QStyleOptionViewItem &option, const BatchRow &row, const Theme &theme) const;

    const BatchListModel &m_model;
    PictureCache &m_pictures;
};

} // namespace photolift::ui
