#include "app/desktop/picturereader.h"

#include "models/photo/kind.h"
#include "models/vocabulary/whendone.h"

#include <QBuffer>
#include <QImageReader>
#include <QPromise>

#include <fcntl.h>
#include <unistd.h>

namespace photolift::desktop {

namespace {

constexpr int ThumbnailSide = 512; // larger wishes are previews

/// Only what our own helper writes is decoded here: a small JPEG or PNG.
QImage fitted(const photo::HelperAnswer &answer, QSize pixels)
{
    QBuffer buffer;
    buffer.setData(answer.picture);
    QImageReader reader(&buffer, answer.pictureType == QLatin1StringView("image/png") ? "png" : "jpeg");
    const QSize whole = reader.size();
    if (!whole.isValid() || whole.isEmpty())
        return {};
    const QSize filling = whole.scaled(pixels, Qt::KeepAspectRatioByExpanding);
    reader.setScaledSize(filling);
    const QImage picture = reader.read();
    return picture.copy((filling.width() - pixels.width()) / 2, (filling.height() - pixels.height()) / 2, pixels.width(), pixels.height());
}

} // namespace

PictureReader::PictureReader(QString program)
    : m_program(std::move(program))
{
}

QFuture<QImage> PictureReader::read(const QByteArray &absolutePath, QSize pixels)
{
    auto promise = std::make_shared<QPromise<QImage>>();
    promise->start();
    QFuture<QImage> future = promise->future();
    QMetaObject::invokeMethod(this, [this, promise, absolutePath, pixels] {
        whenDone(readHere(absolutePath, pixels), this, [promise](const QImage &image) {
            promise->addResult(image);
            promise->finish();
        });
    });
    return future;
}

QFuture<QImage> PictureReader::readHere(const QByteArray &absolutePath, QSize pixels)
{
    const int descriptor = ::open(absolutePath.constData(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (descriptor < 0)
        return QtFuture::makeReadyFuture(QImage());
    QByteArray head(photo::KindBytes, Qt::Uninitialized);
    const ssize_t count = ::pread(descriptor, head.data(), static_cast<size_t>(head.size()), 0);
    const photo::Kind kind = photo::kindOf(QByteArrayView(head).first(std::max<ssize_t>(0, count)));
    if (!kind.isAccepted || kind.isSidecar) {
        ::close(descriptor);
        return QtFuture::makeReadyFuture(QImage());
    }
    if (!m_helper) {
        photo::Helper::Options options;
        options.program = m_program;
        options.niceness = 5;
        m_helper = std::make_unique<photo::Helper>(options);
    }
    const int side = std::max(pixels.width(), pixels.height());
    // The short side has to fill the tile: photos are at most 3:2 or so, panoramas are enlarged a little.
    const photo::Order order = side > ThumbnailSide ? photo::Order::Preview : photo::Order::Thumbnail;
    auto answer = m_helper->run(order, descriptor, kind.mediaType, side * 3 / 2);
    ::close(descriptor);
    return answer.then([pixels](const Result<photo::HelperAnswer> &result) { return result ? fitted(*result, pixels) : QImage(); });
}

} // namespace photolift::desktop
