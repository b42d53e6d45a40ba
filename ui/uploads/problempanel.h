#pragma once

#include "ui/parts/plainlabel.h"

#include <QPushButton>
#include <QWidget>

namespace photolift::ui {

/// What happened to a photo, what to do, and the buttons that do it; inside the page, never a dialog.
class ProblemPanel final : public QWidget
{
    Q_OBJECT
public:
    explicit ProblemPanel(QWidget *parent = nullptr);
    void setProblem(Tone tone, const QString &title, const QString &body);
    void setActs(bool canRetry, bool canShow, bool canSkip);
    void setSameProblem(qint64 photos); ///< how many have it, this one included; all of them are offered when there are others
    QPushButton *retryButton() const { return m_retry; }
    QPushButton *retryAllButton() const { return m_retryAll; }
    QPushButton *showButton() const { return m_show; }
    QPushButton *skipButton() const { return m_skip; }
    QString title() const { return m_title->text(); }
    QString body() const { return m_body->text(); }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    Tone m_tone = Tone::Failed;
    PlainLabel *m_title;
    PlainLabel *m_body;
    QPushButton *m_retry;
    QPushButton *m_retryAll;
    QPushButton *m_show;
    QPushButton *m_skip;
};

} // namespace photolift::ui
