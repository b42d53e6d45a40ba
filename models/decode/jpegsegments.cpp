#include "models/decode/jpegsegments.h"

namespace photolift::decode {

namespace {

constexpr QByteArrayView ExifName("Exif\0\0", 6);
constexpr QByteArrayView XmpName("http://ns.adobe.com/xap/1.0/\0", 29);
constexpr QByteArrayView IccName("ICC_PROFILE\0", 12);

bool isFrameHeader(quint8 marker)
{
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

bool hasNoLength(quint8 marker)
{
    return marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8);
}

void keepApp1(ByteSource &source, quint64 body, quint64 length, JpegSegments &found)
{
    // The first EXIF block counts; an editor that adds a second leaves the camera's one in front.
    if (found.exif.isEmpty() && source.hasAt(body, ExifName))
        found.exif = source.block(body + ExifName.size(), length - ExifName.size());
    else if (found.xmp.isEmpty() && length > quint64(XmpName.size()) && source.block(body, XmpName.size()) == XmpName)
        found.xmp = source.block(body + XmpName.size(), length - XmpName.size());
}

} // namespace

JpegSegments readJpegSegments(ByteSource &source)
{
    JpegSegments found;
    quint64 offset = 2;
    for (;;) {
        const std::optional<quint8> first = source.byte(offset);
        const std::optional<quint8> marker = source.byte(offset + 1);
        if (!first || !marker) {
            found.endsEarly = true;
            return found;
        }
        if (*first != 0xff) {
            found.isBroken = true;
            return found;
        }
        if (*marker == 0xff || hasNoLength(*marker)) {
            offset += *marker == 0xff ? 1 : 2;
            continue;
        }
        const quint64 length = source.big16(offset + 2).value_or(0);
        const quint64 body = offset + 4;
        if (length < 2) {
            found.endsEarly = !source.hasRange(offset, 4);
            found.isBroken = !found.endsEarly;
            return found;
        }
        if (*marker == 0xda || *marker == 0xd9) { // picture data, or an end without any
            found.pictureOffset = *marker == 0xda ? offset : 0;
            return found;
        }
        if (isFrameHeader(*marker) && !found.width) {
            found.height = source.big16(body + 1);
            found.width = source.big16(body + 3);
        } else if (*marker == 0xe1) {
            keepApp1(source, body, length - 2, found);
        } else if (*marker == 0xe2 && length > 16 && source.hasAt(body, IccName)) {
            found.icc += source.block(body + IccName.size() + 2, length - 2 - IccName.size() - 2);
        }
        if (*marker >= 0xe0)
            found.metadataBytes += static_cast<qint64>(length);
        offset += 2 + length;
    }
}

bool hasJpegEnd(ByteSource &source, quint64 pictureOffset)
{
    constexpr quint64 ReadBytes = 1024 * 1024;
    constexpr QByteArrayView End("\xff\xd9", 2);
    for (quint64 offset = pictureOffset;;) {
        const QByteArray bytes = source.block(offset, ReadBytes);
        if (bytes.contains(End))
            return true;
        if (bytes.size() < static_cast<qsizetype>(ReadBytes))
            return false;
        offset += ReadBytes - 1; // the marker may lie across two reads
    }
}

} // namespace photolift::decode
