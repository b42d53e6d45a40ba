#include "ui/uploads/picturecache.h"

#include "models/vocabulary/ids.h"

#include <QFutureWatcher>

namespace photolift::ui {

using namespace Qt::StringLiterals;

namespace {
constexpr int CacheCost = 48 * 1024;  // KiB of pixels
constexpr int MostUnderWay = 2;       // the helper that reads metadata for the upload comes first
constexpr qsizetype MostWishes = 120; // scrolled past: no longer wanted
constexpr qsizetype MostNone = 20000;
}

PictureCache::PictureCache(UploadFeed &feed, QObject *parent)
    : QObject(parent)
    , m_feed(feed)
    , m_pictures(CacheCost)
{
}

QPixmap PictureCache::picture(const store::Item &item, QSize size, qreal ratio)
{
    const QSize pixels = (QSizeF(size) * ratio).toSize();
    // The name of a photo's bytes: a file that changed gets another picture.
    const QString key = idText(item.itemId) + u'/' + QString::number(item.identity.modifiedNs) + u'/' + QString::number(pixels.width())
        + u'x' + QString::number(pixels.height());
    if (const QPixmap *found = m_pictures.object(key))
        return *found;
    if (m_none.contains(key) || m_asked.contains(key))
        return {};
    m_asked.insert(key);
    m_wishes.prepend({key, item, pixels, ratio});
    while (m_wishes.size() > MostWishes)
        m_asked.remove(m_wishes.takeLast().key);
    // Not from inside a paint event.
    QMetaObject::invokeMethod(this, &PictureCache::askNext, Qt::QueuedConnection);
    return {};
}

void PictureCache::askNext()
{
    while (m_underWay < MostUnderWay && !m_wishes.isEmpty()) {
        const Wish wish = m_wishes.takeFirst();
        ++m_underWay;
        // A watcher of our own, not whenDone(): an answer that is dropped frees its place too.
        auto *watcher = new QFutureWatcher<QImage>(this);
        connect(watcher, &QFutureWatcher<QImage>::finished, this, [this, wish, watcher] {
            const QImage image = watcher->future().resultCount() > 0 ? watcher->result() : QImage();
            watcher->deleteLater();
            --m_underWay;
            m_asked.remove(wish.key);
            if (image.isNull()) {
                if (m_none.size() > MostNone)
                    m_none.clear();
                m_none.insert(wish.key);
            } else {
                auto pixmap = std::make_unique<QPixmap>(QPixmap::fromImage(image));
                pixmap->setDevicePixelRatio(wish.ratio);
                const qsizetype cost = std::max<qsizetype>(1, image.sizeInBytes() / 1024);
                m_pictures.insert(wish.key, pixmap.release(), cost);
                Q_EMIT pictureArrived(wish.item.itemId);
            }
            askNext();
        });
        watcher->setFuture(m_feed.picture(wish.item, wish.pixels));
    }
}

} // namespace photolift::ui
