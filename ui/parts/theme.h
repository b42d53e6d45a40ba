#pragma once

#include <QColor>
#include <QPalette>

namespace photolift::ui {

/// The three uses of one status colour: `fill` paints shapes, `text` paints words, `tint` is a ground for text.
struct StatusColours {
    QRgb fill;
    QRgb text;
    QRgb tint;
};

/// Which status colour something has.
enum class Tone { Done, Running, Retry, Failed, Duplicate, Idle };

/// Every colour of the window. Two constants exist; delegates and widgets read them, never literals.
struct Theme {
    bool isDark;
    QRgb window, base, alt, sunken, hover;
    QRgb line, lineStrong;
    QRgb text, text2, text3;
    QRgb accent, onAccent, accentText, selection;
    QRgb track, trackBorder, segmentPending;
    QRgb grid, volume, band, glyph;
    StatusColours done, running, retry, failed, duplicate, idle;

    constexpr const StatusColours &of(Tone tone) const
    {
        switch (tone) {
        case Tone::Done:
            return done;
        case Tone::Running:
            return running;
        case Tone::Retry:
            return retry;
        case Tone::Failed:
            return failed;
        case Tone::Duplicate:
            return duplicate;
        case Tone::Idle:
            break;
        }
        return idle;
    }
};

namespace detail {
constexpr QRgb opaque(QRgb rgb)
{
    return 0xff000000u | rgb;
}
constexpr StatusColours status(QRgb fill, QRgb text, QRgb tint)
{
    return {opaque(fill), opaque(text), opaque(tint)};
}
} // namespace detail

inline constexpr Theme LightTheme{
    .isDark = false,
    .window = detail::opaque(0xF3F3F3),
    .base = detail::opaque(0xFFFFFF),
    .alt = detail::opaque(0xFAFAFA),
    .sunken = detail::opaque(0xE9E9E9),
    .hover = detail::opaque(0xF0F0F0),
    .line = detail::opaque(0xDCDCDC),
    .lineStrong = detail::opaque(0x868686),
    .text = detail::opaque(0x1A1A1A),
    .text2 = detail::opaque(0x4D4D4D),
    .text3 = detail::opaque(0x666666),
    .accent = detail::opaque(0x0072B2),
    .onAccent = detail::opaque(0xFFFFFF),
    .accentText = detail::opaque(0x005F96),
    .selection = detail::opaque(0xDCECF7),
    .track = detail::opaque(0xE8E8E8),
    .trackBorder = detail::opaque(0xC4C4C4),
    .segmentPending = detail::opaque(0xBDBDBD),
    .grid = detail::opaque(0xE6E6E6),
    .volume = detail::opaque(0xD0D0D0),
    .band = detail::opaque(0xCFE3F1),
    .glyph = detail::opaque(0xFFFFFF),
    .done = detail::status(0x00946B, 0x00694D, 0xE2F3EC),
    .running = detail::status(0x0072B2, 0x005F96, 0xE1EFF8),
    .retry = detail::status(0xB87600, 0x7A4F00, 0xFBF0DA),
    .failed = detail::status(0xD55E00, 0xA34700, 0xFBE8DC),
    .duplicate = detail::status(0xB4608F, 0x8A3B69, 0xF7E9F1),
    .idle = detail::status(0x828282, 0x565656, 0xEBEBEB),
};

inline constexpr Theme DarkTheme{
    .isDark = true,
    .window = detail::opaque(0x1B1B1B),
    .base = detail::opaque(0x242424),
    .alt = detail::opaque(0x282828),
    .sunken = detail::opaque(0x141414),
    .hover = detail::opaque(0x2C2C2C),
    .line = detail::opaque(0x3B3B3B),
    .lineStrong = detail::opaque(0x808080),
    .text = detail::opaque(0xF0F0F0),
    .text2 = detail::opaque(0xBEBEBE),
    .text3 = detail::opaque(0xA0A0A0),
    .accent = detail::opaque(0x56B4E9),
    .onAccent = detail::opaque(0x0B1B26),
    .accentText = detail::opaque(0x82C9F1),
    .selection = detail::opaque(0x1D3A4D),
    .track = detail::opaque(0x3D3D3D),
    .trackBorder = detail::opaque(0x555555),
    .segmentPending = detail::opaque(0x5A5A5A),
    .grid = detail::opaque(0x333333),
    .volume = detail::opaque(0x484848),
    .band = detail::opaque(0x25465A),
    .glyph = detail::opaque(0x161616),
    .done = detail::status(0x2BB88D, 0x52D1A8, 0x16332A),
    .running = detail::status(0x56B4E9, 0x82C9F1, 0x15303F),
    .retry = detail::status(0xE69F00, 0xF3B83D, 0x392B0C),
    .failed = detail::status(0xF0722B, 0xFF9C63, 0x42230F),
    .duplicate = detail::status(0xCC79A7, 0xE2A3C5, 0x3A2431),
    .idle = detail::status(0x8C8C8C, 0xB0B0B0, 0x333333),
};

/// Dark when the text is lighter than its ground: the only sign that every desktop gives with Qt 6.4.
bool isDark(const QPalette &palette);
const Theme &themeOf(const QPalette &palette);
/// The whole palette of a theme, its disabled group included.
QPalette paletteOf(const Theme &theme);
/// `over` at this opacity (0..1) on `under`, as one opaque colour.
QColor blended(QRgb over, QRgb under, double opacity);

} // namespace photolift::ui
