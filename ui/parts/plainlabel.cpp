#include "ui/parts/plainlabel.h"

#include "models/vocabulary/pathtext.h"

#include <QApplication>
#include <QEvent>
#include <QPainter>
#include <QScopedValueRollback>

namespace photolift::ui {

using namespace Qt::StringLiterals;

QRgb inkColour(const Theme &theme, Ink ink)
{
    switch (ink) {
    case Ink::Text:
        return theme.text;
    case Ink::Text2:
        return theme.text2;
    case Ink::Text3:
        return theme.text3;
    case Ink::Done:
        return theme.done.text;
    case Ink::Running:
        return theme.running.text;
    case Ink::Retry:
        return theme.retry.text;
    case Ink::Failed:
        return theme.failed.text;
    case Ink::Duplicate:
        return theme.duplicate.text;
    case Ink::Idle:
        return theme.idle.text;
    }
    return theme.text;
}

Ink inkOf(Tone tone)
{
    switch (tone) {
    case Tone::Done:
        return Ink::Done;
    case Tone::Running:
        return Ink::Running;
    case Tone::Retry:
        return Ink::Retry;
    case Tone::Failed:
        return Ink::Failed;
    case Tone::Duplicate:
        return Ink::Duplicate;
    case Tone::Idle:
        break;
    }
    return Ink::Idle;
}

PlainLabel::PlainLabel(const QString &text, TextSize size, Ink ink, QWidget *parent)
    : QLabel(parent)
    , m_ink(ink)
    , m_size(size)
{
    setTextFormat(Qt::PlainText);
    setForegroundRole(QPalette::WindowText); // else a parent's ground decides which role is painted
    setFont(fontFor(m_size));
    applyInk();
    setData(text);
}

void PlainLabel::setData(const QString &text)
{
    const QString shown = displayName(text);
    if (shown == this->text())
        return;
    setText(shown);
    if (m_elide != Qt::ElideNone)
        setToolTip(plainToolTip(shown));
}

void PlainLabel::setInk(Ink ink)
{
    if (m_ink == ink)
        return;
    m_ink = ink;
    applyInk();
}

void PlainLabel::setTextSize(TextSize size, QFont::Weight weight)
{
    m_size = size;
    m_weight = weight;
    setFont(fontFor(size, weight));
}

void PlainLabel::setElided(Qt::TextElideMode mode)
{
    m_elide = mode;
    if (mode != Qt::ElideNone)
        setToolTip(plainToolTip(text()));
    updateGeometry();
}

QSize PlainLabel::minimumSizeHint() const
{
    const QSize hint = QLabel::minimumSizeHint();
    return m_elide == Qt::ElideNone ? hint : QSize(0, hint.height());
}

void PlainLabel::paintEvent(QPaintEvent *event)
{
    if (m_elide == Qt::ElideNone) {
        QLabel::paintEvent(event);
        return;
    }
    QPainter painter(this);
    painter.setPen(palette().color(foregroundRole()));
    painter.drawText(contentsRect(), static_cast<int>(alignment()) | Qt::TextSingleLine,
                     fontMetrics().elidedText(text(), m_elide, contentsRect().width()));
}

void PlainLabel::changeEvent(QEvent *event)
{
    QLabel::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && !m_isApplying)
        applyInk();
    else if (event->type() == QEvent::ApplicationFontChange)
        setFont(fontFor(m_size, m_weight));
}

void PlainLabel::applyInk()
{
    const QScopedValueRollback applying(m_isApplying, true);
    QPalette mine;
    // Not our own palette: its words are still in the ink of the theme before, which may look like the ground of the new one.
    mine.setColor(QPalette::WindowText, QColor(inkColour(themeOf(QApplication::palette()), m_ink)));
    setPalette(mine);
}

QString plainToolTip(const QString &text)
{
    if (text.isEmpty())
        return {};
    return "<span style=\"white-space:pre-wrap\">"_L1 + displayName(text).toHtmlEscaped() + "</span>"_L1;
}

QString withoutMnemonic(QString text)
{
    return text.replace(u'&', u"&&"_s);
}

} // namespace photolift::ui
