#include "ui/uploads/previewwidget.h"

#include "ui/parts/icons.h"

#include <QPainter>

namespace photolift::ui {

PreviewWidget::PreviewWidget(PictureCache &pictures, QWidget *parent)
    : QWidget(parent)
    , m_pictures(pictures)
{
    setFixedHeight(sizeHint().height());
    connect(&m_pictures, &PictureCache::pictureArrived, this, [this](const QUuid &itemId) {
        if (m_item && m_item->itemId == itemId)
            update();
    });
}

void PreviewWidget::setItem(const std::optional<store::Item> &item)
{
    m_item = item;
    update();
}

void PreviewWidget::paintEvent(QPaintEvent *)
{
    const Theme &theme = themeOf(palette());
    QPainter painter(this);
    painter.fillRect(rect(), QColor(theme.sunken));
    const QPixmap picture = m_item ? m_pictures.picture(*m_item, size(), devicePixelRatioF()) : QPixmap();
    if (picture.isNull())
        paintGlyph(painter, QRectF(rect().center().x() - 16, rect().center().y() - 16, 32, 32), Glyph::Picture, QColor(theme.segmentPending));
    else
        painter.drawPixmap(0, 0, picture);
}

} // namespace photolift::ui
