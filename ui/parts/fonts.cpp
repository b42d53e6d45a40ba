#include "ui/parts/fonts.h"

#include <QApplication>
#include <QFontDatabase>
#include <QFontInfo>

#include <cmath>

namespace photolift::ui {

namespace {

constexpr double ReferencePixels = 13.0;

double pixelsOf(TextSize size)
{
    switch (size) {
    case TextSize::Label:
        return 11;
    case TextSize::Small:
        return 12;
    case TextSize::Body:
        return 13;
    case TextSize::Section:
        return 15;
    case TextSize::Verdict:
        return 18;
    case TextSize::Title:
        return 20;
    }
    return ReferencePixels;
}

bool isSemibold(TextSize size)
{
    return size == TextSize::Label || size == TextSize::Section || size == TextSize::Verdict || size == TextSize::Title;
}

/// A font may be given in pixels: then pointSizeF() is -1.
void resize(QFont &font, double factor)
{
    if (font.pointSizeF() > 0)
        font.setPointSizeF(font.pointSizeF() * factor);
    else
        font.setPixelSize(std::max(1, static_cast<int>(std::lround(font.pixelSize() * factor))));
}

} // namespace

QFont fontFor(TextSize size, QFont::Weight weight)
{
    QFont font = QApplication::font();
    resize(font, pixelsOf(size) / ReferencePixels);
    font.setWeight(isSemibold(size) && weight == QFont::Normal ? QFont::DemiBold : weight);
    return font;
}

QFont codeFont()
{
    QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    const QFont label = fontFor(TextSize::Label);
    if (label.pointSizeF() > 0)
        font.setPointSizeF(label.pointSizeF());
    else
        font.setPixelSize(label.pixelSize());
    return font;
}

int scaled(int pixels)
{
    const double actual = QFontInfo(QApplication::font()).pixelSize();
    return std::max(pixels, static_cast<int>(std::lround(pixels * actual / ReferencePixels)));
}

int roomFor(int pixels, int text)
{
    return pixels - text + scaled(text);
}

} // namespace photolift::ui
