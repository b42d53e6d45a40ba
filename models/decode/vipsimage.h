#pragma once

#include <QByteArray>
#include <QString>

#include <memory>
#include <mutex>

// As in vips/vips.h, which stays out of everybody else's build.
typedef struct _VipsImage VipsImage;
typedef struct _VipsSource VipsSource;

namespace photolift::decode {

struct Unref {
    void operator()(void *object) const;
};
using ImagePtr = std::unique_ptr<VipsImage, Unref>;
using SourcePtr = std::unique_ptr<VipsSource, Unref>;

/// Once per process, before any picture: no untrusted loaders (ImageMagick, PDF, SVG, OpenSlide, ...), no cache, no messages.
/// Costs tens of milliseconds, so a helper that only reads metadata never does it. May be called again.
void prepareVips();

/// Bytes in memory or behind a descriptor as something libvips loads from. The descriptor's own position is never used: the
/// program that sent it shares it.
class PictureInput
{
public:
    PictureInput(int descriptor, qint64 size);
    explicit PictureInput(const QByteArray &bytes);
    ~PictureInput(); ///< waits for a read at hand
    PictureInput(const PictureInput &) = delete;
    PictureInput &operator=(const PictureInput &) = delete;

    /// A new source at the beginning; it must not outlive the input.
    SourcePtr source();

    qint64 read(void *buffer, qint64 length);   ///< for libvips
    qint64 seek(qint64 offset, int whence);     ///< for libvips

private:
    /// Guards all below: libvips reads from threads of its own, one after the other by locks of GLib. Ours makes that sure and lets the
    /// thread sanitizer, which does not see GLib's, watch it.
    std::mutex m_mutex;
    int m_descriptor = -1;
    qint64 m_size = 0;
    qint64 m_position = 0;
    QByteArray m_bytes;
};

/// What libvips has to say about the last failure, emptied by asking.
QString takeVipsError();

/// The picture turned by an EXIF orientation of 1..8; null when libvips failed.
ImagePtr turned(ImagePtr image, int orientation);
/// All pixels in memory; null when decoding any of them failed.
ImagePtr inMemory(const ImagePtr &image);

int widthOf(const ImagePtr &image);
int heightOf(const ImagePtr &image);
bool isTransparent(const ImagePtr &image);

/// Encoded without metadata; empty when libvips failed. JPEG shows transparency as white.
QByteArray toJpeg(const ImagePtr &image, int quality);
QByteArray toPng(const ImagePtr &image);

} // namespace photolift::decode
