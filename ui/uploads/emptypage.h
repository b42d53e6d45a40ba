#pragma once

#include "ui/uploads/droparea.h"
#include "ui/uploads/recentfolders.h"

namespace photolift::ui {

/// The page while there is nothing in the list.
class EmptyPage final : public QWidget
{
    Q_OBJECT
public:
    EmptyPage(const Destination &destination, PictureCache &pictures, QWidget *parent = nullptr);
    DropArea *dropArea() const { return m_area; }
    RecentFolders *recent() const { return m_recent; }

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    DropArea *m_area;
    RecentFolders *m_recent;
};

} // namespace photolift::ui
