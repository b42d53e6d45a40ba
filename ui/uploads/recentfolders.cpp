#include "ui/uploads/recentfolders.h"

#include "models/vocabulary/pathtext.h"
#include "ui/parts/fonts.h"
#include "ui/parts/humantext.h"
#include "ui/parts/icons.h"

#include <QPainter>

namespace photolift::ui {

using namespace Qt::StringLiterals;

namespace {
constexpr qsizetype MostRows = 3;
constexpr int HeadHeight = 28;
constexpr QSize Tile(48, 32);
}

RecentFolders::RecentFolders(const Destination &destination, QWidget *parent)
    : QWidget(parent)
    , m_isThisComputer(destination.isThisComputer)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    hide();
}

int RecentFolders::rowHeight() const
{
    return std::max(scaled(48), QFontMetrics(fontFor(TextSize::Body)).height() + QFontMetrics(fontFor(TextSize::Small)).height() + 10);
}

QSize RecentFolders::sizeHint() const
{
    return {600, HeadHeight + static_cast<int>(m_folders.size()) * rowHeight()};
}

void RecentFolders::setFolders(const QList<store::BatchView> &folders)
{
    m_folders = folders.mid(0, MostRows);
    QStringList names;
    for (const store::BatchView &folder : m_folders)
        names << displayName(folder.batch.name);
    setAccessibleName(tr("Recent folders"));
    setAccessibleDescription(names.join(u", "_s));
    setVisible(!m_folders.isEmpty());
    updateGeometry();
    update();
}

void RecentFolders::paintEvent(QPaintEvent *)
{
    const Theme &theme = themeOf(palette());
    QPainter painter(this);
    painter.setFont(fontFor(TextSize::Body, QFont::DemiBold));
    painter.setPen(QColor(theme.text));
    painter.drawText(QRect(0, 0, width(), HeadHeight - 4), Qt::AlignLeft | Qt::AlignVCenter, tr("Recent folders"));
    const QDateTime now = QDateTime::currentDateTime();
    int y = HeadHeight;
    for (const store::BatchView &folder : m_folders) {
        const QRect row(0, y, width(), rowHeight());
        painter.fillRect(QRect(0, y, width(), 1), QColor(theme.line));
        const QRect tile(QPoint(0, y + (row.height() - Tile.height()) / 2), Tile);
        painter.fillRect(tile, QColor(theme.sunken));
        paintGlyph(painter, QRectF(tile.center().x() - 8, tile.center().y() - 8, 18, 18), Glyph::FolderOpen, QColor(theme.text3));

        const int right = width();
        QString when = folder.finishedMs ? whenText(QDateTime::fromMSecsSinceEpoch(*folder.finishedMs), now) : QString();
        if (!when.isEmpty())
            when[0] = when.at(0).toUpper(); // it stands alone here
        painter.setFont(fontFor(TextSize::Body));
        painter.setPen(QColor(theme.text2));
        painter.drawText(QRect(right - 160, y, 160, row.height()), Qt::AlignRight | Qt::AlignVCenter, when);
        const bool isAll = folder.needsYou + folder.cancelled + folder.dismissed == 0;
        const StatusMark mark = isAll ? StatusMark::Done : folder.needsYou > 0 ? StatusMark::Failed : StatusMark::Cancelled;
        QString word = m_isThisComputer ? tr("All copied") : tr("All safe");
        if (folder.needsYou > 0)
            word = tr("%1 failed").arg(countText(folder.needsYou));
        else if (!isAll)
            word = tr("%1 not sent").arg(countText(folder.cancelled + folder.dismissed));
        paintStatusMark(painter, QRectF(right - 320, y + (row.height() - 14) / 2.0, 14, 14), mark, theme);
        painter.setFont(fontFor(TextSize::Body, QFont::Medium));
        painter.setPen(QColor(theme.of(toneOf(mark)).text));
        painter.drawText(QRect(right - 300, y, 140, row.height()), Qt::AlignLeft | Qt::AlignVCenter, word);
        painter.setFont(fontFor(TextSize::Body));
        painter.setPen(QColor(theme.text2));
        painter.drawText(QRect(right - 480, y, 130, row.height()), Qt::AlignRight | Qt::AlignVCenter,
                         tr("%Ln photo(s)", nullptr, static_cast<int>(folder.found - folder.skipped)));

        const QRect texts(Tile.width() + 12, y, right - 480 - Tile.width() - 12, row.height());
        const QFont name = fontFor(TextSize::Body, QFont::Medium);
        const QFont small = fontFor(TextSize::Small);
        const int nameHeight = QFontMetrics(name).height();
        const int top = y + (row.height() - nameHeight - QFontMetrics(small).height()) / 2;
        painter.setFont(name);
        painter.setPen(QColor(theme.text));
        painter.drawText(QRect(texts.left(), top, texts.width(), nameHeight), Qt::AlignLeft | Qt::TextSingleLine,
                         painter.fontMetrics().elidedText(displayName(folder.batch.name), Qt::ElideMiddle, texts.width()));
        painter.setFont(small);
        painter.setPen(QColor(theme.text3));
        painter.drawText(QRect(texts.left(), top + nameHeight, texts.width(), nameHeight), Qt::AlignLeft | Qt::TextSingleLine,
                         painter.fontMetrics().elidedText(displayName(folder.projectName), Qt::ElideRight, texts.width()));
        y += row.height();
    }
}

} // namespace photolift::ui
