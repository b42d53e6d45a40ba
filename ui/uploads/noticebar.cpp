#include "ui/uploads/noticebar.h"

#include "ui/parts/icons.h"
#include "ui/parts/mirrored.h"

#include <QAccessible>
#include <QHBoxLayout>
#include <QPainter>

namespace photolift::ui {

namespace {
constexpr int Near = 12;
constexpr int Far = 20;
constexpr int Gap = 12;
}

NoticeBar::NoticeBar(QWidget *parent)
    : QWidget(parent)
    , m_title(new PlainLabel)
    , m_body(new PlainLabel({}, TextSize::Body, Ink::Text2))
    , m_button(new QPushButton)
    , m_close(new QToolButton)
    , m_texts(new QBoxLayout(QBoxLayout::LeftToRight))
{
    m_title->setTextSize(TextSize::Body, QFont::DemiBold);
    m_close->setIcon(glyphIcon(Glyph::Close));
    m_close->setIconSize(QSize(scaled(16), scaled(16)));
    m_close->setFixedSize(roomFor(28, 16), roomFor(28, 16));
    m_close->setAutoRaise(true);
    m_close->setAccessibleName(tr("Close message"));
    m_close->setToolTip(tr("Close message"));
    m_button->setProperty("compact", true);
    m_texts->addWidget(m_title);
    m_texts->addWidget(m_body, 1);
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(isRightToLeft() ? Near : Far, 6, isRightToLeft() ? Far : Near, 6);
    row->setSpacing(Gap);
    row->addLayout(m_texts, 1);
    row->addWidget(m_button);
    row->addWidget(m_close);
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &QWidget::hide);
    connect(m_close, &QToolButton::clicked, this, &QWidget::hide);
    connect(m_button, &QPushButton::clicked, this, [this] {
        hide();
        Q_EMIT buttonClicked();
    });
    hide();
}

void NoticeBar::say(Tone tone, const QString &title, const QString &body, const QString &button, int milliseconds)
{
    m_tone = tone;
    m_title->setData(title);
    m_body->setData(body);
    m_button->setText(withoutMnemonic(button));
    m_button->setVisible(!button.isEmpty());
    m_body->setVisible(!body.isEmpty());
    setAccessibleName(title + u' ' + body);
    fit();
    m_timer.stop();
    if (milliseconds > 0)
        m_timer.start(milliseconds);
    show();
    update();
    QAccessibleEvent alert(this, QAccessible::Alert);
    QAccessible::updateAccessibility(&alert);
}

void NoticeBar::fit()
{
    const int buttons = m_close->width() + Gap + (m_button->isHidden() ? 0 : m_button->sizeHint().width() + Gap);
    const int texts = m_title->fontMetrics().horizontalAdvance(m_title->text()) + Gap + m_body->fontMetrics().horizontalAdvance(m_body->text());
    const bool isOneLine = texts <= width() - Near - Far - buttons;
    m_texts->setDirection(isOneLine ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
    m_texts->setSpacing(isOneLine ? Gap : 2);
    for (PlainLabel *label : {m_title, m_body})
        label->setWordWrap(!isOneLine);
}

void NoticeBar::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    fit();
}

void NoticeBar::paintEvent(QPaintEvent *)
{
    const Theme &theme = themeOf(palette());
    QPainter painter(this);
    painter.fillRect(rect(), QColor(theme.of(m_tone).tint));
    painter.fillRect(Mirrored(rect(), layoutDirection())(QRect(0, 0, 4, height())), QColor(theme.of(m_tone).fill));
    painter.fillRect(QRect(0, height() - 1, width(), 1), QColor(theme.line));
}

} // namespace photolift::ui
