#include "ui/parts/icons.h"

#include "ui/parts/glyphpaths.h"

#include <QApplication>
#include <QIconEngine>
#include <QPainter>

namespace photolift::ui {

namespace {

QRgb inkOf(GlyphInk ink, const Theme &theme)
{
    switch (ink) {
    case GlyphInk::Text:
        return theme.text;
    case GlyphInk::Text2:
        return theme.text2;
    case GlyphInk::Text3:
        return theme.text3;
    case GlyphInk::OnAccent:
        return theme.onAccent;
    case GlyphInk::Accent:
        return theme.accent;
    }
    return theme.text;
}

/// What all our icon engines share: pixmaps are made fresh, because the theme may have changed since the last one.
class PaintedEngine : public QIconEngine
{
public:
    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(), size), mode, state);
        return pixmap;
    }

protected:
    static QRectF squareIn(const QRect &rect)
    {
        const int side = std::min(rect.width(), rect.height());
        return QRectF(rect.x() + (rect.width() - side) / 2, rect.y() + (rect.height() - side) / 2, side, side);
    }
};

class GlyphEngine final : public PaintedEngine
{
public:
    GlyphEngine(Glyph glyph, GlyphInk ink)
        : m_glyph(glyph)
        , m_ink(ink)
    {
    }
    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State) override
    {
        const Theme &theme = themeOf(QApplication::palette());
        QColor colour(inkOf(m_ink, theme));
        if (mode == QIcon::Disabled)
            colour = blended(colour.rgb(), theme.base, 0.45);
        paintGlyph(*painter, squareIn(rect), m_glyph, colour);
    }
    QIconEngine *clone() const override { return new GlyphEngine(m_glyph, m_ink); }

private:
    Glyph m_glyph;
    GlyphInk m_ink;
};

class StatusEngine final : public PaintedEngine
{
public:
    explicit StatusEngine(StatusMark mark)
        : m_mark(mark)
    {
    }
    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State) override
    {
        if (mode == QIcon::Disabled)
            painter->setOpacity(0.45);
        paintStatusMark(*painter, squareIn(rect), m_mark, themeOf(QApplication::palette()));
    }
    QIconEngine *clone() const override { return new StatusEngine(m_mark); }

private:
    StatusMark m_mark;
};

class BrandEngine final : public PaintedEngine
{
public:
    void paint(QPainter *painter, const QRect &rect, QIcon::Mode, QIcon::State) override
    {
        paintBrand(*painter, squareIn(rect), themeOf(QApplication::palette()));
    }
    QIconEngine *clone() const override { return new BrandEngine; }
};

} // namespace

void paintGlyph(QPainter &painter, const QRectF &square, Glyph glyph, const QColor &colour)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(square.topLeft());
    painter.scale(square.width() / 24.0, square.height() / 24.0);
    if (glyph == Glyph::ChevronRight && QApplication::isRightToLeft()) { // "onwards" points where reading goes
        painter.translate(24, 0);
        painter.scale(-1, 1);
    }
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(colour, 1.75, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPath(glyphPath(glyph));
    painter.restore();
}

void paintBrand(QPainter &painter, const QRectF &square, const Theme &theme)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(square.topLeft());
    painter.scale(square.width() / 24.0, square.height() / 24.0);
    painter.setPen(Qt::NoPen);
    painter.setBrush(QColor(theme.done.fill));
    painter.drawRect(QRectF(2, 14, 5, 7));
    painter.setBrush(QColor(theme.accent));
    painter.drawRect(QRectF(9, 9, 5, 12));
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(QColor(theme.text), 2.75, Qt::SolidLine, Qt::FlatCap, Qt::MiterJoin));
    painter.drawLine(QPointF(18.5, 21), QPointF(18.5, 5));
    painter.drawPolyline(QPolygonF({QPointF(13.9, 8.6), QPointF(18.5, 4), QPointF(23.1, 8.6)}));
    painter.restore();
}

QIcon glyphIcon(Glyph glyph, GlyphInk ink)
{
    return QIcon(new GlyphEngine(glyph, ink));
}

QIcon statusIcon(StatusMark mark)
{
    return QIcon(new StatusEngine(mark));
}

QIcon brandIcon()
{
    return QIcon(new BrandEngine);
}

} // namespace photolift::ui
