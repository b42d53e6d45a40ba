#include "ui/parts/sparkline.h"

#include "ui/parts/theme.h"

#include <QPainter>
#include <QPainterPath>

namespace photolift::ui {

namespace {
constexpr qsizetype MostValues = 60;
}

Sparkline::Sparkline(QWidget *parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setFixedSize(sizeHint());
}

void Sparkline::add(double value)
{
    m_values.append(value);
    if (m_values.size() > MostValues)
        m_values.removeFirst();
    update();
}

void Sparkline::clear()
{
    m_values.clear();
    update();
}

QSize Sparkline::sizeHint() const
{
    return {76, 18};
}

void Sparkline::paintEvent(QPaintEvent *)
{
    if (m_values.size() < 2)
        return;
    const double top = std::max(1.0, *std::max_element(m_values.cbegin(), m_values.cend()));
    const double step = (width() - 4.0) / static_cast<double>(MostValues - 1);
    QPainterPath path;
    const double start = width() - 2.0 - step * static_cast<double>(m_values.size() - 1);
    for (qsizetype i = 0; i < m_values.size(); ++i) {
        const QPointF point(start + step * static_cast<double>(i), height() - 2.0 - (height() - 4.0) * m_values.at(i) / top);
        if (i == 0)
            path.moveTo(point);
        else
            path.lineTo(point);
    }
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(QColor(themeOf(palette()).running.fill), 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPath(path);
}

} // namespace photolift::ui
