#include "ui/uploads/photodelegate.h"

#include "ui/parts/fonts.h"
#include "ui/parts/humantext.h"
#include "ui/parts/icons.h"
#include "ui/parts/mirrored.h"
#include "ui/parts/stagestrip.h"

#include <QPainter>
#include <QTableView>

namespace photolift::ui {

using namespace Qt::StringLiterals;

namespace {
constexpr QSize PictureSize(48, 32);
constexpr int LeftMargin = 16;
constexpr int CellPadding = 12;
constexpr int MarkSide = 15;
}

PhotoDelegate::PhotoDelegate(const UploadTableModel &model, PictureCache &pictures, QObject *parent)
    : QStyledItemDelegate(parent)
    , m_model(model)
    , m_pictures(pictures)
{
}

QSize PhotoDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const
{
    return {80, std::max(roomFor(40, 20), QFontMetrics(fontFor(TextSize::Body)).height() + 16)};
}

void PhotoDelegate::paintGround(QPainter &painter, const QStyleOptionViewItem &option, const QModelIndex &index, const Theme &theme) const
{
    const bool isSelected = option.state & QStyle::State_Selected;
    painter.fillRect(option.rect, QColor(isSelected ? theme.selection : theme.base));
    painter.fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), QColor(theme.line));
    const auto *view = qobject_cast<const QTableView *>(option.widget);
    if (!view || view->currentIndex().row() != index.row() || !view->hasFocus())
        return;
    // An inset frame of 2 pixels around the whole current row, of which each cell paints its part.
    const QColor accent(theme.accent);
    const QRect rect = option.rect.adjusted(0, 0, 0, -1);
    painter.fillRect(QRect(rect.left(), rect.top(), rect.width(), 2), accent);
    painter.fillRect(QRect(rect.left(), rect.bottom() - 1, rect.width(), 2), accent);
    const Mirrored at(rect, option.direction);
    if (index.column() == 0)
        painter.fillRect(at(QRect(rect.left(), rect.top(), 2, rect.height())), accent);
    if (index.column() == UploadTableModel::StatusColumn)
        painter.fillRect(at(QRect(rect.right() - 1, rect.top(), 2, rect.height())), accent);
}

QRect PhotoDelegate::picturePlace(const QStyleOptionViewItem &option)
{
    const QRect &cell = option.rect;
    return QStyle::visualRect(option.direction, cell,
                              QRect(QPoint(cell.left() + LeftMargin, cell.top() + (cell.height() - 1 - PictureSize.height()) / 2), PictureSize));
}

void PhotoDelegate::paintPicture(QPainter &painter, const QRect &place, const UploadRow &row, const Theme &theme) const
{
    const QPixmap picture = m_pictures.picture(row.view.item, PictureSize, painter.device()->devicePixelRatioF());
    if (!picture.isNull()) {
        painter.drawPixmap(place.topLeft(), picture);
        return;
    }
    painter.fillRect(place, QColor(theme.sunken));
    paintGlyph(painter, QRectF(place.center().x() - 8, place.center().y() - 8, 16, 16), Glyph::Picture, QColor(theme.segmentPending));
}

