#include "ui/uploads/batchdelegate.h"

#include "models/vocabulary/pathtext.h"
#include "ui/parts/fonts.h"
#include "ui/parts/humantext.h"
#include "ui/parts/icons.h"
#include "ui/parts/mirrored.h"
#include "ui/parts/plainlabel.h"
#include "ui/parts/stackedbar.h"

#include <QAbstractItemView>
#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

namespace photolift::ui {

using namespace Qt::StringLiterals;

namespace {

constexpr int RowHeight = 72;
constexpr int Margin = 16;
constexpr QSize Face(56, 48);
constexpr int FaceGap = 2;
constexpr int NameWidth = 214;
constexpr int ButtonSide = 28;
constexpr int MarkSide = 14;
constexpr int WideEnough = 760; // below it two pictures instead of four

struct Slice {
    StatusMark mark;
    Tone tone;
    QString count;
    QString words;
};

} // namespace

BatchDelegate::BatchDelegate(const BatchListModel &model, PictureCache &pictures, QObject *parent)
    : QStyledItemDelegate(parent)
    , m_model(model)
    , m_pictures(pictures)
{
}

bool BatchDelegate::hasButtons(const BatchRow &row)
{
    return !row.view.isCounted || row.view.moving + row.view.waiting > 0;
}

bool BatchDelegate::hasPause(const BatchRow &row) const
{
    return hasButtons(row) && (row.view.isPaused || !m_model.isAllPaused());
}

QRect BatchDelegate::buttonRect(const QRect &row, int place)
{
    const int side = roomFor(ButtonSide, 16);
    return {row.right() + 1 - Margin - side - place * (side + 4), row.top() + (row.height() - side) / 2, side, side};
}

QRect BatchDelegate::cancelRect(const QStyleOptionViewItem &option)
{
    return QStyle::visualRect(option.direction, option.rect, buttonRect(option.rect, 0));
}

QRect BatchDelegate::pauseRect(const QStyleOptionViewItem &option)
{
    return QStyle::visualRect(option.direction, option.rect, buttonRect(option.rect, 1));
}

QSize BatchDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const
{
    const int text = QFontMetrics(fontFor(TextSize::Body)).height() + 2 * QFontMetrics(fontFor(TextSize::Small)).height();
    return {200, std::max(roomFor(RowHeight, 52), text + 16)};
}

void BatchDelegate::paintFaces(QPainter &painter, const QRect &rect, const BatchRow &row, const Theme &theme) const
{
    const int count = (rect.width() + FaceGap) / (Face.width() + FaceGap);
    const Mirrored at(rect, painter.layoutDirection());
    QRect place(rect.topLeft(), Face);
    for (int i = 0; i < count; ++i) {
        const QRect cell = at(place);
        QPixmap picture;
        if (i < row.faces.size())
            picture = m_pictures.picture(row.faces.at(i), Face, painter.device()->devicePixelRatioF());
        if (picture.isNull()) {
            painter.fillRect(cell, QColor(theme.sunken));
            if (i < row.faces.size())
                paintGlyph(painter, QRectF(cell.center().x() - 9, cell.center().y() - 9, 18, 18), Glyph::Picture, QColor(theme.segmentPending));
        } else {
            painter.drawPixmap(cell.topLeft(), picture);
        }
        place.translate(Face.width() + FaceGap, 0);
    }
}

void BatchDelegate::paintProgress(QPainter &painter, const QRect &rect, const BatchRow &row, const Theme &theme) const
{
    const store::BatchView &view = row.view;
    const BatchWords words = m_model.words(row);
    const QFont body = fontFor(TextSize::Body);
    const QFont strong = fontFor(TextSize::Body, QFont::Medium);
    const QFont small = fontFor(TextSize::Small);
    const int lineHeight = QFontMetrics(body).height();
    const int smallHeight = QFontMetrics(small).height();
    constexpr int BarHeight = 10;
    constexpr int Gap = 3;
    const int top = rect.top() + (rect.height() - lineHeight - BarHeight - smallHeight - 2 * Gap) / 2;

    const Mirrored at(rect, painter.layoutDirection());
    const QRect line(rect.left(), top, rect.width(), lineHeight);
    const QFont &stateFont = words.isEmphasised ? strong : body;
    const int markWidth = words.mark ? scaled(15) + 7 : 0;
    int whenWidth = words.when.isEmpty() ? 0 : QFontMetrics(body).horizontalAdvance(words.when) + 12;
    // Where both do not fit, what goes on is worth more than when it ends.
    if (markWidth + QFontMetrics(stateFont).horizontalAdvance(words.state) + whenWidth > line.width())
        whenWidth = 0;
    if (whenWidth > 0) {
        painter.setFont(body);
        painter.setPen(QColor(theme.text2));
        painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine, words.when);
    }
    QRect state = line.adjusted(0, 0, -whenWidth, 0);
    Tone tone = Tone::Idle;
    if (words.mark) {
        tone = toneOf(*words.mark);
        const int side = scaled(15);
        paintStatusMark(painter, at(QRectF(state.left(), state.center().y() - side / 2, side, side)), *words.mark, theme);
        state.adjust(markWidth, 0, 0, 0);
    }
    painter.setFont(stateFont);
    const bool isCalm = !words.mark || tone == Tone::Idle || tone == Tone::Running;
    painter.setPen(QColor(words.isEmphasised ? theme.text : isCalm ? theme.text2 : theme.of(tone).text));
    painter.drawText(at(state), Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                     painter.fontMetrics().elidedText(words.state, Qt::ElideRight, state.width()));

