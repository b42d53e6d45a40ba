#pragma once

#include "ui/parts/plainlabel.h"

#include <QPushButton>
#include <QWidget>

#include <optional>

namespace photolift::ui {

/// The large place that asks for folders; while something is dragged over the window it says what letting go will do.
class DropArea final : public QWidget
{
    Q_OBJECT
public:
    explicit DropArea(bool isThisComputer, QWidget *parent = nullptr);

    QPushButton *chooseButton() const { return m_choose; }
    void setProjects(const QStringList &names, const QString &current);
    /// nullopt: nothing is dragged. `folders` is not known until they were looked at.
    struct Drag {
        std::optional<int> folders;
        int others = 0;
    };
    void setDrag(const std::optional<Drag> &drag);
    QString headline() const { return m_headline->text(); }
    /// At this width: with everything in it, the pictures small.
    int goodHeight(int width) const;

Q_SIGNALS:
    void chooseWanted();
    void projectChosen(const QString &name);
    void newProjectWanted();

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    int leastHeight(int ofWidth) const;
    void fit();
    void retext();
    void paintFan(QPainter &painter) const;

    bool m_isThisComputer;
    std::optional<Drag> m_drag;
    QString m_project;
    QWidget *m_fanSpace;
    PlainLabel *m_headline;
    PlainLabel *m_detail;
    QWidget *m_buttons;
    QPushButton *m_choose;
    QPushButton *m_projectButton;
    QWidget *m_keys;
    bool m_hasFan = true;
};

} // namespace photolift::ui
