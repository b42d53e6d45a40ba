#pragma once

#include <QObject>
#include <QPalette>

#include <optional>

namespace photolift::ui {

/// Gives the program its style, font and palette, and follows the desktop when it turns dark or light. One per program, made
/// before the first widget.
class Appearance final : public QObject
{
    Q_OBJECT
public:
    enum class Choice { Desktop, Light, Dark };
    /// PHOTOLIFT_THEME decides when the choice is Desktop.
    explicit Appearance(Choice choice, QObject *parent = nullptr);
    void choose(Choice choice);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void apply();

    Choice m_choice;
    QPalette m_desktop; ///< what the desktop gave last
    bool m_isApplying = false;
};

/// Installs the translation for the person's language; false when there is none.
bool installTranslation(const QString &localeName);

} // namespace photolift::ui
