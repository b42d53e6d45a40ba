#include "ui/uploads/droparea.h"

#include "models/vocabulary/pathtext.h"
#include "ui/parts/humantext.h"
#include "ui/parts/icons.h"
#include "ui/uploads/scenes.h"

#include <QHBoxLayout>
#include <QMenu>
#include <QPainter>

namespace photolift::ui {

using namespace Qt::StringLiterals;

namespace {

constexpr double CardsHeight = 176; // of the five cards, turned, at their full size
constexpr int BelowFan = 24;
constexpr int FanHeight = 200 + BelowFan;
constexpr int LeastFan = 100;
constexpr int Edge = 20;
constexpr int Side = 24;
constexpr int AboveButtons = 20;
constexpr int AboveKeys = 14;

/// A key of the keyboard, drawn as a small box.
class KeyCap final : public QWidget
{
public:
    explicit KeyCap(const QString &key)
        : m_key(key)
    {
        setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    }
    QSize sizeHint() const override
    {
        const QFontMetrics metrics(fontFor(TextSize::Small));
        return {metrics.horizontalAdvance(m_key) + 10, metrics.height() + 2};
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        const Theme &theme = themeOf(palette());
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(QColor(theme.lineStrong), 1));
        painter.setBrush(QColor(theme.base));
        painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
        painter.setFont(fontFor(TextSize::Small));
        painter.setPen(QColor(theme.text2));
        painter.drawText(rect(), Qt::AlignCenter, m_key);
    }

private:
    QString m_key;
};

} // namespace

DropArea::DropArea(bool isThisComputer, QWidget *parent)
    : QWidget(parent)
    , m_isThisComputer(isThisComputer)
    , m_fanSpace(new QWidget)
    , m_headline(new PlainLabel({}, TextSize::Title))
    , m_detail(new PlainLabel({}, TextSize::Body, Ink::Text2))
    , m_buttons(new QWidget)
    , m_choose(new QPushButton(glyphIcon(Glyph::AddFolder, GlyphInk::OnAccent), tr("Choose folders")))
    , m_projectButton(new QPushButton)
    , m_keys(new QWidget)
{
    m_choose->setProperty("primary", true);
    m_choose->setToolTip(tr("Choose folders (Ctrl+O)"));
    for (QPushButton *button : {m_choose, m_projectButton}) {
        button->setProperty("main", true);
        button->setFont(fontFor(TextSize::Body, QFont::DemiBold));
        button->setIconSize(QSize(scaled(18), scaled(18)));
    }
    m_projectButton->setFont(fontFor(TextSize::Body, QFont::Medium));
    m_projectButton->setIcon(glyphIcon(Glyph::Layers));
    auto *buttons = new QHBoxLayout(m_buttons);
    buttons->setContentsMargins(0, 0, 0, 0);
    buttons->setSpacing(12);
    buttons->addStretch();
    buttons->addWidget(m_choose);
    buttons->addWidget(new PlainLabel(tr("into", "folders go into a project"), TextSize::Body, Ink::Text2));
    buttons->addWidget(m_projectButton);
    buttons->addStretch();

    auto *keys = new QHBoxLayout(m_keys);
    keys->setContentsMargins(0, AboveKeys, 0, 0);
    keys->setSpacing(8);
    keys->addStretch();
    keys->addWidget(new KeyCap(tr("Ctrl")));
    keys->addWidget(new KeyCap(u"O"_s));
    keys->addWidget(new PlainLabel(tr("choose folders"), TextSize::Small, Ink::Text3));
    keys->addSpacing(12);
    keys->addWidget(new KeyCap(tr("Ctrl")));
    keys->addWidget(new KeyCap(u"V"_s));
    keys->addWidget(new PlainLabel(tr("paste copied files"), TextSize::Small, Ink::Text3));
    keys->addStretch();

    m_fanSpace->setMaximumHeight(FanHeight);
    m_fanSpace->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Expanding);
    m_detail->setWordWrap(true);
    m_headline->setAlignment(Qt::AlignCenter);
    m_detail->setAlignment(Qt::AlignCenter);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(Side, Edge, Side, Edge);
    column->setSpacing(0);
    column->addStretch(2);
    column->addWidget(m_fanSpace, 6);
    column->addWidget(m_headline);
    column->addSpacing(4);
    column->addWidget(m_detail);
    column->addSpacing(AboveButtons);
    column->addWidget(m_buttons);
    column->addWidget(m_keys);
    column->addStretch(3);
    QSizePolicy kept = m_buttons->sizePolicy();
    kept.setRetainSizeWhenHidden(true); // nothing jumps when a drag begins
    m_buttons->setSizePolicy(kept);
    m_headline->setWordWrap(true);
    connect(m_choose, &QPushButton::clicked, this, &DropArea::chooseWanted);
    setProjects({}, u"Photos"_s);
}

void DropArea::setProjects(const QStringList &names, const QString &current)
{
    m_project = current;
    auto *menu = new QMenu(this);
    for (const QString &name : names) {
        QAction *action = menu->addAction(withoutMnemonic(displayName(name)));
        action->setCheckable(true);
        action->setChecked(name == current);
        connect(action, &QAction::triggered, this, [this, name] { Q_EMIT projectChosen(name); });
    }
    if (!names.isEmpty())
        menu->addSeparator();
    connect(menu->addAction(tr("New project…")), &QAction::triggered, this, &DropArea::newProjectWanted);
    delete m_projectButton->menu();
    m_projectButton->setMenu(menu);
    m_projectButton->setText(withoutMnemonic(displayName(current)));
    m_projectButton->setAccessibleName(tr("Project: %1").arg(displayName(current)));
    retext();
}

