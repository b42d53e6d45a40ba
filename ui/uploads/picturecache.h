#pragma once

#include "ui/uploads/uploadfeed.h"

#include <QCache>
#include <QPixmap>
#include <QSet>

namespace photolift::ui {

/// Small pictures of photos by (photo, size, device pixel ratio). What is not there yet is asked for, a few at a time and the
/// newest wish first, and announced when it came; until then the caller paints its grey tile.
class PictureCache final : public QObject
{
    Q_OBJECT
public:
    explicit PictureCache(UploadFeed &feed, QObject *parent = nullptr);

    /// Null while it is not there, or when the photo has no picture. `size` in logical pixels.
    QPixmap picture(const store::Item &item, QSize size, qreal ratio);

Q_SIGNALS:
    void pictureArrived(const QUuid &itemId);

private:
    struct Wish {
        QString key;
        store::Item item;
        QSize pixels;
        qreal ratio = 1;
    };
    void askNext();

    UploadFeed &m_feed;
    QCache<QString, QPixmap> m_pictures;
    QSet<QString> m_none;  ///< asked, and there is no picture
    QSet<QString> m_asked; ///< wished or under way
    QList<Wish> m_wishes;
    int m_underWay = 0;
};

} // namespace photolift::ui
