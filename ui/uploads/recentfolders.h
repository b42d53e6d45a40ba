#pragma once

#include "ui/uploads/uploadscontroller.h"

#include <QWidget>

namespace photolift::ui {

/// The folders finished last, below the drop area.
class RecentFolders final : public QWidget
{
    Q_OBJECT
public:
    explicit RecentFolders(const Destination &destination, QWidget *parent = nullptr);
    void setFolders(const QList<store::BatchView> &folders);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {300, 0}; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    int rowHeight() const;

    bool m_isThisComputer;
    QList<store::BatchView> m_folders;
};

} // namespace photolift::ui
