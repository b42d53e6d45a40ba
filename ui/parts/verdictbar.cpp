#include "ui/parts/verdictbar.h"

#include <QPainter>

namespace photolift::ui {

VerdictBar::VerdictBar(QWidget *parent)
    : QWidget(parent)
    , m_motion(new LampWidget)
    , m_attention(new LampWidget)
    , m_overall(new StackedBar)
{
    m_attention->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    auto *lamps = new QHBoxLayout;
    lamps->setContentsMargins(0, 0, 0, 0);
    lamps->setSpacing(1); // the hairline between them is our own ground
    lamps->addWidget(m_motion, 1);
    lamps->addWidget(m_attention);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 1);
    column->setSpacing(0);
    column->addLayout(lamps);
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

void VerdictBar::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), QColor(themeOf(palette()).line));
}

} // namespace photolift::ui
