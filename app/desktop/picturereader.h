#pragma once

#include "models/photo/helper.h"

#include <QFuture>
#include <QImage>
#include <QObject>
#include <QSize>

#include <memory>

namespace photolift::desktop {

/// Small pictures for the window: opens the photo, has it decoded in a helper process, and gives exactly the pixels asked for.
/// Lives on a thread of its own with an event loop; read() may be called from any thread.
class PictureReader final : public QObject
{
    Q_OBJECT
public:
    explicit PictureReader(QString program);

    /// Fills `pixels` and cuts what is too much. A null image when the photo has no picture or cannot be opened.
    QFuture<QImage> read(const QByteArray &absolutePath, QSize pixels);

private:
    QFuture<QImage> readHere(const QByteArray &absolutePath, QSize pixels);

    QString m_program;
    std::unique_ptr<photo::Helper> m_helper; ///< made at the first picture, on our thread
};

} // namespace photolift::desktop
