#include "ui/parts/stackedbar.h"

#include <QPainter>
#include <QPainterPath>

namespace photolift::ui {

namespace {
constexpr int LeastSlice = 5;
constexpr int OverallHeight = 6;
}

std::array<int, 5> sliceWidths(const Shares &shares, int width)
{
    const std::array<qint64, 5> counts{shares.done, shares.duplicate, shares.failed, shares.moving, shares.left};
    std::array<int, 5> widths{};
    const qint64 total = shares.total();
    if (total <= 0 || width <= 0)
        return widths;
    int used = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] > 0)
            widths[i] = std::max(LeastSlice, static_cast<int>(counts[i] * width / total));
        used += widths[i];
    }
    // What rounding and the least width took or left is settled with the widest slice.
    *std::max_element(widths.begin(), widths.end()) += width - used;
    return widths;
}

void paintStackedBar(QPainter &painter, const QRect &rect, const Shares &shares, const Theme &theme, bool isSquare)
{
    painter.save();
    if (painter.layoutDirection() == Qt::RightToLeft) { // done stands where reading begins
        painter.translate(2 * rect.left() + rect.width(), 0);
        painter.scale(-1, 1);
    }
    const double radius = isSquare ? 0 : 2;
    QPainterPath outline;
    outline.addRoundedRect(rect, radius, radius);
    painter.setClipPath(outline);
    painter.fillRect(rect, QColor(theme.track));
    const std::array<int, 5> widths = sliceWidths(shares, rect.width());
    const std::array<QRgb, 4> fills{theme.done.fill, theme.duplicate.fill, theme.failed.fill, theme.running.fill};
    int x = rect.left();
    for (std::size_t i = 0; i < fills.size(); ++i) {
        if (widths[i] == 0)
            continue;
        painter.fillRect(QRect(x, rect.top(), widths[i], rect.height()), QColor(fills[i]));
        x += widths[i];
        if (!isSquare && x < rect.right())
            painter.fillRect(QRect(x - 1, rect.top(), 1, rect.height()), QColor(theme.base));
    }
    if (!isSquare) {
        painter.setClipping(false);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(QColor(theme.trackBorder), 1));
        painter.setBrush(Qt::NoBrush);
        // The border belongs to the empty part only: filled slices reach the edge.
        painter.setClipRect(QRect(x, rect.top(), rect.right() - x + 1, rect.height()));
        painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);
    }
    painter.restore();
}

void paintCountingBar(QPainter &painter, const QRect &rect, int step, const Theme &theme)
{
    constexpr int Stripe = 8;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    QPainterPath outline;
    outline.addRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 2, 2);
    painter.setClipPath(outline);
    painter.fillRect(rect, QColor(theme.running.tint));
    const int shift = step * 4 % (2 * Stripe);
    for (int x = rect.left() - 3 * Stripe + shift; x < rect.right() + Stripe; x += 2 * Stripe) {
        QPainterPath stripe;
        stripe.moveTo(x, rect.bottom() + 1);
        stripe.lineTo(x + Stripe, rect.bottom() + 1);
        stripe.lineTo(x + Stripe + rect.height(), rect.top());
        stripe.lineTo(x + rect.height(), rect.top());
        painter.fillPath(stripe, blended(theme.running.fill, theme.running.tint, 0.45));
    }
    painter.setClipping(false);
    painter.setPen(QPen(QColor(theme.trackBorder), 1));
    painter.drawPath(outline);
    painter.restore();
}

StackedBar::StackedBar(QWidget *parent)
    : QWidget(parent)
{
    setFixedHeight(OverallHeight);
    setFocusPolicy(Qt::NoFocus);
}

void StackedBar::setShares(const Shares &shares)
{
    if (m_shares == shares)
        return;
    m_shares = shares;
    update();
}

QSize StackedBar::sizeHint() const
{
    return {200, OverallHeight};
}

void StackedBar::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    paintStackedBar(painter, rect(), m_shares, themeOf(palette()), true);
}

} // namespace photolift::ui
