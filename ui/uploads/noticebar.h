#pragma once

#include "ui/parts/plainlabel.h"

#include <QPushButton>
#include <QTimer>
#include <QToolButton>
#include <QWidget>

class QBoxLayout;

namespace photolift::ui {

/// Above the page: what was refused, or what can be undone for a few seconds. One line where both texts fit, else the body stands
/// below the title, as long as it is: a message that is nowhere else is never cut.
class NoticeBar final : public QWidget
{
    Q_OBJECT
public:
    explicit NoticeBar(QWidget *parent = nullptr);
    /// Stays for `milliseconds`, or until closed when 0. An empty button leaves only the cross.
    void say(Tone tone, const QString &title, const QString &body, const QString &button, int milliseconds);
    QPushButton *button() const { return m_button; }
    QString text() const { return m_title->text(); }
    PlainLabel *body() const { return m_body; }

Q_SIGNALS:
    void buttonClicked();

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void fit();

    Tone m_tone = Tone::Running;
    PlainLabel *m_title;
    PlainLabel *m_body;
    QPushButton *m_button;
    QToolButton *m_close;
    QBoxLayout *m_texts;
    QTimer m_timer;
};

} // namespace photolift::ui
