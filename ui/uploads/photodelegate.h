#pragma once

#include "ui/uploads/picturecache.h"
#include "ui/uploads/uploadtablemodel.h"

#include <QStyledItemDelegate>

namespace photolift::ui {

/// Paints the cells of the photo table; row ground, hairline and the frame of the current row run through all columns.
class PhotoDelegate final : public QStyledItemDelegate
{
    Q_OBJECT
public:
    PhotoDelegate(const UploadTableModel &model, PictureCache &pictures, QObject *parent = nullptr);

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    void paintGround(QPainter &painter, const QStyleOptionViewItem &option, const QModelIndex &index, const Theme &theme) const;
    static QRect picturePlace(const QStyleOptionViewItem &option);
    void paintPicture(QPainter &painter, const QRect &place, const UploadRow &row, const Theme &theme) const;
    void paintSent(QPainter &painter, const QRect &cell, const UploadRow &row, const Theme &theme) const;

    const UploadTableModel &m_model;
    PictureCache &m_pictures;
};

} // namespace photolift::ui
