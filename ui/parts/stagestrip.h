#pragma once

#include "models/vocabulary/stage.h"
#include "ui/parts/theme.h"

#include <QRect>
#include <QSize>

#include <array>

class QPainter;

namespace photolift::ui {

/// How the eleven stages of one photo stand, and how far the active one is (0..1).
struct StageStrip {
    std::array<StageState, StageCount> states{};
    double activeFraction = 0;
    bool operator==(const StageStrip &) const = default;
};

/// 145 x 16: segments of 11, gaps of 2, and 6 between this computer and the server.
QSize stageStripSize();
/// Paints on whole pixels without antialiasing, so that a segment has the same shape in every row.
void paintStageStrip(QPainter &painter, QPoint topLeft, const StageStrip &strip, const Theme &theme);
/// One segment alone, as in a legend: 11 x 16.
void paintStageSegment(QPainter &painter, QRect cell, StageState state, double fraction, const Theme &theme);

} // namespace photolift::ui
