#include "ui/parts/focusring.h"

#include "ui/parts/theme.h"

#include <QAbstractButton>
#include <QApplication>
#include <QEvent>
#include <QFocusFrame>
#include <QLineEdit>
#include <QPainter>
#include <QScrollArea>

namespace photolift::ui {

namespace {

constexpr int Width = 2;

class InsideFrame final : public QWidget
{
public:
    explicit InsideFrame(QWidget *pane)
        : QWidget(pane)
    {
        setObjectName(QStringLiteral("focusInside"));
        setAttribute(Qt::WA_TransparentForMouseEvents);
        setGeometry(pane->rect());
        raise();
        show();
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        QPen pen(QColor(themeOf(palette()).accent), Width);
        pen.setJoinStyle(Qt::MiterJoin);
        painter.setPen(pen);
        painter.drawRect(rect().adjusted(Width / 2, Width / 2, -Width / 2, -Width / 2));
    }
};

} // namespace

FocusRing::FocusRing(QObject *parent)
    : QObject(parent)
{
    connect(qApp, &QApplication::focusChanged, this, [this](QWidget *, QWidget *now) { follow(now); });
}

FocusRing::~FocusRing()
{
    delete m_frame;
    delete m_inside;
}

void FocusRing::follow(QWidget *widget)
{
    const bool isPane = qobject_cast<QScrollArea *>(widget) && widget->window()->testAttribute(Qt::WA_KeyboardFocusChange);
    frameInside(isPane ? widget : nullptr);
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

void FocusRing::frameInside(QWidget *pane)
{
    if (m_inside && m_inside->parentWidget() == pane)
        return;
    if (m_inside)
        m_inside->parentWidget()->removeEventFilter(this);
    delete m_inside;
    if (!pane)
        return;
    m_inside = new InsideFrame(pane);
    pane->installEventFilter(this);
}

bool FocusRing::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Resize && m_inside && watched == m_inside->parent())
        m_inside->setGeometry(m_inside->parentWidget()->rect());
    return QObject::eventFilter(watched, event);
}

} // namespace photolift::ui
