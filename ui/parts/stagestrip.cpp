#include "ui/parts/stagestrip.h"

#include "ui/parts/mirrored.h"

#include <QPainter>

#include <cmath>

namespace photolift::ui {

namespace {

constexpr int SegmentWidth = 11;
constexpr int Gap = 2;
constexpr int MiddleGap = 6;
constexpr int StripHeight = 16;
constexpr int BodyHeight = 10;
constexpr int LowHeight = 3;

/// A frame of one pixel by four filled rectangles: a pen would sit between pixels on scaled screens.
void frame(QPainter &painter, const QRect &rect, const QColor &colour)
{
    painter.fillRect(QRect(rect.left(), rect.top(), rect.width(), 1), colour);
    painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), colour);
    painter.fillRect(QRect(rect.left(), rect.top(), 1, rect.height()), colour);
    painter.fillRect(QRect(rect.right(), rect.top(), 1, rect.height()), colour);
}

void hatch(QPainter &painter, const QRect &rect, const QColor &colour)
{
    painter.save();
    painter.setClipRect(rect);
    painter.setPen(QPen(colour, 1));
    for (int x = rect.left() - rect.height(); x <= rect.right(); x += 4) {
        painter.drawLine(x, rect.bottom(), x + rect.height(), rect.bottom() - rect.height());
        painter.drawLine(x + 1, rect.bottom(), x + 1 + rect.height(), rect.bottom() - rect.height());
    }
    painter.restore();
}

} // namespace

QSize stageStripSize()
{
    return {StageCount * SegmentWidth + (StageCount - 2) * Gap + MiddleGap, StripHeight};
}

void paintStageSegment(QPainter &painter, QRect cell, StageState state, double fraction, const Theme &theme)
{
    const bool wasSmooth = painter.testRenderHint(QPainter::Antialiasing);
    painter.setRenderHint(QPainter::Antialiasing, false);
    const QRect body(cell.left(), cell.bottom() - BodyHeight + 1, cell.width(), BodyHeight);
    switch (state) {
    case StageState::NotReached:
        painter.fillRect(QRect(cell.left(), cell.bottom() - LowHeight + 1, cell.width(), LowHeight), QColor(theme.segmentPending));
        break;
    case StageState::Active: {
        const QColor colour(theme.running.fill);
        frame(painter, body, colour);
        frame(painter, body.adjusted(0, 0, -1, 0), colour);
        const double known = std::clamp(fraction, 0.0, 1.0);
        const Mirrored at(body, painter.layoutDirection());
        painter.fillRect(at(QRect(body.left(), body.top(), static_cast<int>(std::lround(body.width() * known)), body.height())), colour);
        break;
    }
    case StageState::Done:
        painter.fillRect(body, QColor(theme.done.fill));
        break;
    case StageState::Retrying:
        painter.fillRect(body, QColor(theme.retry.tint));
        hatch(painter, body, QColor(theme.retry.fill));
        frame(painter, body, QColor(theme.retry.fill));
        break;
    case StageState::Failed: {
        painter.fillRect(cell, QColor(theme.failed.fill));
        painter.setPen(QPen(QColor(theme.glyph), 1));
        const QPoint middle = cell.center();
        for (const int shift : {0, 1}) {
            painter.drawLine(middle.x() - 2 + shift, middle.y() - 2, middle.x() + 1 + shift, middle.y() + 1);
            painter.drawLine(middle.x() - 2 + shift, middle.y() + 1, middle.x() + 1 + shift, middle.y() - 2);
        }
        break;
    }
    case StageState::Duplicate:
        painter.fillRect(body, QColor(theme.duplicate.tint));
        frame(painter, body, QColor(theme.duplicate.fill));
        break;
    case StageState::Paused:
        painter.fillRect(body, QColor(theme.idle.text));
        break;
    }
    painter.setRenderHint(QPainter::Antialiasing, wasSmooth);
}

void paintStageStrip(QPainter &painter, QPoint topLeft, const StageStrip &strip, const Theme &theme)
{
    const Mirrored at(QRect(topLeft, stageStripSize()), painter.layoutDirection());
    int x = topLeft.x();
    for (int i = 0; i < StageCount; ++i) {
        if (i == ClientStageCount)
            x += MiddleGap - Gap;
        const QRect cell(x, topLeft.y(), SegmentWidth, StripHeight);
        paintStageSegment(painter, at(cell), strip.states[static_cast<std::size_t>(i)], strip.activeFraction, theme);
        x += SegmentWidth + Gap;
    }
}

} // namespace photolift::ui
