#pragma once

#include "ui/parts/lampwidget.h"
#include "ui/parts/stackedbar.h"

class QHBoxLayout;

namespace photolift::ui {

/// The two lamps side by side, always both at the same place: left "is it moving?", right "does it need me?";
/// below them the overall bar, hidden when there is nothing to show.
class VerdictBar final : public QWidget
{
    Q_OBJECT
public:
    explicit VerdictBar(QWidget *parent = nullptr);

    LampWidget *motion() const { return m_motion; }
    LampWidget *attention() const { return m_attention; }
    void setShares(const Shares &shares);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    bool event(QEvent *event) override;

private:
    void fit();

    LampWidget *m_motion;
    LampWidget *m_attention;
    StackedBar *m_overall;
    QHBoxLayout *m_lamps;
};

} // namespace photolift::ui
