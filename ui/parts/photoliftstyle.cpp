#include "ui/parts/photoliftstyle.h"

#include "ui/parts/fonts.h"
#include "ui/parts/icons.h"
#include "ui/parts/mirrored.h"
#include "ui/parts/theme.h"

#include <QPainter>
#include <QStyleFactory>
#include <QStyleOption>
#include <QStyleOptionComplex>
#include <QToolButton>
#include <QWidget>

namespace photolift::ui {

using namespace Qt::StringLiterals;

namespace {

constexpr double Radius = 6;
constexpr int RingWidth = 2;
constexpr int RingGap = 2;

bool has(const QWidget *widget, const char *property)
{
    return widget && widget->property(property).toBool();
}

void roundRect(QPainter &painter, const QRectF &rect, double radius, const QColor &ground, const QColor &border, double width = 1)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(ground);
    painter.setPen(border.isValid() ? QPen(border, width) : QPen(Qt::NoPen));
    const double half = border.isValid() ? width / 2 : 0;
    painter.drawRoundedRect(rect.adjusted(half, half, -half, -half), radius, radius);
    painter.restore();
}

void paintButton(const QStyleOption &option, QPainter &painter, const QWidget *widget)
{
    const Theme &theme = themeOf(option.palette);
    const bool isDown = option.state & (QStyle::State_Sunken | QStyle::State_On);
    const bool isOver = (option.state & QStyle::State_MouseOver) && (option.state & QStyle::State_Enabled);
    const bool isEnabled = option.state & QStyle::State_Enabled;
    if (has(widget, "primary")) {
        QColor ground(theme.accent);
        if (!isEnabled)
            ground = blended(theme.accent, theme.base, 0.45);
        else if (isDown)
            ground = blended(theme.accent, theme.text, 0.82);
        else if (isOver)
            ground = blended(theme.accent, theme.text, 0.92);
        roundRect(painter, option.rect, Radius, ground, {});
        return;
    }
    QColor ground(theme.base);
    if (isDown)
        ground = QColor(theme.selection);
    else if (isOver)
        ground = QColor(theme.hover);
    if (has(widget, "flat")) {
        if (isOver || isDown)
            roundRect(painter, option.rect, Radius, blended(theme.text, theme.base, isDown ? 0.14 : 0.08), {});
        return;
    }
    roundRect(painter, option.rect, Radius, ground,
              isEnabled ? QColor(theme.lineStrong) : blended(theme.lineStrong, theme.base, 0.45));
}

/// Icon, 8 pixels, word; a button with a menu has a chevron at its end.
void paintButtonLabel(const QStyleOptionButton &option, QPainter &painter, const QWidget *widget, const QStyle &style)
{
    constexpr int Gap = 8;
    const int chevronSide = scaled(16);
    const Theme &theme = themeOf(option.palette);
    const bool isEnabled = option.state & QStyle::State_Enabled;
    const bool hasMenu = option.features & QStyleOptionButton::HasMenu;
    const QIcon::Mode mode = isEnabled ? QIcon::Normal : QIcon::Disabled;
    const QFontMetrics &metrics = option.fontMetrics;
    const int iconWidth = option.icon.isNull() ? 0 : option.iconSize.width() + (option.text.isEmpty() ? 0 : Gap);
    const int room = option.rect.width() - 2 * Gap - iconWidth - (hasMenu ? Gap + chevronSide : 0);
    const bool isTooLong = metrics.size(Qt::TextShowMnemonic, option.text).width() > room;
    const QString text = isTooLong ? metrics.elidedText(option.text, Qt::ElideRight, room, Qt::TextShowMnemonic) : option.text;
    const int textWidth = metrics.size(Qt::TextShowMnemonic, text).width();
    const int width = textWidth + iconWidth + (hasMenu ? Gap + chevronSide : 0);
    const Mirrored at(option.rect, option.direction);
    int x = option.rect.left() + (option.rect.width() - width) / 2;
    if (!option.icon.isNull())
        option.icon.paint(&painter, at(QRect(QPoint(x, option.rect.center().y() - option.iconSize.height() / 2 + 1), option.iconSize)),
                          Qt::AlignCenter, mode);
    x += iconWidth;
    painter.setPen(has(widget, "primary") ? QColor(theme.onAccent) : option.palette.color(QPalette::ButtonText));
    painter.drawText(at(QRect(x, option.rect.top(), textWidth + 2, option.rect.height())),
                     Qt::AlignVCenter | Qt::AlignHCenter | Qt::TextSingleLine
                         | (style.styleHint(QStyle::SH_UnderlineShortcut, &option, widget) ? Qt::TextShowMnemonic : Qt::TextHideMnemonic),
                     text);
    if (hasMenu)
        paintGlyph(painter,
                   at(QRectF(x + textWidth + Gap, option.rect.center().y() - chevronSide / 2 + 1, chevronSide, chevronSide)),
                   Glyph::ChevronDown, option.palette.color(QPalette::ButtonText));
}

/// The head of a column; where the rows are sorted by it, an arrow stands beside the word.
void paintHeaderLabel(const QStyleOptionHeader &header, QPainter &painter, const Theme &theme)
{
    constexpr int ArrowSide = 12;
    constexpr int ArrowGap = 4;
    const bool isSorted = header.sortIndicator != QStyleOptionHeader::None;
    painter.save();
    painter.setFont(fontFor(TextSize::Label));
    painter.setPen(QColor(isSorted ? theme.text : theme.text2));
    // Right alignment is also set for the number columns' heads, so that they stand over their numbers.
    const Mirrored at(header.rect, header.direction);
    const QRect cell = header.rect.adjusted(0, 0, -12, 0); // the padding of the cells below
    const QFontMetrics metrics = painter.fontMetrics();
    const bool isRight = header.textAlignment & Qt::AlignRight;
    const int room = cell.width() - (isSorted && !isRight ? ArrowSide + ArrowGap : 0);
    const QString text = metrics.elidedText(header.text, Qt::ElideRight, room);
    painter.drawText(at(cell), static_cast<int>(header.textAlignment) | Qt::TextSingleLine, text);
    if (isSorted) {
        const int width = metrics.horizontalAdvance(text);
        const int x = isRight ? cell.right() - width - ArrowGap - ArrowSide : cell.left() + width + ArrowGap;
        const QRectF square = at(QRectF(x, header.rect.center().y() - ArrowSide / 2, ArrowSide, ArrowSide));
        painter.translate(square.center());
        painter.rotate(header.sortIndicator == QStyleOptionHeader::SortDown ? 180 : 0); // SortDown: Qt's word for ascending
        painter.translate(-square.center());
        paintGlyph(painter, square, Glyph::ChevronDown, QColor(theme.text));
    }
    painter.restore();
}

} // namespace

