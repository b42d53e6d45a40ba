#pragma once

#include "ui/parts/icons.h"

#include <QPainterPath>

namespace photolift::ui {

/// The outline of a glyph on its grid of 24.
const QPainterPath &glyphPath(Glyph glyph);

} // namespace photolift::ui
