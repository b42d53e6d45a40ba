#include "ui/uploads/scenes.h"

#include <QPainter>
#include <QPainterPath>
#include <QRandomGenerator>

namespace photolift::ui {

namespace {

/// All scenes are painted on a field of 120 x 90 and scaled.
constexpr double Width = 120;
constexpr double Height = 90;

void sky(QPainter &painter, std::initializer_list<QRgb> colours)
{
    QLinearGradient gradient(0, 0, 0, Height);
    double at = 0;
    for (const QRgb colour : colours) {
        gradient.setColorAt(at, QColor(colour));
        at += 1.0 / static_cast<double>(colours.size() - 1);
    }
    painter.fillRect(QRectF(0, 0, Width, Height), gradient);
}

void ridge(QPainter &painter, double base, double height, QRgb colour, quint32 seed)
{
    QRandomGenerator random(seed);
    QPainterPath path(QPointF(0, Height));
    path.lineTo(0, base);
    for (double x = 0; x <= Width; x += 10)
        path.lineTo(x + random.bounded(6.0), base - random.bounded(height));
    path.lineTo(Width, base);
    path.lineTo(Width, Height);
    painter.fillPath(path, QColor(colour));
}

void forest(QPainter &painter)
{
    sky(painter, {0xffc8d0cc, 0xffe2e4dc, 0xffb9c4bc});
    QRandomGenerator random(7);
    for (int row = 0; row < 3; ++row) {
        const QColor colour(QColor(0xff8fa59a).darker(100 + row * 75));
        for (double x = -6; x < Width + 8; x += 15 - row * 2.0) {
            const double foot = 52 + row * 19 + random.bounded(5.0);
            const double top = foot - 34 - random.bounded(12.0);
            for (int tier = 0; tier < 3; ++tier) {
                const double y = top + tier * 10;
                const double half = 4.0 + tier * 3;
                painter.setPen(Qt::NoPen);
                painter.setBrush(colour);
                painter.drawPolygon(QPolygonF({QPointF(x, y), QPointF(x + half, y + 17), QPointF(x - half, y + 17)}));
            }
            painter.fillRect(QRectF(x - 1, foot - 3, 2, Height), colour);
        }
        painter.fillRect(QRectF(0, 68 + row * 19, Width, Height), colour);
    }
}

void aurora(QPainter &painter)
{
    sky(painter, {0xff06121f, 0xff0c2436, 0xff143a46});
    for (int band = 0; band < 5; ++band) {
        QPainterPath path;
        const double x = 8 + band * 24;
        path.moveTo(x, 70);
        path.cubicTo(x - 16, 45, x + 22, 25, x + 6, 0);
        path.lineTo(x + 24, 0);
        path.cubicTo(x + 34, 25, x, 45, x + 18, 70);
        QLinearGradient glow(0, 0, 0, 70);
        glow.setColorAt(0, QColor(70, 230, 170, 10));
        glow.setColorAt(0.6, QColor(70, 230, 170, 110));
        glow.setColorAt(1, QColor(40, 160, 140, 0));
        painter.fillPath(path, glow);
    }
    ridge(painter, 70, 16, 0xff050d14, 3);
}

void harbour(QPainter &painter)
{
    sky(painter, {0xff86a6bf, 0xffc9d9e4, 0xffe9eef0});
    ridge(painter, 54, 30, 0xff8fa3b1, 11);
    painter.fillRect(QRectF(0, 62, Width, 28), QColor(0xff7f99aa));
    const QRgb walls[] = {0xffa81e1e, 0xffb32424, 0xffe0b33c, 0xff9c1a1a};
    for (int i = 0; i < 4; ++i) {
        const double x = 8 + i * 28;
        const QColor wall(walls[i]);
        painter.setPen(Qt::NoPen);
        painter.setBrush(QColor(0xff3a3f44));
        painter.drawPolygon(QPolygonF({QPointF(x - 2, 42), QPointF(x + 10, 30), QPointF(x + 22, 42)}));
        painter.fillRect(QRectF(x, 42, 20, 20), wall);
        for (const double window : {3.0, 8.5, 14.0})
            painter.fillRect(QRectF(x + window, 47, 3.4, 5), QColor(0xfff2f2ee));
        QColor mirror = wall;
        mirror.setAlpha(90);
        painter.fillRect(QRectF(x, 64, 20, 16), mirror);
    }
}

void evening(QPainter &painter)
{
    sky(painter, {0xff241c2e, 0xff4a3348, 0xff2b2233});
    QRandomGenerator random(21);
    for (int i = 0; i < 26; ++i) {
        const double radius = 4 + random.bounded(9.0);
        const QColor colour = QColor::fromHsv(20 + random.bounded(30), 110, 255, 30 + random.bounded(80));
        painter.setPen(Qt::NoPen);
        painter.setBrush(colour);
        painter.drawEllipse(QPointF(random.bounded(Width), random.bounded(Height)), radius, radius);
    }
    painter.setBrush(QColor(0xff131018));
    painter.drawEllipse(QPointF(70, 46), 5, 6);
    painter.drawRoundedRect(QRectF(62, 52, 17, 46), 6, 6);
    painter.setBrush(QColor(0xfff1ece4));
    painter.drawEllipse(QPointF(88, 50), 4.4, 5.4);
    QPainterPath dress(QPointF(84, 57));
    dress.cubicTo(82, 70, 78, 80, 76, 92);
    dress.lineTo(104, 92);
    dress.cubicTo(98, 78, 94, 68, 92, 57);
    painter.fillPath(dress, QColor(0xfff1ece4));
}

void sunset(QPainter &painter)
{
    sky(painter, {0xff4a3866, 0xffc4665c, 0xfff1a95c});
    painter.setPen(Qt::NoPen);
    painter.setBrush(QColor(0xfffff0cf));
    painter.drawEllipse(QPointF(66, 50), 7, 7);
    ridge(painter, 55, 8, 0xff52395c, 17);
    QLinearGradient sea(0, 55, 0, Height);
    sea.setColorAt(0, QColor(0xffc0705f));
    sea.setColorAt(1, QColor(0xff3a3157));
    painter.fillRect(QRectF(0, 55, Width, 35), sea);
    for (int i = 0; i < 9; ++i)
        painter.fillRect(QRectF(66 - 10 + i * 0.6, 58 + i * 3.2, 20 - i * 1.2, 1.1), QColor(255, 226, 180, 190));
    painter.setBrush(QColor(0xff1d1828));
    painter.drawPolygon(QPolygonF({QPointF(76, 90), QPointF(84, 79), QPointF(93, 82), QPointF(104, 90)}));
}

void dunes(QPainter &painter)
{
    sky(painter, {0xff79a9cf, 0xffc4d9e6, 0xfff0e3c8});
    const QRgb sands[] = {0xffd9a35f, 0xffc98c48, 0xffb27334};
    for (int i = 0; i < 3; ++i) {
        QPainterPath path(QPointF(0, Height));
        path.lineTo(0, 52 + i * 12);
        path.cubicTo(40, 34 + i * 16, 60, 66 + i * 8, Width, 44 + i * 14);
        path.lineTo(Width, Height);
        painter.fillPath(path, QColor(sands[i]));
    }
}

} // namespace

QImage paintScene(Scene scene, QSize pixels)
{
    QImage image(pixels, QImage::Format_RGB32);
    QPainter painter(&image);
    painter.setRenderHint(QPainter::Antialiasing);
    // Fills the size and cuts what is too much, as a thumbnail does.
    const double factor = std::max(pixels.width() / Width, pixels.height() / Height);
    painter.translate((pixels.width() - Width * factor) / 2, (pixels.height() - Height * factor) / 2);
    painter.scale(factor, factor);
    switch (scene) {
    case Scene::Forest:
        forest(painter);
        break;
    case Scene::Aurora:
        aurora(painter);
        break;
    case Scene::Harbour:
        harbour(painter);
        break;
    case Scene::Evening:
        evening(painter);
        break;
    case Scene::Sunset:
        sunset(painter);
        break;
    case Scene::Dunes:
        dunes(painter);
        break;
    }
    return image;
}

} // namespace photolift::ui
