#pragma once

#include "ui/parts/theme.h"

#include <QList>
#include <QWidget>

#include <array>

namespace photolift::ui {

/// How many photos are where. The order of the slices never changes: done, already there, failed, moving, left.
struct Shares {
    qint64 done = 0;
    qint64 duplicate = 0;
    qint64 failed = 0;
    qint64 moving = 0;
    qint64 left = 0;
    qint64 total() const { return done + duplicate + failed + moving + left; }
    bool operator==(const Shares &) const = default;
};

/// The widths of the five slices in a bar this wide: a slice that is not empty has at least 5 pixels, and all sum to the width.
std::array<int, 5> sliceWidths(const Shares &shares, int width);
/// Paints the slices into a track with round ends; `isSquare` leaves track border and round ends away (the overall bar).
void paintStackedBar(QPainter &painter, const QRect &rect, const Shares &shares, const Theme &theme, bool isSquare = false);

/// The track while nobody knows how much there is: stripes that move on with every step of the counting, never by a clock.
void paintCountingBar(QPainter &painter, const QRect &rect, int step, const Theme &theme);

/// The overall bar below the verdict.
class StackedBar final : public QWidget
{
    Q_OBJECT
public:
    explicit StackedBar(QWidget *parent = nullptr);
    void setShares(const Shares &shares);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    Shares m_shares;
};

} // namespace photolift::ui
