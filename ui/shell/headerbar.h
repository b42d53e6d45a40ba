#pragma once

#include "ui/parts/icons.h"
#include "ui/parts/plainlabel.h"

#include <QActionGroup>
#include <QToolBar>
#include <QToolButton>

namespace photolift::ui {

class StatusLabel;

/// How the server stands, in the header.
enum class ServerState { Connecting, Connected, NotReachable, SignInAgain, UpdateNeeded };

/// The row on top: brand, tabs, server state, menu.
class HeaderBar final : public QToolBar
{
    Q_OBJECT
public:
    explicit HeaderBar(QWidget *parent = nullptr);
    QAction *addTab(const QString &word, Glyph glyph, const QKeySequence &key);
    void setServer(const QString &name, ServerState state, const QString &explanation);
    QToolButton *menuButton() const { return m_menu; }
    QString serverText() const;

private:
    QActionGroup *m_tabs;
    QAction *m_beforeTabsEnd;
    PlainLabel *m_serverName;
    StatusLabel *m_serverState;
    QToolButton *m_menu;
};

} // namespace photolift::ui
