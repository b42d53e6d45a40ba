#pragma once

#include <QLayout>

namespace photolift::ui {

/// A row that wraps: buttons go to the next line when a translation makes them wider than the pane.
class FlowLayout final : public QLayout
{
public:
    explicit FlowLayout(int gap);
    ~FlowLayout() override;

    void addItem(QLayoutItem *item) override;
    int count() const override;
    QLayoutItem *itemAt(int index) const override;
    QLayoutItem *takeAt(int index) override;
    Qt::Orientations expandingDirections() const override { return {}; }
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;
    QSize minimumSize() const override;
    void setGeometry(const QRect &rect) override;

private:
    int arrange(const QRect &rect, bool isMeasuring) const;

    QList<QLayoutItem *> m_items;
    int m_gap;
};

} // namespace photolift::ui
