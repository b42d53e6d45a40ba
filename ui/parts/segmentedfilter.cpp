#include "ui/parts/segmentedfilter.h"

#include "ui/parts/fonts.h"
#include "ui/parts/mirrored.h"

#include <QHBoxLayout>
#include <QLocale>
#include <QPainter>
#include <QPainterPath>

namespace photolift::ui {

using namespace Qt::StringLiterals;

namespace {
constexpr int Padding = 12;
constexpr int NarrowPadding = 8;
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

void SegmentButton::setDetail(Detail detail)
{
    m_detail = detail;
    setToolTip(hasWord() ? QString() : m_word.toHtmlEscaped());
    updateGeometry();
    update();
}

bool SegmentButton::hasWord() const
{
    return m_detail != Detail::MarkAndCount || !m_mark;
}

bool SegmentButton::hasMark() const
{
    return m_mark && m_detail != Detail::WordAndCount;
}

int SegmentButton::padding() const
{
    return m_detail == Detail::All ? Padding : NarrowPadding;
}

QSize SegmentButton::sizeHint() const
{
    const QFontMetrics word(fontFor(TextSize::Small));
    const QFontMetrics number(fontFor(TextSize::Small, QFont::DemiBold));
    int width = 2 * padding() + number.horizontalAdvance(QLocale().toString(m_count));
    if (hasWord())
        width += number.horizontalAdvance(m_word) + WordGap - 2; // the chosen one is bold: no word moves when another is chosen
    if (hasMark())
        width += scaled(MarkSide) + WordGap - 2;
    return {width, std::max(roomFor(32, 16), word.height() + 10)};
}

void SegmentButton::paintEvent(QPaintEvent *)
{
    const Theme &theme = themeOf(palette());
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);

    // Neighbours share a border: each button but the rightmost leaves its right edge to the next one.
    const Mirrored at(rect(), layoutDirection());
    const bool isLeftmost = at.isReversed() ? m_isLast : m_isFirst;
    const bool isRightmost = at.isReversed() ? m_isFirst : m_isLast;
    QRectF frame = QRectF(rect()).adjusted(0.5, 0.5, isRightmost ? -0.5 : 0.5, -0.5);
    QPainterPath outline;
    outline.addRoundedRect(frame, Radius, Radius);
    const auto squareOff = [&outline, &frame](double left) {
        QPainterPath edge;
        edge.addRect(QRectF(left, frame.top(), 2 * Radius, frame.height()));
        outline = outline.united(edge);
    };
    if (!isLeftmost)
        squareOff(frame.left());
    if (!isRightmost)
        squareOff(frame.right() - 2 * Radius);
    QColor ground(theme.base);
    if (isChecked())
        ground = QColor(theme.selection);
    else if (underMouse())
        ground = QColor(theme.hover);
    painter.setBrush(ground);
    painter.setPen(QPen(QColor(theme.lineStrong), 1));
    painter.drawPath(outline);

    int x = padding();
    if (hasMark()) {
        const int side = scaled(MarkSide);
        paintStatusMark(painter, at(QRectF(x, (height() - side) / 2.0, side, side)), *m_mark, theme);
        x += side + WordGap - 2;
    }
    painter.setPen(QColor(isEnabled() ? theme.text : theme.text3));
    const auto write = [&](const QString &text) {
        const int width = painter.fontMetrics().horizontalAdvance(text);
        painter.drawText(at(QRect(x, 0, width + 1, height())), Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine, text);
        x += width + WordGap - 2;
    };
    if (hasWord()) {
        painter.setFont(fontFor(TextSize::Small, isChecked() ? QFont::DemiBold : QFont::Normal));
        write(m_word);
    }
    painter.setFont(fontFor(TextSize::Small, QFont::DemiBold));
    write(QLocale().toString(m_count));
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

void SegmentedFilter::fitInto(int width)
{
    const QList<QAbstractButton *> buttons = m_group->buttons();
    using Detail = SegmentButton::Detail;
    for (const Detail detail : {Detail::All, Detail::WordAndCount, Detail::MarkAndCount}) {
        int needed = 0;
        for (QAbstractButton *each : buttons) {
            static_cast<SegmentButton *>(each)->setDetail(detail);
            needed += each->isHidden() ? 0 : each->sizeHint().width();
        }
        if (needed <= width)
            return;
    }
}

SegmentButton *SegmentedFilter::button(int id) const
{
    return static_cast<SegmentButton *>(m_group->button(id));
}

} // namespace photolift::ui
