#include "testphotos.h"

#include "models/decode/vipsimage.h"

#include <QtEndian>

#include <exiv2/exiv2.hpp>
#include <sys/mman.h>
#include <unistd.h>
#include <vips/vips.h>
#include <zlib.h>

namespace photolift::testphotos {

namespace {

QByteArray big32(quint32 number)
{
    char raw[4];
    qToBigEndian(number, raw);
    return {raw, 4};
}

QByteArray segment(char marker, const QByteArray &body)
{
    const auto length = static_cast<quint16>(body.size() + 2);
    return QByteArray("\xff") + marker + char(length >> 8) + char(length & 0xff) + body;
}

QByteArray inserted(const QByteArray &jpeg, const QByteArray &segment)
{
    return jpeg.first(2) + segment + jpeg.sliced(2);
}

QByteArray chunk(const QByteArray &type, const QByteArray &body)
{
    const QByteArray checked = type + body;
    const auto sum = ::crc32(0, reinterpret_cast<const Bytef *>(checked.constData()), static_cast<uInt>(checked.size()));
    return big32(static_cast<quint32>(body.size())) + checked + big32(static_cast<quint32>(sum));
}

QByteArray written(const decode::ImagePtr &image, const QByteArray &suffix)
{
    void *buffer = nullptr;
    std::size_t length = 0;
    if (vips_image_write_to_buffer(image.get(), suffix.constData(), &buffer, &length, nullptr) != 0)
        qFatal("cannot make a %s: %s", suffix.constData(), vips_error_buffer());
    const QByteArray bytes(static_cast<const char *>(buffer), static_cast<qsizetype>(length));
    g_free(buffer);
    return bytes;
}

} // namespace

QByteArray picture(int width, int height, const QByteArray &suffix)
{
    decode::prepareVips();
    vips_operation_block_set("VipsForeignSaveJxl", FALSE); // the product only reads it
    QByteArray pixels(qsizetype(width) * height * 3, Qt::Uninitialized);
    quint32 noise = 7;
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            noise = noise * 1664525U + 1013904223U;
            const bool isCorner = x < width / 2 && y < height / 2;
            char *pixel = pixels.data() + (qsizetype(y) * width + x) * 3;
            pixel[0] = isCorner ? char(220) : char(20);
            pixel[1] = isCorner ? char(20) : char(100 + (noise >> 26));
            pixel[2] = isCorner ? char(20) : char(160 + (noise >> 27));
        }
    }
    const decode::ImagePtr image(vips_image_new_from_memory_copy(pixels.constData(), static_cast<std::size_t>(pixels.size()), width, height, 3, VIPS_FORMAT_UCHAR));
    VipsImage *tagged = nullptr;
    vips_copy(image.get(), &tagged, "interpretation", VIPS_INTERPRETATION_sRGB, nullptr);
    const decode::ImagePtr colored(tagged);
    return written(colored, suffix);
}

std::array<int, 3> cornerColour(const QByteArray &picture)
{
    decode::prepareVips();
    const decode::ImagePtr image(vips_image_new_from_buffer(picture.constData(), static_cast<std::size_t>(picture.size()), "", nullptr));
    double *values = nullptr;
    int count = 0;
    if (!image || vips_getpoint(image.get(), &values, &count, vips_image_get_width(image.get()) / 8, vips_image_get_height(image.get()) / 8, nullptr) != 0)
        qFatal("no colour to be read: %s", vips_error_buffer());
    std::array<int, 3> colour{-1, -1, -1};
    for (int band = 0; band < std::min(count, 3); ++band)
        colour[static_cast<std::size_t>(band)] = qRound(values[band]);
    g_free(values);
    return colour;
}

QByteArray blankPicture(int width, int height, const QByteArray &suffix)
{
    decode::prepareVips();
    VipsImage *black = nullptr;
    vips_black(&black, width, height, "bands", 3, nullptr);
    return written(decode::ImagePtr(black), suffix);
}

QByteArray exif(const Tags &tags)
{
    Exiv2::ExifData data;
    for (const auto &[key, value] : tags) {
        Exiv2::Exifdatum &datum = data[key.toStdString()];
        datum.setValue(value.toStdString());
    }
    Exiv2::Blob blob;
    Exiv2::ExifParser::encode(blob, Exiv2::littleEndian, data);
    return {reinterpret_cast<const char *>(blob.data()), static_cast<qsizetype>(blob.size())};
}

QByteArray xmp(const QByteArray &attributes)
{
    return "<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?>"
           "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
           "<rdf:Description rdf:about='' xmlns:exif='http://ns.adobe.com/exif/1.0/' xmlns:tiff='http://ns.adobe.com/tiff/1.0/' "
           "xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmlns:photoshop='http://ns.adobe.com/photoshop/1.0/' "
        + attributes + "/></rdf:RDF></x:xmpmeta><?xpacket end='w'?>";
}

QByteArray withExif(const QByteArray &jpeg, const QByteArray &exif)
{
    return inserted(jpeg, segment('\xe1', QByteArray("Exif\0\0", 6) + exif));
}

QByteArray withXmp(const QByteArray &jpeg, const QByteArray &packet)
{
    return inserted(jpeg, segment('\xe1', QByteArray("http://ns.adobe.com/xap/1.0/\0", 29) + packet));
}

QByteArray withChunk(const QByteArray &png, const QByteArray &type, const QByteArray &body)
{
    constexpr qsizetype HeaderEnd = 8 + 4 + 4 + 13 + 4; // signature, then length, type, body and sum of IHDR
    return png.first(HeaderEnd) + chunk(type, body) + png.sliced(HeaderEnd);
}

QByteArray pngClaiming(quint32 width, quint32 height)
{
    const QByteArray header = big32(width) + big32(height) + QByteArray("\x08\x02\0\0\0", 5);
    return QByteArray("\x89PNG\r\n\x1a\n", 8) + chunk("IHDR", header) + chunk("IDAT", QByteArray("\x78\x9c\x03\0\0\0\0\x01", 8)) + chunk("IEND", {});
}

Open::Open(const QByteArray &bytes)
    : m_file(::memfd_create("photo", MFD_CLOEXEC))
{
    if (::write(m_file.get(), bytes.constData(), static_cast<std::size_t>(bytes.size())) != bytes.size())
        qFatal("cannot write the test photo");
    m_photo = {m_file.get(), bytes.size(), photo::kindOf(bytes)};
}

} // namespace photolift::testphotos
