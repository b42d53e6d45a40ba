#include "ui/uploads/emptypage.h"

#include <QHBoxLayout>

namespace photolift::ui {

namespace {
constexpr int Margin = 24;
constexpr int Gap = 20;
constexpr int MostWidth = 1200;
}

EmptyPage::EmptyPage(const Destination &destination, PictureCache &pictures, QWidget *parent)
    : QWidget(parent)
    , m_area(new DropArea(destination.isThisComputer))
    , m_recent(new RecentFolders(destination, pictures))
{
    auto *inner = new QWidget;
    inner->setMaximumWidth(MostWidth);
    auto *column = new QVBoxLayout(inner);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(Gap);
    column->addWidget(m_area, 1);
    column->addWidget(m_recent);
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(Margin, Margin, Margin, Margin);
    row->addStretch(1);
    row->addWidget(inner, 100);
    row->addStretch(1);
}

void EmptyPage::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    m_recent->setRoom(height() - 2 * Margin - Gap - m_area->goodHeight(std::min(MostWidth, width() - 2 * Margin)));
}

} // namespace photolift::ui