void DropArea::setDrag(const std::optional<Drag> &drag)
{
    m_drag = drag;
    m_buttons->setVisible(!drag);
    retext();
    fit();
    update();
}

int DropArea::leastHeight(int ofWidth) const
{
    const int width = ofWidth - 2 * Side;
    return 2 * Edge + m_headline->heightForWidth(width) + 4 + m_detail->heightForWidth(width) + AboveButtons + m_buttons->sizeHint().height();
}

int DropArea::goodHeight(int width) const
{
    return leastHeight(width) + m_keys->sizeHint().height() + LeastFan + BelowFan;
}

void DropArea::fit()
{
    // In a low window, or with a large font, the keys go first, then the pictures: what is read and pressed stays whole.
    const int room = height() - leastHeight(width());
    const bool hasKeys = room >= m_keys->sizeHint().height();
    const int forFan = room - (hasKeys ? m_keys->sizeHint().height() : 0) - BelowFan;
    m_hasFan = forFan >= LeastFan;
    m_fanSpace->setVisible(m_hasFan);
    QSizePolicy policy = m_keys->sizePolicy();
    policy.setRetainSizeWhenHidden(hasKeys);
    m_keys->setSizePolicy(policy);
    m_keys->setVisible(hasKeys && !m_drag);
}

void DropArea::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    fit();
}

void DropArea::retext()
{
    if (!m_drag) {
        m_headline->setData(tr("Drop folders of photos here"));
        m_detail->setData(m_isThisComputer
                              ? tr("RAW, JPEG, HEIC and TIFF, up to 2 GiB each. Photos that are already there are skipped.")
                              : tr("RAW, JPEG, HEIC and TIFF, up to 2 GiB each. Photos already on the server are skipped."));
        return;
    }
    if (!m_drag->folders)
        m_headline->setData(tr("Let go to add these"));
    else if (*m_drag->folders > 0 && m_drag->others > 0)
        m_headline->setData(tr("Let go to add %Ln folder(s) and single files", nullptr, *m_drag->folders));
    else if (*m_drag->folders > 0)
        m_headline->setData(tr("Let go to add %Ln folder(s)", nullptr, *m_drag->folders));
    else
        m_headline->setData(tr("Let go to add %Ln file(s)", nullptr, m_drag->others));
    m_detail->setData(tr("The photos go into %1 and are counted as soon as you let go.").arg(m_project));
}

void DropArea::paintFan(QPainter &painter) const
{
    struct Card {
        Scene scene;
        double angle;
        QSizeF size;
        double x;
        double y;
    };
    const std::array<Card, 5> cards{{{Scene::Forest, -14, {114, 116}, -230, 14},
                                     {Scene::Aurora, -7, {124, 122}, -124, -8},
                                     {Scene::Sunset, 14, {170, 120}, 214, 4},
                                     {Scene::Evening, 7, {124, 120}, 92, -14},
                                     {Scene::Harbour, 0, {116, 122}, -22, -22}}};
    const QRect space = m_fanSpace->geometry();
    const double factor = (space.height() - BelowFan) / CardsHeight;
    const bool dark = themeOf(palette()).isDark;
    for (const Card &card : cards) {
        painter.save();
        painter.translate(space.center().x() + card.x * factor, space.top() + (card.y + 86) * factor);
        painter.rotate(card.angle);
        painter.scale(factor, factor);
        const QRectF frame(-card.size.width() / 2 - 5, -card.size.height() / 2 - 5, card.size.width() + 10, card.size.height() + 10);
        // A hairline shadow, painted, because a card without an edge is lost on a white ground.
        painter.fillRect(frame.adjusted(-1, -1, 1, 2), QColor(0, 0, 0, dark ? 90 : 34));
        painter.fillRect(frame, QColor(dark ? 0xffdcdcdc : 0xffffffff));
        const QImage picture = paintScene(card.scene, (card.size * painter.device()->devicePixelRatioF() * 2).toSize());
        painter.setRenderHint(QPainter::SmoothPixmapTransform);
        painter.drawImage(QRectF(QPointF(-card.size.width() / 2, -card.size.height() / 2), card.size), picture);
        painter.restore();
    }
}

void DropArea::paintEvent(QPaintEvent *)
{
    const Theme &theme = themeOf(palette());
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (m_drag) {
        painter.setPen(QPen(QColor(theme.accent), 3));
        painter.setBrush(QColor(theme.selection));
        painter.drawRoundedRect(QRectF(rect()).adjusted(1.5, 1.5, -1.5, -1.5), 12, 12);
    } else {
        QPen pen(QColor(theme.lineStrong), 2);
        pen.setDashPattern({3, 2.2});
        pen.setCapStyle(Qt::FlatCap);
        painter.setPen(pen);
        painter.setBrush(QColor(theme.base));
        painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 12, 12);
    }
    if (m_hasFan)
        paintFan(painter);
}

} // namespace photolift::ui
