#include "ui/parts/statuslabel.h"

#include "models/vocabulary/pathtext.h"
#include "ui/parts/mirrored.h"

#include <QPainter>

namespace photolift::ui {

namespace {
constexpr int MarkSide = 15;
constexpr int Gap = 7;
}

StatusLabel::StatusLabel(TextSize size, QWidget *parent)
    : QWidget(parent)
    , m_size(size)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void StatusLabel::setStatus(StatusMark mark, const QString &word)
{
    m_mark = mark;
    m_word = displayName(word);
    setAccessibleName(m_word);
    updateGeometry();
    update();
}

QSize StatusLabel::sizeHint() const
{
    const QFontMetrics metrics(fontFor(m_size, QFont::Medium));
    const int side = scaled(MarkSide);
    return {side + Gap + metrics.horizontalAdvance(m_word) + 1, std::max(side + 2, metrics.height())};
}

void StatusLabel::paintEvent(QPaintEvent *)
{
    const Theme &theme = themeOf(palette());
    QPainter painter(this);
    const Mirrored at(rect(), layoutDirection());
    const int side = scaled(MarkSide);
    paintStatusMark(painter, at(QRectF(0, (height() - side) / 2.0, side, side)), m_mark, theme);
    painter.setFont(fontFor(m_size, QFont::Medium));
    painter.setPen(QColor(theme.of(toneOf(m_mark)).text));
    painter.drawText(at(rect().adjusted(side + Gap, 0, 0, 0)), Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, m_word);
}

} // namespace photolift::ui
