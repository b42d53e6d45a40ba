#pragma once

#include "ui/parts/fonts.h"
#include "ui/parts/theme.h"

#include <QLabel>

namespace photolift::ui {

/// Which ink a label has; it follows the theme.
enum class Ink { Text, Text2, Text3, Done, Running, Retry, Failed, Duplicate, Idle };
QRgb inkColour(const Theme &theme, Ink ink);
Ink inkOf(Tone tone);

/// The label for everything that may show data: plain text always, control and direction characters as visible marks
/// (FAULTS C-30, M2). With `elided` it takes what room there is and cuts in the middle; the whole text is its tooltip.
class PlainLabel final : public QLabel
{
    Q_OBJECT
public:
    explicit PlainLabel(const QString &text = {}, TextSize size = TextSize::Body, Ink ink = Ink::Text, QWidget *parent = nullptr);

    void setData(const QString &text); ///< untrusted text
    void setInk(Ink ink);
    void setTextSize(TextSize size, QFont::Weight weight = QFont::Normal);
    void setElided(Qt::TextElideMode mode);
    bool isElided() const { return m_elide != Qt::ElideNone; }

    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void applyInk();

    Ink m_ink;
    TextSize m_size;
    QFont::Weight m_weight = QFont::Normal;
    Qt::TextElideMode m_elide = Qt::ElideNone;
    bool m_isApplying = false;
};

/// A tooltip that shows `text` literally: Qt would guess markup from a file name.
QString plainToolTip(const QString &text);
/// For texts of buttons, actions and tabs: `&` stays an ampersand.
QString withoutMnemonic(QString text);

} // namespace photolift::ui