void PhotoDelegate::paintSent(QPainter &painter, const QRect &cell, const UploadRow &row, const Theme &theme) const
{
    const std::optional<int> percent = RowWords::sentPercent(row);
    painter.setPen(QColor(theme.text2));
    const bool isUnderWay = row.view.currentStage == Stage::Transfer || row.view.currentStage == Stage::Verification;
    const bool isMoving = isUnderWay && !isEnded(row.view.item.state);
    if (!percent || !isMoving) {
        painter.drawText(cell, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, percent ? percentText(*percent) : u"–"_s);
        return;
    }
    const int textWidth = painter.fontMetrics().horizontalAdvance(percentText(100)) + 6;
    const Mirrored at(cell, painter.layoutDirection());
    const int barWidth = std::max(20, cell.width() - textWidth);
    const QRect bar = at(QRect(cell.left(), cell.center().y() - 3, barWidth, 7));
    const StatusMark mark = RowWords::status(row, m_model.context()).mark;
    const QRgb fill = mark == StatusMark::Retry ? theme.retry.fill : mark == StatusMark::Paused ? theme.idle.fill : theme.running.fill;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(QColor(theme.trackBorder), 1));
    painter.setBrush(QColor(theme.track));
    painter.drawRoundedRect(QRectF(bar).adjusted(0.5, 0.5, -0.5, -0.5), 2, 2);
    painter.setPen(Qt::NoPen);
    painter.setBrush(QColor(fill));
    painter.drawRoundedRect(Mirrored(bar, painter.layoutDirection())(
                                QRectF(bar.left(), bar.top(), std::max(3.0, bar.width() * *percent / 100.0), bar.height())),
                            2, 2);
    painter.restore();
    painter.drawText(at(QRect(cell.left() + barWidth + 6, cell.top(), textWidth, cell.height())), Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                     percentText(*percent));
}

void PhotoDelegate::paint(QPainter *painter, const QStyleOptionViewItem &given, const QModelIndex &index) const
{
    QStyleOptionViewItem option(given);
    initStyleOption(&option, index);
    const Theme &theme = themeOf(option.palette);
    painter->save();
    painter->setClipRect(option.rect);
    paintGround(*painter, option, index, theme);
    const UploadRow *row = m_model.rowAt(index.row());
    const Mirrored at(option.rect, option.direction);
    const QRect cell = at(option.rect.adjusted(0, 0, -CellPadding, -1));
    painter->setFont(fontFor(TextSize::Body));
    if (!row) {
        // Not read yet: a grey tile where the picture will be, and nothing pretended beside it.
        if (index.column() == UploadTableModel::PictureColumn)
            painter->fillRect(picturePlace(option), QColor(theme.sunken));
        painter->restore();
        return;
    }
    switch (index.column()) {
    case UploadTableModel::PictureColumn:
        paintPicture(*painter, picturePlace(option), *row, theme);
        break;
    case UploadTableModel::NameColumn:
        painter->setFont(fontFor(TextSize::Body, QFont::Medium));
        painter->setPen(QColor(theme.text));
        painter->drawText(cell, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                          painter->fontMetrics().elidedText(option.text, Qt::ElideMiddle, cell.width()));
        break;
    case UploadTableModel::SizeColumn:
    case UploadTableModel::SpeedColumn:
        painter->setPen(QColor(theme.text2));
        painter->drawText(cell, Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine, option.text);
        break;
    case UploadTableModel::StepsColumn:
        paintStageStrip(*painter,
                        at(QRect(QPoint(option.rect.left(), cell.center().y() - stageStripSize().height() / 2), stageStripSize())).topLeft(),
                        RowWords::strip(*row, m_model.context()), theme);
        break;
    case UploadTableModel::SentColumn:
        paintSent(*painter, cell, *row, theme);
        break;
    case UploadTableModel::StatusColumn: {
        const RowStatus said = RowWords::status(*row, m_model.context());
        const Mirrored in(cell, option.direction);
        const int side = scaled(MarkSide);
        paintStatusMark(*painter, in(QRectF(cell.left(), cell.center().y() - side / 2, side, side)), said.mark, theme);
        painter->setPen(QColor(theme.of(said.tone).text));
        painter->setFont(fontFor(TextSize::Body, QFont::Medium));
        const QRect text = in(cell.adjusted(side + 7, 0, 0, 0));
        // Half an advice helps nobody: where there is no room for it what happened stands alone; tooltip and details say the rest.
        const bool isWhole = painter->fontMetrics().horizontalAdvance(said.text) <= text.width();
        painter->drawText(text, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                          painter->fontMetrics().elidedText(isWhole ? said.text : said.headline(), Qt::ElideRight, text.width()));
        break;
    }
    default:
        break;
    }
    painter->restore();
}

} // namespace photolift::ui
