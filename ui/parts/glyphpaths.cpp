#include "ui/parts/glyphpaths.h"

#include <QHash>
#include <QStringList>

namespace photolift::ui {

using namespace Qt::StringLiterals;

namespace {

/// A little notation of our own, words between spaces: `M x y` move, `L x y` line, `C x1 y1 x2 y2 x y` curve, `Z` close,
/// `O x y r` circle, `R x y w h r` rounded rectangle, `A x y w h start sweep` arc of an ellipse in degrees.
QLatin1StringView strokesOf(Glyph glyph)
{
    switch (glyph) {
    case Glyph::Upload:
        return "M 12 15 L 12 3.5 M 7.5 8 L 12 3.5 L 16.5 8 M 4 14.5 L 4 19 L 5.5 20.5 L 18.5 20.5 L 20 19 L 20 14.5"_L1;
    case Glyph::AddFolder:
        return "M 3 18.5 L 3 6.5 L 4.5 5 L 9.5 5 L 11.5 7.5 L 19.5 7.5 L 21 9 L 21 18.5 L 19.5 20 L 4.5 20 Z M 12 10.5 L 12 17 M 8.75 13.75 L 15.25 13.75"_L1;
    case Glyph::Pause:
        return "M 8.5 5 L 8.5 19 M 15.5 5 L 15.5 19"_L1;
    case Glyph::Play:
        return "M 7 4.5 L 19 12 L 7 19.5 Z"_L1;
    case Glyph::Close:
        return "M 5.5 5.5 L 18.5 18.5 M 18.5 5.5 L 5.5 18.5"_L1;
    case Glyph::Search:
        return "O 10.5 10.5 6.5 M 15.5 15.5 L 20.5 20.5"_L1;
    case Glyph::Copy:
        return "R 8.5 8.5 12 12 1.5 M 15.5 5.5 L 15.5 5 L 14 3.5 L 5 3.5 L 3.5 5 L 3.5 14 L 5 15.5 L 5.5 15.5"_L1;
    case Glyph::Retry:
        return "A 4 4 16 16 165 -130 A 4 4 16 16 -15 -130 M 19.5 4.5 L 18.9 8.1 L 15.3 7.5 M 4.5 19.5 L 5.1 15.9 L 8.7 16.5"_L1;
    case Glyph::Check:
        return "M 4.5 12.5 L 9.5 17.5 L 19.5 6.5"_L1;
    case Glyph::Menu:
        return "M 4 6.5 L 20 6.5 M 4 12 L 20 12 M 4 17.5 L 20 17.5"_L1;
    case Glyph::Server:
        return "R 3.5 4 17 7 1.5 R 3.5 13 17 7 1.5 M 7 7.5 L 7.1 7.5 M 7 16.5 L 7.1 16.5 M 10.5 7.5 L 10.6 7.5 M 10.5 16.5 L 10.6 16.5"_L1;
    case Glyph::Picture:
        return "R 3.5 4.5 17 15 1.5 O 8.5 9.5 1.5 M 4 17.5 L 9.5 13 L 13 16 L 16.5 12.5 L 20 16"_L1;
    case Glyph::Layers:
        return "M 12 3.5 L 21 8.5 L 12 13.5 L 3 8.5 Z M 3.5 12.5 L 12 17 L 20.5 12.5 M 3.5 16.5 L 12 21 L 20.5 16.5"_L1;
    case Glyph::Download:
        return "M 12 4 L 12 15.5 M 7.5 11 L 12 15.5 L 16.5 11 M 4.5 20 L 19.5 20"_L1;
    case Glyph::Wifi:
        return "A 1.5 6 21 21 138 -96 A 5 10 14 14 138 -96 A 8.5 14 7 7 138 -96 M 12 19 L 12.1 19"_L1;
    case Glyph::Wired:
        return "M 9 3.5 L 9 8 M 15 3.5 L 15 8 M 6 8 L 18 8 L 18 12 C 18 15 15.5 17 12 17 C 8.5 17 6 15 6 12 Z M 12 17 L 12 21"_L1;
    case Glyph::Mobile:
        return "M 4 20 L 4 17 M 9.3 20 L 9.3 13.5 M 14.6 20 L 14.6 9.5 M 20 20 L 20 5"_L1;
    case Glyph::Computer:
        return "R 3 4.5 18 12 1.5 M 8.5 20 L 15.5 20 M 12 16.5 L 12 20"_L1;
    case Glyph::Gauge:
        return "A 3 4.5 18 18 -35 250 M 12 13.5 L 16 9.5 M 5.5 19 L 18.5 19"_L1;
    case Glyph::Shield:
        return "M 12 3 L 19.5 5.8 L 19.5 11 C 19.5 16 16.5 19.2 12 21 C 7.5 19.2 4.5 16 4.5 11 L 4.5 5.8 Z"_L1;
    case Glyph::Eye:
        return "M 2 12 C 5 6.8 8.5 5 12 5 C 15.5 5 19 6.8 22 12 C 19 17.2 15.5 19 12 19 C 8.5 19 5 17.2 2 12 Z O 12 12 3"_L1;
    case Glyph::Undo:
        return "M 8 4.5 L 3.5 9 L 8 13.5 M 3.5 9 L 14.5 9 C 18 9 20.5 11.5 20.5 14.5 C 20.5 17.5 18 20 14.5 20 L 10.5 20"_L1;
    case Glyph::Info:
        return "O 12 12 9 M 12 11 L 12 16.5 M 12 7.5 L 12.1 7.5"_L1;
    case Glyph::Trash:
        return "M 4 6.5 L 20 6.5 M 9 6 L 9 3.5 L 15 3.5 L 15 6 M 6 6.5 L 7 20.5 L 17 20.5 L 18 6.5 M 10 10.5 L 10 16.5 M 14 10.5 L 14 16.5"_L1;
    case Glyph::ChevronDown:
        return "M 6.5 9.5 L 12 15 L 17.5 9.5"_L1;
    case Glyph::ChevronRight:
        return "M 9.5 6.5 L 15 12 L 9.5 17.5"_L1;
    case Glyph::FolderOpen:
        return "M 3 18.5 L 3 6.5 L 4.5 5 L 9.5 5 L 11.5 7.5 L 18 7.5 L 19 8.5 L 19 11 M 3 19 L 6 11 L 22 11 L 19 19.5 L 4 19.5 Z"_L1;
    case Glyph::Panel:
        return "R 3 4.5 18 15 1.5 M 14.5 4.5 L 14.5 19.5"_L1;
    case Glyph::Quit:
        return "M 14 7.5 L 14 4 L 4 4 L 4 20 L 14 20 L 14 16.5 M 9 12 L 21 12 M 17.5 8.5 L 21 12 L 17.5 15.5"_L1;
    }
    return {};
}

QPainterPath read(QLatin1StringView strokes)
{
    QPainterPath path;
    const QStringList words = QString(strokes).split(u' ', Qt::SkipEmptyParts);
    qsizetype at = 0;
    const auto number = [&words, &at] { return words.at(at++).toDouble(); };
    while (at < words.size()) {
        const QChar command = words.at(at++).front();
        double n[6] = {};
        const auto take = [&n, &number](int count) {
            for (int i = 0; i < count; ++i)
                n[i] = number();
        };
        switch (command.unicode()) {
        case u'M':
            take(2);
            path.moveTo(n[0], n[1]);
            break;
        case u'L':
            take(2);
            path.lineTo(n[0], n[1]);
            break;
        case u'C':
            take(6);
            path.cubicTo(n[0], n[1], n[2], n[3], n[4], n[5]);
            break;
        case u'O':
            take(3);
            path.addEllipse(QPointF(n[0], n[1]), n[2], n[2]);
            break;
        case u'R':
            take(5);
            path.addRoundedRect(n[0], n[1], n[2], n[3], n[4], n[4]);
            break;
        case u'A':
            take(6);
            path.arcMoveTo(n[0], n[1], n[2], n[3], n[4]);
            path.arcTo(n[0], n[1], n[2], n[3], n[4], n[5]);
            break;
        default:
            path.closeSubpath();
        }
    }
    return path;
}

} // namespace

const QPainterPath &glyphPath(Glyph glyph)
{
    // Painting happens on the GUI thread only, so that this cache needs no lock.
    static QHash<int, QPainterPath> paths;
    const int key = static_cast<int>(glyph);
    auto found = paths.find(key);
    if (found == paths.end())
        found = paths.insert(key, read(strokesOf(glyph)));
    return *found;
}

} // namespace photolift::ui
