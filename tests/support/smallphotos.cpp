#include "tests/support/smallphotos.h"

#include <QBuffer>
#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QImage>
#include <QtEndian>

namespace photolift::support {

namespace {
constexpr qint64 LargestComment = 65533;

QByteArray comment(const QByteArray &text)
{
    QByteArray segment("\xff\xfe\0\0", 4);
    qToBigEndian(static_cast<quint16>(text.size() + 2), segment.data() + 2);
    return segment + text;
}
}

QByteArray jpegBytes(int seed, qint64 bytes, int width, int height)
{
    QImage image(width, height, QImage::Format_RGB32);
    const int shade = seed & 0xff; // all that a colour can show of it
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x)
            image.setPixel(x, y, qRgb(x * 4 + shade, y * 5 + shade * 3, (x + y + shade * 7) * 2));
    }
    QByteArray jpeg;
    QBuffer buffer(&jpeg);
    buffer.open(QIODevice::WriteOnly);
    image.save(&buffer, "JPEG", 85);
    jpeg.insert(2, comment("photo " + QByteArray::number(seed)));
    while (bytes - jpeg.size() > 4) {
        // Never leave one to four bytes over: the smallest segment has four and a text of one.
        const qint64 missing = bytes - jpeg.size() - 4;
        const qint64 length = missing > LargestComment ? std::min(LargestComment, missing - 8) : missing;
        QByteArray padding(length, Qt::Uninitialized);
        for (qint64 i = 0; i < length; ++i)
            padding[i] = static_cast<char>((i * 31 + seed) & 0x7f);
        jpeg.insert(2, comment(padding));
    }
    return jpeg;
}

QString writeJpeg(const QString &path, int seed, qint64 bytes)
{
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(jpegBytes(seed, bytes)) < 0)
        qFatal("cannot write %s", qPrintable(path));
    return path;
}

QString sha256OfFile(const QString &path)
{
    QFile file(path);
    QCryptographicHash hash(QCryptographicHash::Sha256);
    if (!file.open(QIODevice::ReadOnly) || !hash.addData(&file))
        return {};
    return QString::fromLatin1(hash.result().toHex());
}

} // namespace photolift::support
