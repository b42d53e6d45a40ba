#pragma once

#include "ui/parts/plainlabel.h"

#include <QPushButton>
#include <QTimer>
#include <QWidget>

namespace photolift::ui {

/// One line above the page: what was refused, or what can be undone for a few seconds.
class NoticeBar final : public QWidget
{
    Q_OBJECT
public:
    explicit NoticeBar(QWidget *parent = nullptr);
    /// Stays for `milliseconds`, or until closed when 0. An empty button leaves only the cross.
    void say(Tone tone, const QString &title, const QString &body, const QString &button, int milliseconds);
    QPushButton *button() const { return m_button; }
    QString text() const { return m_title->text(); }

Q_SIGNALS:
    void buttonClicked();

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    Tone m_tone = Tone::Running;
    PlainLabel *m_title;
    PlainLabel *m_body;
    QPushButton *m_button;
    QTimer m_timer;
};

} // namespace photolift::ui
