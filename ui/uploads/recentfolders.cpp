#include "ui/uploads/recentfolders.h"

#include "models/vocabulary/pathtext.h"
#include "ui/parts/fonts.h"
#include "ui/parts/humantext.h"
#include "ui/parts/icons.h"
#include "ui/parts/mirrored.h"
#include "ui/uploads/folderwords.h"

#include <QPainter>

namespace photolift::ui {

using namespace Qt::StringLiterals;

namespace {
constexpr qsizetype MostRows = 3;
constexpr int MarkSide = 14;
constexpr int LeastName = 150;
constexpr int WideGap = 36;
constexpr int NarrowGap = 20;

/// Widths in pixels.
struct Columns {
    int when = 0;
    int state = 0;
    int photos = 0;
};

constexpr QSize Tile(48, 32);
}

RecentFolders::RecentFolders(const Destination &destination, PictureCache &pictures, QWidget *parent)
    : QWidget(parent)
    , m_isThisComputer(destination.isThisComputer)
    , m_pictures(pictures)
{
    connect(&m_pictures, &PictureCache::pictureArrived, this, QOverload<>::of(&QWidget::update));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    hide();
}

int RecentFolders::rowHeight() const
{
    return std::max(roomFor(48, 36), QFontMetrics(fontFor(TextSize::Body)).height() + QFontMetrics(fontFor(TextSize::Small)).height() + 10);
}

int RecentFolders::headHeight() const
{
    return roomFor(28, 20);
}

void RecentFolders::setRoom(int height)
{
    const int rows = std::clamp((height - headHeight()) / rowHeight(), 0, static_cast<int>(MostRows));
    if (std::exchange(m_rows, rows) != rows)
        updateGeometry();
    setVisible(!m_folders.isEmpty() && m_rows > 0);
}

QSize RecentFolders::sizeHint() const
{
    return {600, headHeight() + std::min(m_rows, static_cast<int>(m_folders.size())) * rowHeight()};
}

void RecentFolders::setFolders(const QList<store::BatchView> &folders)
{
    m_folders = folders.mid(0, MostRows);
    QStringList sentences;
    for (const store::BatchView &folder : m_folders) {
        const Words words = wordsOf(folder);
        sentences << QStringList{displayName(folder.batch.name), words.photos, words.state}.join(u", "_s);
    }
    setAccessibleName(tr("Recent folders"));
    setAccessibleDescription(sentences.join(u". "_s));
    setVisible(!m_folders.isEmpty() && m_rows > 0);
    updateGeometry();
    update();
}

void RecentFolders::setFace(const QUuid &batchId, const store::Item &face)
{
    m_faces.insert(batchId, face);
    update();
}

RecentFolders::Words RecentFolders::wordsOf(const store::BatchView &folder) const
{
    Words words;
    const FolderEnd end = FolderWords::ended(folder, m_isThisComputer);
    words.mark = end.mark;
    words.state = end.mark == StatusMark::Done && !m_isThisComputer ? tr("All safe") : end.words; // little room here
    words.photos = tr("%Ln photo(s)", nullptr, static_cast<int>(folder.found - folder.skipped));
    if (folder.finishedMs)
        words.when = whenText(QDateTime::fromMSecsSinceEpoch(*folder.finishedMs), QDateTime::currentDateTime());
    if (!words.when.isEmpty())
        words.when[0] = words.when.at(0).toUpper(); // it stands alone here
    return words;
}

void RecentFolders::paintEvent(QPaintEvent *)
{
    const Theme &theme = themeOf(palette());
    QPainter painter(this);
    const Mirrored at(rect(), layoutDirection());
    painter.setFont(fontFor(TextSize::Body, QFont::DemiBold));
    painter.setPen(QColor(theme.text));
    painter.drawText(QRect(0, 0, width(), headHeight() - 4), Qt::AlignLeft | Qt::AlignVCenter, tr("Recent folders"));

    const QFont body = fontFor(TextSize::Body);
    const QFont name = fontFor(TextSize::Body, QFont::Medium);
    const QFont small = fontFor(TextSize::Small);
    const int nameHeight = QFontMetrics(name).height();
    const int smallHeight = QFontMetrics(small).height();
    const int side = scaled(MarkSide);
    const QList<store::BatchView> shown = m_folders.mid(0, m_rows);
    // Each column is as wide as its longest words, so that nothing is cut; the narrower the window, the fewer columns.
    Columns columns;
    for (const store::BatchView &folder : shown) {
        const Words words = wordsOf(folder);
        columns.when = std::max(columns.when, QFontMetrics(body).horizontalAdvance(words.when));
        columns.state = std::max(columns.state, side + 8 + QFontMetrics(name).horizontalAdvance(words.state));
        columns.photos = std::max(columns.photos, QFontMetrics(body).horizontalAdvance(words.photos));
    }
    const int gap = width() >= 900 ? WideGap : NarrowGap;
    const int textLeft = Tile.width() + 12;
    const int least = textLeft + scaled(LeastName) + gap + columns.state;
    const bool hasWhen = least + gap + columns.when <= width();
    const bool hasPhotos = least + gap + columns.when + gap + columns.photos <= width();

    int y = headHeight();
    for (const store::BatchView &folder : shown) {
        const Words words = wordsOf(folder);
        const int height = rowHeight();
        painter.fillRect(QRect(0, y, width(), 1), QColor(theme.line));
        const QRect tile = at(QRect(QPoint(0, y + (height - Tile.height()) / 2), Tile));
        const auto face = m_faces.constFind(folder.batch.batchId);
        const QPixmap picture = face == m_faces.cend() ? QPixmap() : m_pictures.picture(*face, Tile, devicePixelRatioF());
        if (picture.isNull()) {
            painter.fillRect(tile, QColor(theme.sunken));
            paintGlyph(painter, QRectF(tile.center().x() - 8, tile.center().y() - 8, 18, 18), Glyph::FolderOpen, QColor(theme.text3));
        } else {
            painter.drawPixmap(tile.topLeft(), picture);
        }

        int right = width();
        if (hasWhen) {
            painter.setFont(body);
            painter.setPen(QColor(theme.text2));
            painter.drawText(at(QRect(right - columns.when, y, columns.when, height)), Qt::AlignRight | Qt::AlignVCenter, words.when);
            right -= columns.when + gap;
        }
        const QRect state(right - columns.state, y, columns.state + 1, height);
        paintStatusMark(painter, at(QRectF(state.left(), y + (height - side) / 2.0, side, side)), words.mark, theme);
        painter.setFont(name);
        painter.setPen(QColor(theme.of(toneOf(words.mark)).text));
        painter.drawText(at(state.adjusted(side + 8, 0, 0, 0)), Qt::AlignLeft | Qt::AlignVCenter, words.state);
        right -= columns.state + gap;
        if (hasPhotos) {
            painter.setFont(body);
            painter.setPen(QColor(theme.text2));
            painter.drawText(at(QRect(right - columns.photos, y, columns.photos, height)), Qt::AlignRight | Qt::AlignVCenter, words.photos);
            right -= columns.photos + gap;
        }

        const int textWidth = right - textLeft;
        const int top = y + (height - nameHeight - smallHeight) / 2;
        painter.setFont(name);
        painter.setPen(QColor(theme.text));
        painter.drawText(at(QRect(textLeft, top, textWidth, nameHeight)), Qt::AlignLeft | Qt::TextSingleLine,
                         painter.fontMetrics().elidedText(displayName(folder.batch.name), Qt::ElideMiddle, textWidth));
        painter.setFont(small);
        painter.setPen(QColor(theme.text3));
        painter.drawText(at(QRect(textLeft, top + nameHeight, textWidth, smallHeight)), Qt::AlignLeft | Qt::TextSingleLine,
                         painter.fontMetrics().elidedText(displayName(folder.projectName), Qt::ElideRight, textWidth));
        y += height;
    }
}

} // namespace photolift::ui
