#include "ui/parts/verdictbar.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QPainter>

namespace photolift::ui {

VerdictBar::VerdictBar(QWidget *parent)
    : QWidget(parent)
    , m_motion(new LampWidget)
    , m_attention(new LampWidget)
    , m_overall(new StackedBar)
    , m_lamps(new QHBoxLayout)
{
    m_attention->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Preferred);
    m_motion->setDetailWrapping(true); // it has the room that the other leaves
    m_lamps->setContentsMargins(0, 0, 0, 0);
    m_lamps->setSpacing(1); // the hairline between them is our own ground
    m_lamps->addWidget(m_motion, 1);
    m_lamps->addWidget(m_attention);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 1);
    column->setSpacing(0);
    column->addLayout(m_lamps);
    column->addWidget(m_overall);
    m_overall->hide();
}

void VerdictBar::setShares(const Shares &shares)
{
    m_overall->setShares(shares);
    const bool isShown = shares.total() > 0;
    m_overall->setVisible(isShown);
    layout()->setContentsMargins(0, 0, 0, isShown ? 0 : 1);
}

void VerdictBar::fit()
{
    using Fit = LampWidget::Fit;
    Fit best = Fit::Wrapped;
    for (const Fit each : {Fit::Whole, Fit::ShortButton}) {
        if (m_motion->widthFor(each) + m_attention->widthFor(each) < width()) {
            best = each;
            break;
        }
    }
    for (LampWidget *lamp : {m_motion, m_attention})
        lamp->setFit(best);
    // Wrapped lines have no width of their own: then both lamps are given half of the bar.
    m_attention->setSizePolicy(best == Fit::Wrapped ? QSizePolicy::Preferred : QSizePolicy::Maximum, QSizePolicy::Preferred);
    m_lamps->setStretch(1, best == Fit::Wrapped ? 1 : 0);
}

void VerdictBar::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    fit();
}

bool VerdictBar::event(QEvent *event)
{
    if (event->type() == QEvent::LayoutRequest)
        fit(); // other words
    return QWidget::event(event);
}

void VerdictBar::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), QColor(themeOf(palette()).line));
}

} // namespace photolift::ui
