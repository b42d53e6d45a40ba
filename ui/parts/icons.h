#pragma once

#include "ui/parts/statusmark.h"

#include <QIcon>

namespace photolift::ui {

/// The line icons: a grid of 24, strokes of 1.75 with round ends, no fill.
enum class Glyph {
    Upload, AddFolder, Pause, Play, Close, Search, Copy, Retry, Check, Menu, Server, Picture, Layers, Download,
    Wifi, Wired, Mobile, Computer, Gauge, Shield, Eye, Undo, Info, Trash, ChevronDown, ChevronRight, FolderOpen, Panel, Quit,
};

/// Which colour of the theme paints the icon.
enum class GlyphInk { Text, Text2, Text3, OnAccent, Accent };

/// An icon painted from its path in the colour of the application's palette at the moment of painting: no file per theme.
QIcon glyphIcon(Glyph glyph, GlyphInk ink = GlyphInk::Text);
/// A status mark as an icon.
QIcon statusIcon(StatusMark mark);
void paintGlyph(QPainter &painter, const QRectF &square, Glyph glyph, const QColor &colour);
/// The brand: three rising bars, the last an arrow.
void paintBrand(QPainter &painter, const QRectF &square, const Theme &theme);
QIcon brandIcon();

} // namespace photolift::ui
