#pragma once

#include <QList>
#include <QWidget>

namespace photolift::ui {

/// A small curve of the last minute's speed; decoration only, the number stands beside it.
class Sparkline final : public QWidget
{
    Q_OBJECT
public:
    explicit Sparkline(QWidget *parent = nullptr);
    void add(double value);
    void clear();
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QList<double> m_values;
};

} // namespace photolift::ui
