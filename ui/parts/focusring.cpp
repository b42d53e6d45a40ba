#include "ui/parts/focusring.h"

#include <QAbstractButton>
#include <QApplication>
#include <QFocusFrame>
#include <QLineEdit>

namespace photolift::ui {

FocusRing::FocusRing(QObject *parent)
    : QObject(parent)
{
    connect(qApp, &QApplication::focusChanged, this, [this](QWidget *, QWidget *now) { follow(now); });
}

FocusRing::~FocusRing()
{
    delete m_frame;
}

void FocusRing::follow(QWidget *widget)
{
    const bool isField = qobject_cast<QLineEdit *>(widget);
    const bool isButton = qobject_cast<QAbstractButton *>(widget) && widget->window()->testAttribute(Qt::WA_KeyboardFocusChange);
    if (!isField && !isButton) {
        if (m_frame)
            m_frame->setWidget(nullptr);
        return;
    }
    if (!m_frame)
        m_frame = new QFocusFrame; // becomes a child of the control's parent and may go with it
    m_frame->setWidget(widget);
}

} // namespace photolift::ui