    const QRect bar(rect.left(), line.bottom() + 1 + Gap, rect.width(), BarHeight);
    if (words.isCounting)
        paintCountingBar(painter, bar, row.walkSteps, theme);
    else
        paintStackedBar(painter, bar, {view.done, view.duplicate, view.needsYou, view.moving, view.waiting + view.cancelled + view.dismissed},
                        theme);

    if (!words.isCounting) // of a number that still grows nobody can say how much is left
        paintCounts(painter, QRect(rect.left(), bar.bottom() + 1 + Gap, rect.width(), smallHeight), view, theme);
}

void BatchDelegate::paintCounts(QPainter &painter, const QRect &rect, const store::BatchView &view, const Theme &theme)
{
    QList<Slice> slices;
    const auto add = [&slices](StatusMark mark, Tone tone, qint64 count, const QString &words) {
        if (count > 0)
            slices << Slice{mark, tone, countText(count), words.arg(countText(count))};
    };
    add(StatusMark::Done, Tone::Done, view.done, tr("%1 done"));
    add(StatusMark::Duplicate, Tone::Duplicate, view.duplicate, tr("%1 already there"));
    add(StatusMark::Failed, Tone::Failed, view.needsYou, tr("%1 failed"));
    add(StatusMark::Waiting, Tone::Idle, view.moving + view.waiting, tr("%1 left"));
    add(StatusMark::Cancelled, Tone::Idle, view.cancelled, tr("%1 cancelled"));
    add(StatusMark::Cancelled, Tone::Idle, view.skipped + view.dismissed, tr("%1 skipped"));

    painter.setFont(fontFor(TextSize::Small, QFont::Medium));
    const Mirrored at(rect, painter.layoutDirection());
    const int side = scaled(MarkSide);
    const auto widthOf = [&](const QString &text) { return side + 6 + painter.fontMetrics().horizontalAdvance(text); };
    int needed = 0;
    for (const Slice &slice : slices)
        needed += widthOf(slice.words);
    // What is left is worth more than wide gaps: a narrow row moves its counts together, and then leaves the words to the marks.
    const int gaps = static_cast<int>(slices.size()) - 1;
    const bool hasWords = needed + 8 * gaps <= rect.width();
    const int gap = !hasWords ? 10 : gaps > 0 ? std::min((rect.width() - needed) / gaps, 18) : 0;
    int x = rect.left();
    for (const Slice &slice : slices) {
        const QString &text = hasWords ? slice.words : slice.count;
        const int width = widthOf(text);
        paintStatusMark(painter, at(QRectF(x, rect.top() + (rect.height() - side) / 2.0, side, side)), slice.mark, theme);
        painter.setPen(QColor(theme.of(slice.tone).text));
        painter.drawText(at(QRect(x + side + 6, rect.top(), width - side - 5, rect.height())), Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                         text);
        x += width + gap;
    }
}

void BatchDelegate::paintButtons(QPainter &painter, const QStyleOptionViewItem &option, const BatchRow &row, const Theme &theme) const
{
    if (!hasButtons(row))
        return;
    const QPoint pointer = option.widget ? option.widget->mapFromGlobal(QCursor::pos()) : QPoint(-1, -1);
    const auto button = [&](const QRect &rect, Glyph glyph) {
        if (option.state & QStyle::State_MouseOver && rect.contains(pointer)) {
            painter.save();
            painter.setRenderHint(QPainter::Antialiasing);
            painter.setPen(Qt::NoPen);
            painter.setBrush(blended(theme.text, theme.base, 0.12));
            painter.drawRoundedRect(rect, 6, 6);
            painter.restore();
        }
        paintGlyph(painter, QRectF(rect).adjusted(5, 5, -5, -5), glyph, QColor(theme.text));
    };
    if (hasPause(row))
        button(pauseRect(option), row.view.isPaused ? Glyph::Play : Glyph::Pause);
    button(cancelRect(option), Glyph::Close);
}

void BatchDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const BatchRow *row = m_model.rowAt(index.row());
    if (!row)
        return;
    const Theme &theme = themeOf(option.palette);
    const bool isSelected = option.state & QStyle::State_Selected;
    const Mirrored at(option.rect, option.direction);
    painter->save();
    painter->setClipRect(option.rect);
    painter->fillRect(option.rect, QColor(isSelected ? theme.selection : option.state & QStyle::State_MouseOver ? theme.hover : theme.base));
    if (isSelected)
        painter->fillRect(at(QRect(option.rect.left(), option.rect.top(), 3, option.rect.height())), QColor(theme.accent));
    painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), QColor(theme.line));

    const int faces = option.rect.width() >= scaled(WideEnough) ? 4 : 2;
    const int facesWidth = faces * (Face.width() + FaceGap) - FaceGap;
    QRect rest = option.rect.adjusted(Margin, 0, -Margin, 0);
    paintFaces(*painter, at(QRect(rest.left(), rest.top() + (rest.height() - Face.height()) / 2, facesWidth, Face.height())), *row, theme);
    rest.setLeft(rest.left() + facesWidth + Margin);

    const int nameWidth = std::min(scaled(NameWidth), rest.width() / 3);
    const QFont name = fontFor(TextSize::Body, QFont::DemiBold);
    const QFont small = fontFor(TextSize::Small);
    const int nameHeight = QFontMetrics(name).height();
    const int smallHeight = QFontMetrics(small).height();
    int y = rest.top() + (rest.height() - nameHeight - 2 * smallHeight) / 2;
    const auto write = [&](const QFont &font, QRgb colour, const QString &text, int height) {
        painter->setFont(font);
        painter->setPen(QColor(colour));
        painter->drawText(at(QRect(rest.left(), y, nameWidth, height)), Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                          painter->fontMetrics().elidedText(text, Qt::ElideMiddle, nameWidth));
        y += height;
    };
    write(name, theme.text, displayName(row->view.batch.name), nameHeight);
    write(small, theme.text2, displayName(row->view.projectName), smallHeight);
    // While they are counted, photos are found before their sizes are known.
    const QString size = m_model.words(*row).isCounting ? QString() : u" · "_s + sizeText(row->view.bytes);
    write(small, theme.text2, tr("%Ln photo(s)", nullptr, static_cast<int>(row->view.found - row->view.skipped)) + size, smallHeight);

    rest.setLeft(rest.left() + nameWidth + Margin);
    rest.setRight(buttonRect(option.rect, 1).left() - Margin);
    paintProgress(*painter, at(rest), *row, theme);
    paintButtons(*painter, option, *row, theme);
    if (option.state & QStyle::State_HasFocus && option.widget && option.widget->window()->testAttribute(Qt::WA_KeyboardFocusChange)) {
        painter->setPen(QPen(QColor(theme.accent), 2));
        painter->setBrush(Qt::NoBrush);
        painter->drawRect(option.rect.adjusted(1, 1, -1, -2));
    }
    painter->restore();
}

bool BatchDelegate::editorEvent(QEvent *event, QAbstractItemModel *model, const QStyleOptionViewItem &option, const QModelIndex &index)
{
    const BatchRow *row = m_model.rowAt(index.row());
    const bool isPress = event->type() == QEvent::MouseButtonPress || event->type() == QEvent::MouseButtonDblClick;
    if (row && hasButtons(*row) && (isPress || event->type() == QEvent::MouseButtonRelease)) {
        const QPoint at = static_cast<QMouseEvent *>(event)->position().toPoint();
        const bool isPause = hasPause(*row) && pauseRect(option).contains(at);
        if (isPause || cancelRect(option).contains(at)) {
            if (event->type() == QEvent::MouseButtonRelease) {
                if (isPause)
                    Q_EMIT pauseClicked(row->view.batch.batchId);
                else
                    Q_EMIT cancelClicked(row->view.batch.batchId);
            }
            return true;
        }
    }
    return QStyledItemDelegate::editorEvent(event, model, option, index);
}

bool BatchDelegate::helpEvent(QHelpEvent *event, QAbstractItemView *view, const QStyleOptionViewItem &option, const QModelIndex &index)
{
    const BatchRow *row = m_model.rowAt(index.row());
    if (!row || event->type() != QEvent::ToolTip)
        return false;
    QString text = m_model.sentence(*row); // whatever a narrow row leaves out
    if (hasPause(*row) && pauseRect(option).contains(event->pos()))
        text = row->view.isPaused ? tr("Resume folder (Space)") : tr("Pause folder (Space)");
    else if (hasButtons(*row) && cancelRect(option).contains(event->pos()))
        text = tr("Stop this folder (Del)");
    QToolTip::showText(event->globalPos(), plainToolTip(text), view);
    return true;
}

} // namespace photolift::ui
