#include "ui/parts/lampwidget.h"

#include "ui/parts/mirrored.h"

#include <QAccessible>
#include <QHBoxLayout>
#include <QPainter>

namespace photolift::ui {

namespace {
constexpr int MarkSide = 36;
constexpr int Margin = 20;
constexpr int Gap = 14;
constexpr int ButtonGap = 24;
constexpr int TextMargin = 3;
}

LampWidget::LampWidget(QWidget *parent)
    : QWidget(parent)
    , m_headline(new PlainLabel({}, TextSize::Verdict))
    , m_detail(new PlainLabel({}, TextSize::Small, Ink::Text2))
    , m_button(new QPushButton)
    , m_buttonGap(new QSpacerItem(0, 0, QSizePolicy::Fixed))
{
    m_headline->setElided(Qt::ElideRight);
    m_detail->setElided(Qt::ElideRight);
    auto *texts = new QVBoxLayout;
    texts->setContentsMargins(0, TextMargin, 0, TextMargin);
    texts->setSpacing(0);
    texts->addStretch();
    texts->addWidget(m_headline);
    texts->addWidget(m_detail);
    texts->addStretch();
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0); // margins by spacers, which are mirrored
    row->addSpacing(Margin + MarkSide + Gap);
    row->addLayout(texts, 1);
    row->addSpacerItem(m_buttonGap);
    row->addWidget(m_button, 0, Qt::AlignVCenter);
    row->addSpacing(Margin);
    m_button->setFont(fontFor(TextSize::Body, QFont::Medium));
    m_button->hide();
    connect(m_button, &QPushButton::clicked, this, &LampWidget::buttonClicked);
    setMinimumHeight(roomFor(72, 40));
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
    m_button->setVisible(!verdict.button.isEmpty());
    m_buttonGap->changeSize(verdict.button.isEmpty() ? 0 : ButtonGap, 0, QSizePolicy::Fixed);
    layout()->invalidate();
    showFit();
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
    m_button->setLayoutDirection(isTrailing != isRightToLeft() ? Qt::RightToLeft : Qt::LeftToRight);
}

void LampWidget::setButtonBlocked(const QString &why)
{
    m_button->setEnabled(why.isEmpty());
    m_button->setAccessibleDescription(why);
    showFit();
}

void LampWidget::setFit(Fit fit)
{
    if (m_fit == fit)
        return;
    m_fit = fit;
    showFit();
}

void LampWidget::showFit()
{
    const bool isWrapped = m_fit == Fit::Wrapped;
    m_headline->setElided(isWrapped ? Qt::ElideNone : Qt::ElideRight);
    m_headline->setWordWrap(isWrapped);
    m_headline->setTextSize(isWrapped ? TextSize::Section : TextSize::Verdict);
    const bool hasHiddenDetail = isWrapped && !m_verdict.detail.isEmpty();
    m_headline->setToolTip(plainToolTip(hasHiddenDetail ? m_verdict.headline + u'\n' + m_verdict.detail : m_verdict.headline));
    m_detail->setVisible(!isWrapped && !m_verdict.detail.isEmpty());
    m_button->setText(m_fit == Fit::Whole ? withoutMnemonic(m_verdict.button) : QString());
    QStringList hints{m_button->accessibleDescription()};
    if (m_fit != Fit::Whole)
        hints.prepend(m_verdict.button);
    hints.removeAll(QString());
    m_button->setToolTip(plainToolTip(hints.join(u'\n')));
    m_button->setAccessibleName(m_verdict.button);
    wrapDetail();
}

void LampWidget::wrapDetail()
{
    if (!m_isDetailWrapping || m_detail->isHidden())
        return;
    int button = 0;
    if (!m_button->isHidden())
        button = ButtonGap + m_button->sizeHint().width();
    const int room = width() - 2 * Margin - MarkSide - Gap - button;
    const QFontMetrics metrics = m_detail->fontMetrics();
    const int lines = metrics.boundingRect(QRect(0, 0, room, QWIDGETSIZE_MAX), Qt::TextWordWrap, m_detail->text()).height();
    // Only inside the height it has anyway: nothing below the lamps jumps when its words grow.
    const bool fits = m_headline->fontMetrics().height() + lines + 2 * TextMargin <= minimumHeight();
    const bool isWrapped = metrics.horizontalAdvance(m_detail->text()) > room && fits;
    m_detail->setWordWrap(isWrapped);
    m_detail->setElided(isWrapped ? Qt::ElideNone : Qt::ElideRight);
}

void LampWidget::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    wrapDetail();
}

int LampWidget::widthFor(Fit fit) const
{
    const int headline = QFontMetrics(fontFor(TextSize::Verdict)).horizontalAdvance(m_headline->text());
    int button = 0;
    if (!m_verdict.button.isEmpty())
        button = ButtonGap + scaled(16) + 36
            + (fit == Fit::Whole ? 8 + QFontMetrics(m_button->font()).horizontalAdvance(m_verdict.button) : 0);
    return 2 * Margin + MarkSide + Gap + headline + button + 4;
}

QSize LampWidget::minimumSizeHint() const
{
    QSize hint = QWidget::minimumSizeHint();
    hint.setWidth(MarkSide + 2 * Margin + Gap + 120 + (m_button->isHidden() ? 0 : ButtonGap + m_button->sizeHint().width()));
    return hint;
}

void LampWidget::paintEvent(QPaintEvent *)
{
    const Theme &theme = themeOf(palette());
    QPainter painter(this);
    painter.fillRect(rect(), QColor(m_verdict.isLoud ? theme.of(toneOf(m_verdict.mark)).tint : theme.base));
    const Mirrored at(rect(), layoutDirection());
    paintStatusMark(painter, at(QRectF(Margin, (height() - MarkSide) / 2, MarkSide, MarkSide)), m_verdict.mark, theme);
}

} // namespace photolift::ui
