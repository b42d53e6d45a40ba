#pragma once

#include <QObject>
#include <QPointer>

class QFocusFrame;
class QWidget;

namespace photolift::ui {

/// Follows the keyboard focus and puts the ring around the control that has it. Buttons get it when the person uses the
/// keyboard, fields always; views show their current row themselves.
class FocusRing final : public QObject
{
    Q_OBJECT
public:
    explicit FocusRing(QObject *parent = nullptr);
    ~FocusRing() override;

private:
    void follow(QWidget *widget);
    QPointer<QFocusFrame> m_frame;
};

} // namespace photolift::ui
