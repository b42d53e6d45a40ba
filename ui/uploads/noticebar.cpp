#include "ui/uploads/noticebar.h"

#include "ui/parts/icons.h"
#include "ui/parts/mirrored.h"

#include <QAccessible>
#include <QHBoxLayout>
#include <QPainter>

namespace photolift::ui {

NoticeBar::NoticeBar(QWidget *parent)
    : QWidget(parent)
    , m_title(new PlainLabel)
    , m_body(new PlainLabel({}, TextSize::Body, Ink::Text2))
    , m_button(new QPushButton)
{
    m_title->setTextSize(TextSize::Body, QFont::DemiBold);
    m_title->setElided(Qt::ElideRight);
    m_title->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Preferred);
    m_body->setElided(Qt::ElideRight);
    auto *close = new QToolButton;
    close->setIcon(glyphIcon(Glyph::Close));
    close->setIconSize(QSize(scaled(16), scaled(16)));
    close->setFixedSize(roomFor(28, 16), roomFor(28, 16));
    close->setAutoRaise(true);
    close->setAccessibleName(tr("Close message"));
    close->setToolTip(tr("Close message"));
    m_button->setProperty("compact", true);
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(isRightToLeft() ? 12 : 20, 6, isRightToLeft() ? 20 : 12, 6);
    row->setSpacing(12);
    row->addWidget(m_title);
    row->addWidget(m_body, 1);
    row->addWidget(m_button);
    row->addWidget(close);
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &QWidget::hide);
    connect(close, &QToolButton::clicked, this, &QWidget::hide);
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
    setAccessibleName(title + u' ' + body);
    m_timer.stop();
    if (milliseconds > 0)
        m_timer.start(milliseconds);
    show();
    update();
    QAccessibleEvent alert(this, QAccessible::Alert);
    QAccessible::updateAccessibility(&alert);
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