PhotoliftStyle::PhotoliftStyle()
    : QProxyStyle(QStyleFactory::create(u"Fusion"_s))
{
}

void PhotoliftStyle::drawPrimitive(PrimitiveElement element, const QStyleOption *option, QPainter *painter, const QWidget *widget) const
{
    const Theme &theme = themeOf(option->palette);
    switch (element) {
    case PE_PanelButtonCommand:
        paintButton(*option, *painter, widget);
        return;
    case PE_PanelButtonTool:
        if (has(widget, "nav") || has(widget, "segment"))
            return; // these paint themselves
        if (option->state & (State_MouseOver | State_Sunken | State_On) && option->state & State_Enabled) {
            const double strength = option->state & State_Sunken ? 0.14 : 0.08;
            roundRect(*painter, option->rect, Radius, blended(theme.text, theme.base, strength), {});
        }
        return;
    case PE_PanelLineEdit:
    case PE_FrameLineEdit: {
        const bool isEnabled = option->state & State_Enabled;
        roundRect(*painter, option->rect, Radius, QColor(theme.base),
                  isEnabled ? QColor(theme.lineStrong) : blended(theme.lineStrong, theme.base, 0.45));
        return;
    }
    case PE_IndicatorHeaderArrow:
        return; // painted beside the word, in CE_HeaderLabel
    case PE_FrameFocusRect:
        return; // FocusRing draws it, outside of the control
    case PE_PanelStatusBar:
    case PE_FrameStatusBarItem:
        return;
    case PE_PanelTipLabel:
        painter->fillRect(option->rect, QColor(theme.text));
        return;
    case PE_IndicatorArrowDown:
        if (qobject_cast<const QToolButton *>(widget))
            return; // our icons say that there is a menu
        break;
    default:
        break;
    }
    QProxyStyle::drawPrimitive(element, option, painter, widget);
}

