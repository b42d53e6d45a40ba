#pragma once

#include "models/decode/openphoto.h"
#include "models/photo/filedescriptor.h"

#include <QByteArray>
#include <QList>
#include <QString>

#include <array>
#include <utility>

/// Small photos made by the tests themselves.
namespace photolift::testphotos {

/// A picture whose left upper quarter is red and the rest blue-green noise, so that turning and decoding can be seen.
/// `suffix`: ".jpg", ".png", ".webp", ".tif", ".gif", ".heic", ".avif", ".jxl", with libvips options such as ".tif[tile]".
QByteArray picture(int width, int height, const QByteArray &suffix);

/// Red, green and blue (0..255) near the left upper corner of a picture in memory, as its own numbers, whatever profile goes with them.
std::array<int, 3> cornerColour(const QByteArray &picture);

/// The same without any content, for large ones.
QByteArray blankPicture(int width, int height, const QByteArray &suffix);

/// EXIF by Exiv2's keys and texts, such as {"Exif.Photo.FNumber", "28/10"}: the TIFF structure.
using Tags = QList<std::pair<QByteArray, QByteArray>>;
QByteArray exif(const Tags &tags);
/// A packet with these attributes on its description, namespaces exif, tiff, xmp, photoshop.
QByteArray xmp(const QByteArray &attributes);

/// The JPEG with an EXIF or XMP segment behind its start marker.
QByteArray withExif(const QByteArray &jpeg, const QByteArray &exif);
QByteArray withXmp(const QByteArray &jpeg, const QByteArray &packet);

/// The PNG with one more chunk behind its header.
QByteArray withChunk(const QByteArray &png, const QByteArray &type, const QByteArray &body);

/// A PNG whose header claims this size and that holds nearly nothing.
QByteArray pngClaiming(quint32 width, quint32 height);

/// A photo in an unnamed file, as the helper gets it.
class Open
{
public:
    explicit Open(const QByteArray &bytes);
    const decode::OpenPhoto &photo() const { return m_photo; }

private:
    photo::FileDescriptor m_file;
    decode::OpenPhoto m_photo;
};

} // namespace photolift::testphotos
