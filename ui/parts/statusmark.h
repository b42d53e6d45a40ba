#pragma once

#include "ui/parts/theme.h"

#include <QRectF>

class QPainter;
class QPixmap;

namespace photolift::ui {

/// The shapes of the status vocabulary; no two share one, so that no state is told by colour alone.
enum class StatusMark { Waiting, Running, Paused, Retry, Done, Duplicate, Failed, Cancelled, Warning };

Tone toneOf(StatusMark mark);
/// Paints the mark into a square; drawn on a grid of 16 and sharp from 12 to 48 pixels.
void paintStatusMark(QPainter &painter, const QRectF &square, StatusMark mark, const Theme &theme);

} // namespace photolift::ui
