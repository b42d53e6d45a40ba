#include "ui/parts/theme.h"

#include <cmath>

namespace photolift::ui {

namespace {
constexpr double DisabledOpacity = 0.45;
}

bool isDark(const QPalette &palette)
{
    return palette.color(QPalette::Active, QPalette::Window).lightnessF()
        < palette.color(QPalette::Active, QPalette::WindowText).lightnessF();
}

const Theme &themeOf(const QPalette &palette)
{
    return isDark(palette) ? DarkTheme : LightTheme;
}

QColor blended(QRgb over, QRgb under, double opacity)
{
    const auto mix = [opacity](int a, int b) { return static_cast<int>(std::lround(a * opacity + b * (1 - opacity))); };
    return QColor(mix(qRed(over), qRed(under)), mix(qGreen(over), qGreen(under)), mix(qBlue(over), qBlue(under)));
}

QPalette paletteOf(const Theme &theme)
{
    QPalette palette;
    const auto set = [&palette, &theme](QPalette::ColorRole role, QRgb colour) {
        palette.setColor(QPalette::Active, role, QColor(colour));
        palette.setColor(QPalette::Inactive, role, QColor(colour));
        const bool isText = role == QPalette::Text || role == QPalette::WindowText || role == QPalette::ButtonText
            || role == QPalette::HighlightedText || role == QPalette::PlaceholderText || role == QPalette::Link;
        palette.setColor(QPalette::Disabled, role,
                         isText ? blended(colour, theme.base, DisabledOpacity) : QColor(colour));
    };
    set(QPalette::Window, theme.window);
    set(QPalette::Base, theme.base);
    set(QPalette::Button, theme.base);
    set(QPalette::AlternateBase, theme.alt);
    set(QPalette::Mid, theme.line);
    set(QPalette::Midlight, theme.hover);
    set(QPalette::Light, theme.base);
    set(QPalette::Dark, theme.lineStrong);
    set(QPalette::Shadow, theme.lineStrong);
    set(QPalette::Text, theme.text);
    set(QPalette::WindowText, theme.text);
    set(QPalette::ButtonText, theme.text);
    set(QPalette::BrightText, theme.onAccent);
    set(QPalette::PlaceholderText, theme.text3);
    set(QPalette::Highlight, theme.selection);
    set(QPalette::HighlightedText, theme.text);
    set(QPalette::Link, theme.accentText);
    set(QPalette::LinkVisited, theme.accentText);
    set(QPalette::ToolTipBase, theme.text);
    set(QPalette::ToolTipText, theme.base);
    return palette;
}

} // namespace photolift::ui
