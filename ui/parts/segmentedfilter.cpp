#include "ui/parts/segmentedfilter.h"

#include "ui/parts/fonts.h"

#include <QHBoxLayout>
#include <QLocale>
#include <QPainter>
#include <QPainterPath>

namespace photolift::ui {

using namespace Qt::StringLiterals;

namespace {
constexpr int Padding = 12;
constexpr int MarkSide = 14;
constexpr int WordGap = 8;
constexpr double Radius = 6;
}

SegmentButton::SegmentButton(QString word, std::optional<StatusMark> mark, QWidget *parent)
    : QToolButton(parent)
    , m_word(std::move(word))
    , m_mark(mark)
{
    setProperty("segment", true);
    setCheckable(true);
    setCount(0);
    setFont(fontFor(TextSize::Small));
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void SegmentButton::setCount(qint64 count)
{
    m_count = count;
    setAccessibleName(m_word + u' ' + QLocale().toString(count));
    updateGeometry();
    update();
}

void SegmentButton::setPlace(bool isFirst, bool isLast)
{
    m_isFirst = isFirst;
    m_isLast = isLast;
}

void SegmentButton::setCompact(bool isCompact)
{
    m_isCompact = isCompact;
    updateGeometry();
}

QSize SegmentButton::sizeHint() const
{
    const QFontMetrics word(fontFor(TextSize::Small));
    const QFontMetrics number(fontFor(TextSize::Small, QFont::DemiBold));
    const int padding = m_isCompact ? 8 : Padding;
    int width = 2 * padding + word.horizontalAdvance(m_word) + WordGap - 2 + number.horizontalAdvance(QLocale().toString(m_count));
    if (m_mark && !m_isCompact)
        width += MarkSide + WordGap - 2;
    return {width, std::max(scaled(32), word.height() + 10)};
}

void SegmentButton::paintEvent(QPaintEvent *)
{
    const Theme &theme = themeOf(palette());
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);

    // Neighbours share a border: each button but the last leaves its right edge to the next one.
    QRectF frame = QRectF(rect()).adjusted(0.5, 0.5, m_isLast ? -0.5 : 0.5, -0.5);
    QPainterPath outline;
    outline.addRoundedRect(frame, Radius, Radius);
    const auto squareOff = [&outline, &frame](double left) {
        QPainterPath edge;
        edge.addRect(QRectF(left, frame.top(), 2 * Radius, frame.height()));
        outline = outline.united(edge);
    };
    if (!m_isFirst)
        squareOff(frame.left());
    if (!m_isLast)
        squareOff(frame.right() - 2 * Radius);
    QColor ground(theme.base);
    if (isChecked())
        ground = QColor(theme.selection);
    else if (underMouse())
        ground = QColor(theme.hover);
    painter.setBrush(ground);
    painter.setPen(QPen(QColor(theme.lineStrong), 1));
    painter.drawPath(outline);

    int x = m_isCompact ? 8 : Padding;
    const QRect inner = rect();
    if (m_mark && !m_isCompact) {
        paintStatusMark(painter, QRectF(x, (height() - MarkSide) / 2.0, MarkSide, MarkSide), *m_mark, theme);
        x += MarkSide + WordGap - 2;
    }
    painter.setPen(QColor(isEnabled() ? theme.text : theme.text3));
    painter.setFont(fontFor(TextSize::Small, isChecked() ? QFont::DemiBold : QFont::Normal));
    const int wordWidth = QFontMetrics(fontFor(TextSize::Small)).horizontalAdvance(m_word);
    painter.drawText(QRect(x, 0, inner.width(), inner.height()), Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine, m_word);
    x += (isChecked() ? painter.fontMetrics().horizontalAdvance(m_word) : wordWidth) + WordGap - 2;
    painter.setFont(fontFor(TextSize::Small, QFont::DemiBold));
    painter.drawText(QRect(x, 0, inner.width(), inner.height()), Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine,
                     QLocale().toString(m_count));
}

SegmentedFilter::SegmentedFilter(QWidget *parent)
    : QWidget(parent)
    , m_group(new QButtonGroup(this))
{
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    connect(m_group, &QButtonGroup::idClicked, this, &SegmentedFilter::currentChanged);
}

void SegmentedFilter::add(int id, const QString &word, std::optional<StatusMark> mark)
{
    auto *button = new SegmentButton(word, mark, this);
    const QList<QAbstractButton *> before = m_group->buttons();
    button->setPlace(before.isEmpty(), true);
    if (!before.isEmpty())
        static_cast<SegmentButton *>(before.last())->setPlace(before.size() == 1, false);
    m_group->addButton(button, id);
    layout()->addWidget(button);
    if (before.isEmpty())
        button->setChecked(true);
}

void SegmentedFilter::setCount(int id, qint64 count)
{
    button(id)->setCount(count);
}

void SegmentedFilter::setCurrent(int id)
{
    button(id)->setChecked(true);
}

int SegmentedFilter::current() const
{
    return m_group->checkedId();
}

void SegmentedFilter::setCompact(bool isCompact)
{
    const QList<QAbstractButton *> buttons = m_group->buttons();
    for (QAbstractButton *each : buttons)
        static_cast<SegmentButton *>(each)->setCompact(isCompact);
}

SegmentButton *SegmentedFilter::button(int id) const
{
    return static_cast<SegmentButton *>(m_group->button(id));
}

} // namespace photolift::ui
