#include "ui/shell/footerbar.h"

#include "ui/parts/humantext.h"
#include "ui/parts/icons.h"
#include "ui/parts/mirrored.h"
#include "ui/parts/sparkline.h"

#include <QInputDialog>
#include <QLocale>
#include <QMenu>
#include <QPainter>
#include <QStyleOptionToolButton>
#include <QToolButton>

namespace photolift::ui {

using namespace Qt::StringLiterals;

namespace {

constexpr int Height = 28;
constexpr qint64 Mega = 1'000'000;

constexpr int Padding = 6;
constexpr int IconSide = 16;
constexpr int IconGap = 8;

} // namespace

/// Icon and word with the room between them that the design gives; Fusion has them touch. An item whose words have no room shows
/// its icon; the words are in the tooltip then, and always in the accessible name.
class FooterItem final : public QToolButton
{
public:
    int widthOfWords() const { return IconGap + QFontMetrics(font()).horizontalAdvance(text()) + 2; }
    int widthOfIcon() const { return 2 * Padding + scaled(IconSide); }
    QSize sizeHint() const override
    {
        return {widthOfIcon() + (hasWords() ? widthOfWords() : 0), std::max(roomFor(24, 16), QFontMetrics(font()).height() + 4)};
    }
    QSize minimumSizeHint() const override { return sizeHint(); }
    bool hasWords() const { return toolButtonStyle() != Qt::ToolButtonIconOnly; }
    void setHasWords(bool has)
    {
        setToolButtonStyle(has ? Qt::ToolButtonTextBesideIcon : Qt::ToolButtonIconOnly);
        updateGeometry();
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        const Theme &theme = themeOf(palette());
        QPainter painter(this);
        QStyleOptionToolButton option;
        initStyleOption(&option);
        if (focusPolicy() != Qt::NoFocus)
            style()->drawPrimitive(QStyle::PE_PanelButtonTool, &option, &painter, this);
        const Mirrored at(rect(), layoutDirection());
        const int side = scaled(IconSide);
        icon().paint(&painter, at(QRect(Padding, (height() - side) / 2, side, side)));
        if (!hasWords())
            return;
        painter.setPen(QColor(underMouse() && focusPolicy() != Qt::NoFocus ? theme.text : theme.text2));
        const QRect words = at(rect().adjusted(Padding + side + IconGap, 0, -Padding, 0));
        painter.drawText(words, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, text());
    }
};

namespace {

/// Icon and word in the footer. Without `isButton` it only shows.
FooterItem *footerItem(Glyph glyph, bool isButton)
{
    auto *item = new FooterItem;
    item->setIcon(glyphIcon(glyph, GlyphInk::Text2));
    item->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    item->setFont(fontFor(TextSize::Small));
    item->setAutoRaise(true);
    item->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    if (!isButton) {
        item->setFocusPolicy(Qt::NoFocus); // the pointer still finds its tooltip
    } else {
        item->setFocusPolicy(Qt::TabFocus);
        item->setPopupMode(QToolButton::InstantPopup);
    }
    return item;
}

} // namespace

FooterBar::FooterBar(QWidget *parent)
    : QStatusBar(parent)
    , m_network(footerItem(Glyph::Wired, false))
    , m_limit(footerItem(Glyph::Gauge, true))
    , m_originals(footerItem(Glyph::Shield, false))
    , m_curve(new Sparkline)
    , m_speed(new PlainLabel({}, TextSize::Small))
    , m_version(new PlainLabel(u"Photolift " PHOTOLIFT_VERSION ""_s, TextSize::Small, Ink::Text2))
{
    setSizeGripEnabled(false);
    setFixedHeight(roomFor(Height, 16) + 1);
    setMinimumWidth(1); // a status bar would rather stick out of the window than be narrower than its items
    setContentsMargins(isRightToLeft() ? 16 : 10, 1, isRightToLeft() ? 10 : 16, 0);
    m_speed->setTextSize(TextSize::Small, QFont::DemiBold);
    m_speed->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_originals->setText(tr("Originals are kept"));
    m_originals->setAccessibleName(m_originals->text());
    m_originals->setToolTip(plainToolTip(m_originals->text()));
    m_limit->setMenu(new QMenu(this));
    addWidget(m_network);
    addWidget(m_limit);
    addWidget(m_originals);
    addPermanentWidget(m_curve);
    addPermanentWidget(m_speed);
    m_version->setMargin(0);
    m_version->setContentsMargins(isRightToLeft() ? 0 : 14, 0, isRightToLeft() ? 14 : 0, 0);
    addPermanentWidget(m_version);
    m_curve->hide();
    m_speed->hide();
    setNetwork({}, true);
    setLimit(0);
    fillLimits();
}

void FooterBar::setNetwork(const NetworkFacts &network, bool isOnline)
{
    Glyph glyph = Glyph::Wired;
    QString word;
    if (network.connectionType == "wifi"_L1) {
        glyph = Glyph::Wifi;
        word = tr("Wi-Fi");
    } else if (network.connectionType == "cellular"_L1) {
        glyph = Glyph::Mobile;
        word = tr("Mobile network");
    } else if (network.connectionType == "ethernet"_L1) {
        word = tr("Wired network");
    } else if (network.connectionType == "local"_L1) {
        glyph = Glyph::Computer;
        word = tr("Stays on this computer");
    } else {
        word = isOnline ? tr("Network") : tr("No network");
    }
    if (!isOnline && network.connectionType != "unknown"_L1 && network.connectionType != "local"_L1)
        word = tr("%1, no internet").arg(word);
    else if (network.signalStrength)
        word = (*network.signalStrength >= 65       ? tr("%1, strong signal")
                    : *network.signalStrength >= 35 ? tr("%1, medium signal")
                                                    : tr("%1, weak signal"))
                   .arg(word);
    m_network->setIcon(glyphIcon(glyph, GlyphInk::Text2));
    m_network->setText(word);
    m_network->setAccessibleName(word);
    m_network->setToolTip(plainToolTip(word));
    fit();
}

void FooterBar::setLimit(qint64 bytesPerSecond)
{
    m_bytesPerSecond = bytesPerSecond;
    const QString speed = QLocale().toString(static_cast<double>(bytesPerSecond) / Mega, 'g', 4);
    m_limit->setText(bytesPerSecond > 0 ? tr("Limit %1 MB/s").arg(speed) : tr("No limit"));
    m_limit->setAccessibleName(m_limit->text());
    m_limit->setToolTip(plainToolTip(tr("%1 – set how fast photos are sent").arg(m_limit->text())));
    fit();
}

void FooterBar::fillLimits()
{
    QMenu *menu = m_limit->menu();
    connect(menu, &QMenu::aboutToShow, this, [this, menu] {
        menu->clear();
        const auto add = [this, menu](const QString &text, qint64 limit) {
            QAction *action = menu->addAction(text);
            action->setCheckable(true);
            action->setChecked(limit == m_bytesPerSecond);
            connect(action, &QAction::triggered, this, [this, limit] { Q_EMIT limitChosen(limit); });
        };
        add(tr("No limit"), 0);
        menu->addSeparator();
        for (const qint64 megabytes : {1, 2, 5, 10, 20, 40})
            add(tr("%1 MB/s").arg(QLocale().toString(megabytes)), megabytes * Mega);
        menu->addSeparator();
        connect(menu->addAction(tr("Another limit…")), &QAction::triggered, this, &FooterBar::askLimit);
    });
}

void FooterBar::askLimit()
{
    auto *dialog = new QInputDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Limit"));
    dialog->setLabelText(tr("Send at most (MB/s):"));
    dialog->setInputMode(QInputDialog::DoubleInput);
    dialog->setDoubleRange(0.1, 10000);
    dialog->setDoubleDecimals(1);
    dialog->setDoubleValue(m_bytesPerSecond > 0 ? static_cast<double>(m_bytesPerSecond) / Mega : 10);
    connect(dialog, &QInputDialog::doubleValueSelected, this,
            [this](double megabytes) { Q_EMIT limitChosen(static_cast<qint64>(megabytes * Mega)); });
    dialog->open();
}

void FooterBar::addSpeed(qint64 bytesPerSecond)
{
    m_curve->add(static_cast<double>(bytesPerSecond));
    m_speed->setData(speedText(bytesPerSecond));
    m_isSending = bytesPerSecond > 0;
    m_speed->setVisible(bytesPerSecond > 0);
    if (bytesPerSecond <= 0)
        m_curve->clear();
    fit();
}

void FooterBar::fit()
{
    // What is said again elsewhere goes first: the version, then the curve beside its number. Then words that never change, then
    // those of the network, whose kind the icon shows. The limit and the speed are read as numbers and stay.
    constexpr int Between = 6;
    int room = width() - 32;
    for (FooterItem *item : {m_network, m_limit, m_originals})
        room -= item->widthOfIcon() + item->widthOfWords() + Between;
    if (m_isSending)
        room -= m_speed->sizeHint().width() + Between;
    m_version->setVisible(room >= m_version->sizeHint().width() + (m_isSending ? m_curve->sizeHint().width() + Between : 0));
    m_curve->setVisible(m_isSending && room >= m_curve->sizeHint().width() + Between);
    for (FooterItem *item : {m_originals, m_network, m_limit}) {
        item->setHasWords(room >= 0);
        if (room < 0)
            room += item->widthOfWords();
    }
}

void FooterBar::resizeEvent(QResizeEvent *event)
{
    QStatusBar::resizeEvent(event);
    fit();
}

void FooterBar::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), QColor(themeOf(palette()).window));
    painter.fillRect(QRect(0, 0, width(), 1), QColor(themeOf(palette()).line));
}

} // namespace photolift::ui
