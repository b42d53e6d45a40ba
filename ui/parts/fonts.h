#pragma once

#include <QFont>

class QWidget;

namespace photolift::ui {

/// The sizes of the design, named by use. All follow the person's own font size.
enum class TextSize { Label, Small, Body, Section, Verdict, Title };

/// The application's font at one of the sizes; Label, Section, Verdict and Title are semibold.
QFont fontFor(TextSize size, QFont::Weight weight = QFont::Normal);
/// The fixed-width font for codes and ids.
QFont codeFont();
/// Lengths of the design (pixels at the reference size of 13) for the person's font size; never below the design's.
int scaled(int pixels);
/// A height of the design of which `text` pixels are lines of words: only these grow with the font, not the air around them.
int roomFor(int pixels, int text);

} // namespace photolift::ui
