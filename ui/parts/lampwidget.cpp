#include "ui/parts/lampwidget.h"

#include <QAccessible>
#include <QHBoxLayout>
#include <QPainter>

namespace photolift::ui {

namespace {
constexpr int MarkSide = 36;
constexpr int Margin = 20;
constexpr int Gap = 14;
}

LampWidget::LampWidget(QWidget *parent)
    : QWidget(parent)
    , m_headline(new PlainLabel({}, TextSize::Verdict))
    , m_detail(new PlainLabel({}, TextSize::Small, Ink::Text2))
    , m_button(new QPushButton)
{
    m_headline->setElided(Qt::ElideRight);
    m_detail->setElided(Qt::ElideRight);
    auto *texts = new QVBoxLayout;
    texts->setSpacing(0);
    texts->addStretch();
    texts->addWidget(m_headline);
    texts->addWidget(m_detail);
    texts->addStretch();
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(Margin + MarkSide + Gap, 0, Margin, 0);
    row->setSpacing(24);
    row->addLayout(texts, 1);
    row->addWidget(m_button, 0, Qt::AlignVCenter);
    m_button->setFont(fontFor(TextSize::Body, QFont::Medium));
    m_button->hide();
    connect(m_button, &QPushButton::clicked, this, &LampWidget::buttonClicked);
    setFixedHeight(scaled(72));
}

void LampWidget::setVerdict(const Verdict &verdict)
{
    if (m_verdict == verdict)
        return;
    const bool isAnotherKind = m_verdict.kind != verdict.kind || m_verdict.headline.isEmpty();
    m_verdict = verdict;
    m_headline->setData(verdict.headline);
    m_headline->setInk(verdict.isLoud ? inkOf(toneOf(verdict.mark)) : Ink::Text);
    m_detail->setData(verdict.detail);
    m_detail->setVisible(!verdict.detail.isEmpty());
    m_button->setText(withoutMnemonic(verdict.button));
    m_button->setVisible(!verdict.button.isEmpty());
    setAccessibleName(m_headline->text());
    setAccessibleDescription(m_detail->text());
    if (isAnotherKind) {
        QAccessibleEvent alert(this, QAccessible::Alert);
        QAccessible::updateAccessibility(&alert);
    }
    updateGeometry();
    update();
}

void LampWidget::setButtonIcon(const QIcon &icon, bool isTrailing)
{
    m_button->setIcon(icon);
    m_button->setLayoutDirection(isTrailing ? Qt::RightToLeft : Qt::LeftToRight);
}

QSize LampWidget::minimumSizeHint() const
{
    QSize hint = QWidget::minimumSizeHint();
    hint.setWidth(MarkSide + 2 * Margin + 120 + (m_button->isHidden() ? 0 : m_button->sizeHint().width()));
    return hint;
}

void LampWidget::paintEvent(QPaintEvent *)
{
    const Theme &theme = themeOf(palette());
    QPainter painter(this);
    painter.fillRect(rect(), QColor(m_verdict.isLoud ? theme.of(toneOf(m_verdict.mark)).tint : theme.base));
    const int x = layoutDirection() == Qt::RightToLeft ? width() - Margin - MarkSide : Margin;
    paintStatusMark(painter, QRectF(x, (height() - MarkSide) / 2, MarkSide, MarkSide), m_verdict.mark, theme);
}

} // namespace photolift::ui
