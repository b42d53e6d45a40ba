#pragma once

#include <QObject>
#include <QPointer>

class QFocusFrame;
class QWidget;

namespace photolift::ui {

/// Follows the keyboard focus and puts the ring around the control that has it. Buttons get it when the person uses the
/// keyboard, fields always; a pane that only scrolls has the frame inside, where there is room; views show their current row themselves.
class FocusRing final : public QObject
{
    Q_OBJECT
public:
    explicit FocusRing(QObject *parent = nullptr);
    ~FocusRing() override;

private:
    void follow(QWidget *widget);
    bool eventFilter(QObject *watched, QEvent *event) override;
    void frameInside(QWidget *pane);
    QPointer<QFocusFrame> m_frame;
    QPointer<QWidget> m_inside;
};

} // namespace photolift::ui
