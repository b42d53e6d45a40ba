#include "ui/uploads/emptypage.h"

#include <QHBoxLayout>

namespace photolift::ui {

EmptyPage::EmptyPage(const Destination &destination, QWidget *parent)
    : QWidget(parent)
    , m_area(new DropArea(destination.isThisComputer))
    , m_recent(new RecentFolders(destination))
{
    auto *inner = new QWidget;
    inner->setMaximumWidth(1200);
    auto *column = new QVBoxLayout(inner);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(20);
    column->addWidget(m_area, 1);
    column->addWidget(m_recent);
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(24, 24, 24, 24);
    row->addStretch(1);
    row->addWidget(inner, 100);
    row->addStretch(1);
}

} // namespace photolift::ui
