#include "ui/parts/statusmark.h"

#include <QPainter>
#include <QPainterPath>

#include <cmath>

namespace photolift::ui {

namespace {

QPen stroke(QRgb colour, double width)
{
    return QPen(QColor(colour), width, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
}

void disc(QPainter &painter, QRgb colour)
{
    painter.setPen(Qt::NoPen);
    painter.setBrush(QColor(colour));
    painter.drawEllipse(QPointF(8, 8), 7, 7);
    painter.setBrush(Qt::NoBrush);
}

void ring(QPainter &painter, QRgb colour)
{
    painter.setPen(stroke(colour, 1.5));
    painter.setBrush(Qt::NoBrush);
    painter.drawEllipse(QPointF(8, 8), 6.25, 6.25);
}

void exclamation(QPainter &painter, QRgb ink, double top, double bottom)
{
    painter.setPen(stroke(ink, 1.9));
    painter.drawLine(QPointF(8, top), QPointF(8, bottom - 3.1));
    painter.setPen(Qt::NoPen);
    painter.setBrush(QColor(ink));
    painter.drawEllipse(QPointF(8, bottom), 1.1, 1.1);
    painter.setBrush(Qt::NoBrush);
}

void octagon(QPainter &painter, QRgb colour)
{
    QPolygonF corners;
    for (int i = 0; i < 8; ++i) {
        const double angle = M_PI / 8 + i * M_PI / 4;
        corners << QPointF(8 + 7.4 * std::cos(angle), 8 + 7.4 * std::sin(angle));
    }
    painter.setPen(Qt::NoPen);
    painter.setBrush(QColor(colour));
    painter.drawPolygon(corners);
}

void retryRing(QPainter &painter, QRgb colour)
{
    painter.setPen(stroke(colour, 1.8));
    painter.setBrush(Qt::NoBrush);
    painter.drawArc(QRectF(2.2, 2.4, 11.6, 11.6), 50 * 16, 290 * 16);
    painter.drawPolyline(QPolygonF({QPointF(13.4, 1.8), QPointF(13.2, 5.4), QPointF(9.6, 5.3)}));
}

void twoSquares(QPainter &painter, QRgb colour)
{
    painter.setPen(stroke(colour, 1.5));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(QRectF(1.75, 1.75, 8.5, 8.5));
    painter.setPen(Qt::NoPen);
    painter.setBrush(QColor(colour));
    painter.drawRect(QRectF(6, 6, 9, 9));
}

} // namespace

Tone toneOf(StatusMark mark)
{
    switch (mark) {
    case StatusMark::Running:
        return Tone::Running;
    case StatusMark::Retry:
    case StatusMark::Warning:
        return Tone::Retry;
    case StatusMark::Done:
        return Tone::Done;
    case StatusMark::Duplicate:
        return Tone::Duplicate;
    case StatusMark::Failed:
        return Tone::Failed;
    case StatusMark::Waiting:
    case StatusMark::Paused:
    case StatusMark::Cancelled:
        break;
    }
    return Tone::Idle;
}

void paintStatusMark(QPainter &painter, const QRectF &square, StatusMark mark, const Theme &theme)
{
    const StatusColours &colours = theme.of(toneOf(mark));
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(square.topLeft());
    painter.scale(square.width() / 16.0, square.height() / 16.0);
    switch (mark) {
    case StatusMark::Waiting:
        ring(painter, colours.fill);
        painter.setPen(Qt::NoPen);
        painter.setBrush(QColor(colours.fill));
        for (const double x : {5.0, 8.0, 11.0})
            painter.drawEllipse(QPointF(x, 8), 0.95, 0.95);
        break;
    case StatusMark::Running:
        disc(painter, colours.fill);
        painter.setPen(stroke(theme.glyph, 1.7));
        painter.drawLine(QPointF(8, 11.6), QPointF(8, 4.8));
        painter.drawPolyline(QPolygonF({QPointF(5, 7.6), QPointF(8, 4.6), QPointF(11, 7.6)}));
        break;
    case StatusMark::Paused:
        painter.setPen(Qt::NoPen);
        painter.setBrush(QColor(colours.text));
        painter.drawRoundedRect(QRectF(1.5, 1.5, 13, 13), 1.5, 1.5);
        painter.setBrush(QColor(theme.glyph));
        painter.drawRect(QRectF(5, 4.75, 2, 6.5));
        painter.drawRect(QRectF(9, 4.75, 2, 6.5));
        break;
    case StatusMark::Retry:
        retryRing(painter, colours.fill);
        break;
    case StatusMark::Done:
        disc(painter, colours.fill);
        painter.setPen(stroke(theme.glyph, 1.8));
        painter.drawPolyline(QPolygonF({QPointF(4.9, 8.3), QPointF(7.1, 10.5), QPointF(11.2, 5.9)}));
        break;
    case StatusMark::Duplicate:
        twoSquares(painter, colours.fill);
        break;
    case StatusMark::Failed:
        octagon(painter, colours.fill);
        exclamation(painter, theme.glyph, 4.6, 11.4);
        break;
    case StatusMark::Cancelled:
        ring(painter, colours.fill);
        painter.drawLine(QPointF(4.4, 11.6), QPointF(11.6, 4.4));
        break;
    case StatusMark::Warning:
        painter.setPen(stroke(colours.fill, 1.4));
        painter.setBrush(QColor(colours.fill));
        painter.drawPolygon(QPolygonF({QPointF(8, 2), QPointF(14.6, 13.6), QPointF(1.4, 13.6)}));
        exclamation(painter, theme.glyph, 6.1, 12);
        break;
    }
    painter.restore();
}

} // namespace photolift::ui
