#pragma once

#include "ui/uploads/picturecache.h"

#include <QWidget>

namespace photolift::ui {

/// The large picture of the detail pane, grey with an icon while there is none.
class PreviewWidget final : public QWidget
{
    Q_OBJECT
public:
    explicit PreviewWidget(PictureCache &pictures, QWidget *parent = nullptr);
    void setItem(const std::optional<store::Item> &item);
    QSize sizeHint() const override { return {320, 128}; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    PictureCache &m_pictures;
    std::optional<store::Item> m_item;
};

} // namespace photolift::ui
