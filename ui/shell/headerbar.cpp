#include "ui/shell/headerbar.h"

#include "ui/parts/mirrored.h"
#include "ui/parts/statuslabel.h"

#include <QAction>
#include <QHBoxLayout>
#include <QPainter>

namespace photolift::ui {

using namespace Qt::StringLiterals;

namespace {

constexpr int Height = 48;
constexpr int Margin = 16;
constexpr int MarkSide = 22;
constexpr int TabIcon = 18;

/// Brand mark and name.
class Brand final : public QWidget
{
public:
    Brand() { setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Expanding); }
    QSize sizeHint() const override { return {Margin + scaled(MarkSide) + 8 + QFontMetrics(font()).horizontalAdvance(name()) + 28, Height}; }

protected:
    void paintEvent(QPaintEvent *) override
    {
        const Theme &theme = themeOf(palette());
        QPainter painter(this);
        const Mirrored at(rect(), layoutDirection());
        const int side = scaled(MarkSide);
        paintBrand(painter, at(QRectF(Margin, (height() - side) / 2.0, side, side)), theme);
        painter.setFont(font());
        painter.setPen(QColor(theme.text));
        painter.drawText(at(rect().adjusted(Margin + side + 8, 0, 0, 0)), Qt::AlignLeft | Qt::AlignVCenter, name());
    }

private:
    static QString name() { return u"Photolift"_s; }
    static QFont font()
    {
        return fontFor(TextSize::Section, QFont::Bold);
    }
};

/// A tab: icon and word, underlined in the accent colour when it is the page that shows.
class Tab final : public QToolButton
{
public:
    explicit Tab(QAction *action)
    {
        setDefaultAction(action);
        setProperty("nav", true);
        setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
        setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Expanding);
        setFocusPolicy(Qt::TabFocus);
    }
    QSize sizeHint() const override
    {
        return {6 + scaled(TabIcon) + 8 + QFontMetrics(fontFor(TextSize::Body, QFont::DemiBold)).horizontalAdvance(text()) + 8, Height};
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        const Theme &theme = themeOf(palette());
        QPainter painter(this);
        const Mirrored at(rect(), layoutDirection());
        const int side = scaled(TabIcon);
        icon().paint(&painter, at(QRect(6, (height() - side) / 2, side, side)));
        painter.setFont(fontFor(TextSize::Body, isChecked() ? QFont::DemiBold : QFont::Medium));
        painter.setPen(QColor(isChecked() || underMouse() ? theme.text : theme.text2));
        painter.drawText(at(rect().adjusted(6 + side + 8, 0, 0, 0)), Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, text());
        if (isChecked())
            painter.fillRect(QRect(0, height() - 3, width(), 3), QColor(theme.accent));
    }
};

} // namespace

HeaderBar::HeaderBar(QWidget *parent)
    : QToolBar(parent)
    , m_tabs(new QActionGroup(this))
    , m_serverName(new PlainLabel({}, TextSize::Small, Ink::Text2))
    , m_serverState(new StatusLabel(TextSize::Small))
    , m_menu(new QToolButton)
{
    setObjectName(u"header"_s);
    setMovable(false);
    setFloatable(false);
    setContextMenuPolicy(Qt::PreventContextMenu);
    setFixedHeight(roomFor(Height, 20));
    m_tabs->setExclusive(true);
    addWidget(new Brand);

    auto *right = new QWidget;
    auto *row = new QHBoxLayout(right);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    row->addStretch();
    auto *server = new QWidget;
    auto *serverRow = new QHBoxLayout(server);
    serverRow->setContentsMargins(0, 0, 0, 0);
    serverRow->setSpacing(8);
    auto *serverIcon = new QToolButton;
    serverIcon->setIcon(glyphIcon(Glyph::Server, GlyphInk::Text2));
    serverIcon->setIconSize(QSize(scaled(16), scaled(16)));
    serverIcon->setAutoRaise(true);
    serverIcon->setFixedSize(scaled(18), scaled(18));
    serverIcon->setFocusPolicy(Qt::NoFocus);
    serverIcon->setAttribute(Qt::WA_TransparentForMouseEvents);
    serverRow->addWidget(serverIcon);
    serverRow->addWidget(m_serverName, 0, Qt::AlignVCenter); // on one line with the state
    serverRow->addWidget(m_serverState);
    row->addWidget(server);
    row->addSpacing(8);
    m_menu->setIcon(glyphIcon(Glyph::Menu));
    m_menu->setIconSize(QSize(scaled(20), scaled(20)));
    m_menu->setFixedSize(roomFor(32, 20), roomFor(32, 20));
    m_menu->setAutoRaise(true);
    m_menu->setPopupMode(QToolButton::InstantPopup);
    m_menu->setAccessibleName(tr("Menu"));
    m_menu->setToolTip(tr("Menu (F10)"));
    m_menu->setShortcut(Qt::Key_F10);
    m_menu->setProperty("nav", false);
    row->addWidget(m_menu);
    row->addSpacing(Margin - 4);
    right->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    m_beforeTabsEnd = addWidget(right);
}

QAction *HeaderBar::addTab(const QString &word, Glyph glyph, const QKeySequence &key)
{
    auto *action = new QAction(glyphIcon(glyph), withoutMnemonic(word), this);
    action->setCheckable(true);
    action->setShortcut(key);
    action->setToolTip(u"%1 (%2)"_s.arg(word, key.toString(QKeySequence::NativeText)));
    m_tabs->addAction(action);
    if (m_tabs->actions().size() == 1)
        action->setChecked(true);
    auto *tab = new Tab(action);
    tab->setAccessibleName(word);
    insertWidget(m_beforeTabsEnd, tab);
    return action;
}

void HeaderBar::setServer(const QString &name, ServerState state, const QString &explanation)
{
    m_serverName->setData(name);
    switch (state) {
    case ServerState::Connecting:
        m_serverState->setStatus(StatusMark::Waiting, tr("Connecting"));
        break;
    case ServerState::Connected:
        m_serverState->setStatus(StatusMark::Done, tr("Connected"));
        break;
    case ServerState::NotReachable:
        m_serverState->setStatus(StatusMark::Retry, tr("Not reachable"));
        break;
    case ServerState::SignInAgain:
        m_serverState->setStatus(StatusMark::Failed, tr("Sign in again"));
        break;
    case ServerState::UpdateNeeded:
        m_serverState->setStatus(StatusMark::Failed, tr("Update needed"));
        break;
    }
    m_serverState->parentWidget()->setToolTip(plainToolTip(explanation));
    m_serverState->parentWidget()->setAccessibleName(serverText());
}

QString HeaderBar::serverText() const
{
    return m_serverName->text() + u' ' + m_serverState->text();
}

} // namespace photolift::ui
