#include "ui/parts/theme.h"

#include <QTest>

#include <cmath>

using namespace photolift::ui;

/// WCAG 2 contrast of every pair the design names, computed from the struct.
class ThemeTest : public QObject
{
    Q_OBJECT

    static double luminance(QRgb colour)
    {
        const auto linear = [](int channel) {
            const double c = channel / 255.0;
            return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
        };
        return 0.2126 * linear(qRed(colour)) + 0.7152 * linear(qGreen(colour)) + 0.0722 * linear(qBlue(colour));
    }
    static double contrast(QRgb a, QRgb b)
    {
        const double x = luminance(a) + 0.05;
        const double y = luminance(b) + 0.05;
        return std::max(x, y) / std::min(x, y);
    }
    static void themes()
    {
        QTest::addColumn<bool>("dark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }

private Q_SLOTS:
    void wordsAreReadableOnEveryGround_data() { themes(); }
    void wordsAreReadableOnEveryGround()
    {
        QFETCH(bool, dark);
        const Theme &theme = dark ? DarkTheme : LightTheme;
        for (const QRgb ground : {theme.window, theme.base, theme.selection, theme.alt, theme.hover}) {
            for (const QRgb ink : {theme.text, theme.text2})
                QVERIFY2(contrast(ink, ground) >= 4.5, qPrintable(QColor(ink).name() + u' ' + QColor(ground).name()));
        }
        for (const QRgb ground : {theme.window, theme.base})
            QVERIFY(contrast(theme.text3, ground) >= 4.5);
        QVERIFY(contrast(theme.onAccent, theme.accent) >= 4.5);
        QVERIFY(contrast(theme.accentText, theme.base) >= 4.5);
    }

    void statusWordsAreReadableAndShapesVisible_data() { themes(); }
    void statusWordsAreReadableAndShapesVisible()
    {
        QFETCH(bool, dark);
        const Theme &theme = dark ? DarkTheme : LightTheme;
        for (const Tone tone : {Tone::Done, Tone::Running, Tone::Retry, Tone::Failed, Tone::Duplicate, Tone::Idle}) {
            const StatusColours &colours = theme.of(tone);
            for (const QRgb ground : {theme.window, theme.base, theme.selection}) {
                QVERIFY2(contrast(colours.fill, ground) >= 3.0, qPrintable(QColor(colours.fill).name() + u' ' + QColor(ground).name()));
                QVERIFY2(contrast(colours.text, ground) >= 4.5, qPrintable(QColor(colours.text).name() + u' ' + QColor(ground).name()));
            }
            for (const QRgb ink : {colours.text, theme.text, theme.text2})
                QVERIFY2(contrast(ink, colours.tint) >= 4.5, qPrintable(QColor(ink).name() + u' ' + QColor(colours.tint).name()));
            QVERIFY(contrast(theme.glyph, colours.fill) >= 3.0);
        }
    }

    void borderOfFieldsIsVisible_data() { themes(); }
    void borderOfFieldsIsVisible()
    {
        QFETCH(bool, dark);
        const Theme &theme = dark ? DarkTheme : LightTheme;
        QVERIFY(contrast(theme.lineStrong, theme.base) >= 3.0);
        QVERIFY(contrast(theme.accent, theme.base) >= 3.0);
    }

    void surfacesHaveNoColour_data() { themes(); }
    void surfacesHaveNoColour()
    {
        QFETCH(bool, dark);
        const Theme &theme = dark ? DarkTheme : LightTheme;
        for (const QRgb grey : {theme.window, theme.base, theme.alt, theme.sunken, theme.hover, theme.line, theme.lineStrong, theme.text,
                                theme.text2, theme.text3, theme.track, theme.trackBorder, theme.segmentPending, theme.grid, theme.volume})
            QVERIFY(qRed(grey) == qGreen(grey) && qGreen(grey) == qBlue(grey));
    }

    void paletteTellsWhichThemeItIs()
    {
        QVERIFY(!isDark(paletteOf(LightTheme)));
        QVERIFY(isDark(paletteOf(DarkTheme)));
        QCOMPARE(&themeOf(paletteOf(DarkTheme)), &DarkTheme);
    }
};

QTEST_GUILESS_MAIN(ThemeTest)
#include "tst_theme.moc"
