#pragma once

#include "ui/parts/plainlabel.h"
#include "ui/parts/statusmark.h"

#include <QPushButton>
#include <QSpacerItem>
#include <QWidget>

namespace photolift::ui {

/// What one lamp says. `kind` changes when the sort of message changes, not with its numbers: only then it is announced.
struct Verdict {
    StatusMark mark = StatusMark::Done;
    bool isLoud = false; ///< tinted, coloured headline
    QString headline;
    QString detail;
    QString button; ///< empty: none
    int kind = 0;
    bool operator==(const Verdict &) const = default;
};

/// One of the two places under the navigation: mark, headline, second line and at most one button.
class LampWidget final : public QWidget
{
    Q_OBJECT
public:
    explicit LampWidget(QWidget *parent = nullptr);

    void setVerdict(const Verdict &verdict);
    const Verdict &verdict() const { return m_verdict; }
    void setButtonIcon(const QIcon &icon, bool isTrailing = false);
    /// Why the button cannot be pressed now: then it is disabled, and says this. Empty: it can.
    void setButtonBlocked(const QString &why);
    QPushButton *button() const { return m_button; }

    /// What a narrow window, or a large font, leaves of it: first the button keeps only its icon, then the headline goes over two
    /// lines, in place of the second line. What is left out stays in tooltip, accessible name and description.
    enum class Fit { Whole, ShortButton, Wrapped };
    void setFit(Fit fit);
    /// A second line that is too long for one goes over two where the lamp is high enough; what needs more is cut, with a tooltip.
    void setDetailWrapping(bool isWrapping) { m_isDetailWrapping = isWrapping; }
    const PlainLabel *detailLabel() const { return m_detail; }
    int widthFor(Fit fit) const; ///< so that the headline is whole, on one line

Q_SIGNALS:
    void buttonClicked();

protected:
    void paintEvent(QPaintEvent *event) override;
    QSize minimumSizeHint() const override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void showFit();
    void wrapDetail();

    Verdict m_verdict;
    Fit m_fit = Fit::Whole;
    bool m_isDetailWrapping = false;
    PlainLabel *m_headline;
    PlainLabel *m_detail;
    QPushButton *m_button;
    QSpacerItem *m_buttonGap; ///< owned by the layout
};

} // namespace photolift::ui
