#pragma once

#include <QRect>
#include <QRectF>
#include <QStyle>

namespace photolift::ui {

/// Where a rectangle that was laid out from left to right stands for the reader's direction: mirrored within `whole` when that is
/// right to left. QPainter mirrors the alignment of text by itself.
class Mirrored
{
public:
    Mirrored(const QRect &whole, Qt::LayoutDirection direction)
        : m_whole(whole)
        , m_direction(direction)
    {
    }
    QRect operator()(const QRect &rect) const { return QStyle::visualRect(m_direction, m_whole, rect); }
    QRectF operator()(const QRectF &rect) const
    {
        if (m_direction != Qt::RightToLeft)
            return rect;
        return rect.translated(m_whole.left() + m_whole.right() + 1 - rect.left() - rect.right(), 0);
    }
    bool isReversed() const { return m_direction == Qt::RightToLeft; }

private:
    QRect m_whole;
    Qt::LayoutDirection m_direction;
};

} // namespace photolift::ui