void PhotoliftStyle::drawControl(ControlElement element, const QStyleOption *option, QPainter *painter, const QWidget *widget) const
{
    const Theme &theme = themeOf(option->palette);
    switch (element) {
    case CE_FocusFrame:
        roundRect(*painter, option->rect, Radius + RingWidth + RingGap, Qt::transparent, QColor(theme.accent), RingWidth);
        return;
    case CE_PushButtonBevel:
        proxy()->drawPrimitive(PE_PanelButtonCommand, option, painter, widget); // the label paints the chevron of a menu
        return;
    case CE_PushButtonLabel:
        if (const auto *button = qstyleoption_cast<const QStyleOptionButton *>(option)) {
            paintButtonLabel(*button, *painter, widget, *proxy());
            return;
        }
        break;
    case CE_HeaderSection:
    case CE_HeaderEmptyArea:
        painter->fillRect(option->rect, QColor(theme.window));
        painter->fillRect(QRect(option->rect.left(), option->rect.bottom(), option->rect.width(), 1), QColor(theme.line));
        return;
    case CE_HeaderLabel:
        if (const auto *header = qstyleoption_cast<const QStyleOptionHeader *>(option)) {
            paintHeaderLabel(*header, *painter, theme);
            return;
        }
        break;
    case CE_ToolBar:
        painter->fillRect(option->rect, QColor(theme.base));
        painter->fillRect(QRect(option->rect.left(), option->rect.bottom(), option->rect.width(), 1), QColor(theme.line));
        return;
    case CE_Splitter:
        painter->fillRect(option->rect, QColor(theme.line));
        return;
    default:
        break;
    }
    QProxyStyle::drawControl(element, option, painter, widget);
}

void PhotoliftStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex *option, QPainter *painter,
                                        const QWidget *widget) const
{
    const auto *slider = control == CC_ScrollBar ? qstyleoption_cast<const QStyleOptionSlider *>(option) : nullptr;
    if (!slider) {
        QProxyStyle::drawComplexControl(control, option, painter, widget);
        return;
    }
    const Theme &theme = themeOf(option->palette);
    painter->fillRect(option->rect, option->palette.color(QPalette::Base));
    if (slider->minimum == slider->maximum)
        return;
    const QRect handle = subControlRect(CC_ScrollBar, slider, SC_ScrollBarSlider, widget).adjusted(2, 2, -2, -2);
    const double strength = slider->activeSubControls & SC_ScrollBarSlider ? 0.55 : 0.38;
    roundRect(*painter, handle, 4, blended(theme.text, theme.base, strength), {});
}

QSize PhotoliftStyle::sizeFromContents(ContentsType type, const QStyleOption *option, const QSize &size, const QWidget *widget) const
{
    QSize result = QProxyStyle::sizeFromContents(type, option, size, widget);
    if (type == CT_PushButton) {
        const auto *button = qstyleoption_cast<const QStyleOptionButton *>(option);
        const bool isCompact = has(widget, "compact");
        const bool isMain = has(widget, "main");
        const int padding = isMain ? 20 : isCompact ? 12 : 14;
        int width = size.width() + 2 * padding + (button && !button->icon.isNull() ? 4 : 0)
            + (button && button->features & QStyleOptionButton::HasMenu ? 12 : 0);
        if (button && button->icon.isNull() && button->text.isEmpty())
            width = size.width() + padding;
        result = QSize(width, std::max(isMain ? roomFor(40, 20) : isCompact ? roomFor(28, 16) : roomFor(32, 20), size.height() + 8));
    } else if (type == CT_LineEdit) {
        result.setHeight(std::max(result.height(), roomFor(32, 20)));
    } else if (type == CT_MenuItem) {
        result += QSize(12, 6);
    }
    return result;
}

int PhotoliftStyle::pixelMetric(PixelMetric metric, const QStyleOption *option, const QWidget *widget) const
{
    switch (metric) {
    case PM_FocusFrameHMargin:
    case PM_FocusFrameVMargin:
        return RingWidth + RingGap;
    case PM_SplitterWidth:
        return 1;
    case PM_ToolBarFrameWidth:
    case PM_ToolBarItemSpacing:
    case PM_ToolBarItemMargin:
        return 0;
    case PM_ScrollBarExtent:
        return 12;
    case PM_ButtonShiftHorizontal:
    case PM_ButtonShiftVertical:
        return 0;
    case PM_ButtonIconSize:
    case PM_SmallIconSize: // in fields and menus, too
        return scaled(16);
    case PM_HeaderMargin:
        return 0;
    default:
        return QProxyStyle::pixelMetric(metric, option, widget);
    }
}

int PhotoliftStyle::styleHint(StyleHint hint, const QStyleOption *option, const QWidget *widget, QStyleHintReturn *result) const
{
    switch (hint) {
    case SH_FocusFrame_AboveWidget:
        return 1;
    case SH_Widget_Animation_Duration:
        return 0;
    case SH_DialogButtonBox_ButtonsHaveIcons:
        return 0;
    case SH_ScrollBar_Transient:
        return 0;
    default:
        return QProxyStyle::styleHint(hint, option, widget, result);
    }
}

} // namespace photolift::ui
