#include "models/decode/pictureheader.h"

#include "models/decode/bytesource.h"
#include "models/decode/heifheader.h"
#include "models/decode/jpegsegments.h"
#include "models/decode/jxlheader.h"
#include "models/decode/tiffpages.h"

using namespace Qt::StringLiterals;

namespace photolift::decode {

namespace {

constexpr int FramesCounted = 100'000;

int toSide(quint32 value)
{
    return static_cast<int>(std::min(value, 0x7fffffffU));
}

PictureHeader readJpeg(ByteSource &source)
{
    JpegSegments segments = readJpegSegments(source);
    PictureHeader header;
    header.width = segments.width;
    header.height = segments.height;
    header.exif = std::move(segments.exif);
    header.xmp = std::move(segments.xmp);
    header.icc = std::move(segments.icc);
    header.metadataBytes = segments.metadataBytes;
    header.pictureOffset = segments.pictureOffset;
    header.isCut = segments.endsEarly;
    header.isBroken = segments.isBroken;
    return header;
}

PictureHeader readPng(ByteSource &source)
{
    PictureHeader header;
    if (const std::optional<quint32> width = source.big32(16), height = source.big32(20); width && height) {
        header.width = toSide(*width);
        header.height = toSide(*height);
    }
    quint64 offset = 8;
    for (;;) {
        const std::optional<quint32> length = source.big32(offset);
        const QByteArray type = source.block(offset + 4, 4);
        if (!length || type.size() < 4) {
            header.isCut = true;
            break;
        }
        if (type == "IEND")
            break;
        if (type == "acTL")
            header.frames = toSide(source.big32(offset + 8).value_or(1));
        else if (type != "IDAT" && type != "fdAT")
            header.metadataBytes += *length;
        offset += 12 + quint64(*length);
    }
    return header;
}

/// Skips the sub-blocks of a GIF; the offset behind them, nullopt at the end of the file.
std::optional<quint64> afterSubBlocks(ByteSource &source, quint64 offset)
{
    for (;;) {
        const std::optional<quint8> length = source.byte(offset);
        if (!length)
            return std::nullopt;
        offset += 1 + quint64(*length);
        if (*length == 0)
            return offset;
    }
}

quint64 gifTableBytes(quint8 flags)
{
    return flags & 0x80 ? 3ULL << ((flags & 7) + 1) : 0;
}

PictureHeader readGif(ByteSource &source)
{
    PictureHeader header;
    header.width = source.little16(6);
    header.height = source.little16(8);
    header.frames = 0;
    quint64 offset = 13 + gifTableBytes(source.byte(10).value_or(0));
    while (header.frames < FramesCounted) {
        const std::optional<quint8> block = source.byte(offset);
        std::optional<quint64> next;
        if (block == 0x3b)
            break;
        if (block == 0x21) {
            next = afterSubBlocks(source, offset + 2);
            if (next)
                header.metadataBytes += static_cast<qint64>(*next - offset);
        } else if (block == 0x2c) {
            ++header.frames;
            next = afterSubBlocks(source, offset + 11 + gifTableBytes(source.byte(offset + 9).value_or(0)));
        } else {
            header.isBroken = block.has_value();
        }
        if (!next) {
            // Encoders forget the trailer: a file that ends where a block does is taken for whole once it has a frame.
            const bool endsBetweenBlocks = offset == static_cast<quint64>(source.size()) && header.frames > 0;
            header.isCut = !header.isBroken && !endsBetweenBlocks;
            break;
        }
        offset = *next;
    }
    header.frames = std::max(header.frames, 1);
    return header;
}

void readWebPSize(ByteSource &source, quint64 offset, const QByteArray &type, PictureHeader &header)
{
    if (type == "VP8X") {
        header.width = toSide(source.little24(offset + 12).value_or(0) + 1);
        header.height = toSide(source.little24(offset + 15).value_or(0) + 1);
    } else if (type == "VP8 " && !header.width) {
        header.width = source.little16(offset + 14).value_or(0) & 0x3fff;
        header.height = source.little16(offset + 16).value_or(0) & 0x3fff;
    } else if (type == "VP8L" && !header.width) {
        const quint32 bits = source.little32(offset + 9).value_or(0);
        header.width = toSide((bits & 0x3fff) + 1);
        header.height = toSide(((bits >> 14) & 0x3fff) + 1);
    }
}

PictureHeader readWebP(ByteSource &source)
{
    PictureHeader header;
    int frames = 0;
    const quint64 end = quint64(source.little32(4).value_or(0)) + 8;
    header.isCut = end > static_cast<quint64>(source.size());
    quint64 offset = 12;
    while (offset + 8 <= end) {
        const QByteArray type = source.block(offset, 4);
        const std::optional<quint32> length = source.little32(offset + 4);
        if (!length)
            break;
        readWebPSize(source, offset, type, header);
        if (type == "ANMF")
            ++frames;
        else if (type == "EXIF" || type == "XMP " || type == "ICCP")
            header.metadataBytes += *length;
        if (type == "ICCP" && *length <= MostMetadataBytes)
            header.icc = source.block(offset + 8, *length);
        offset += 8 + quint64(*length) + (*length & 1U);
    }
    header.frames = std::max(frames, 1);
    return header;
}

PictureHeader readTiff(ByteSource &source)
{
    const TiffPages pages = readTiffPages(source);
    PictureHeader header;
    header.isCut = pages.isCut;
    header.isBroken = pages.hasLoop || (pages.pages.isEmpty() && !pages.isCut);
    header.icc = pages.icc;
    header.metadataBytes = pages.metadataBytes;
    header.frames = std::max<int>(1, static_cast<int>(pages.pages.size()));
    for (const TiffPage &page : pages.pages) {
        header.isCut = header.isCut || page.reachesBeyondEnd;
        if (page.width && page.height && !header.width) {
            header.width = toSide(*page.width);
            header.height = toSide(*page.height);
        }
        // Every page is decoded one day: the largest one counts for the limit.
        if (page.width && page.height && header.width && qint64(*page.width) * *page.height > MostPixels) {
            header.width = toSide(*page.width);
            header.height = toSide(*page.height);
        }
    }
    return header;
}

PictureHeader readHeif(ByteSource &source)
{
    HeifHeader heif = readHeifHeader(source);
    PictureHeader header;
    header.width = heif.width;
    header.height = heif.height;
    header.icc = std::move(heif.icc);
    header.metadataBytes = heif.metadataBytes;
    header.isCut = heif.isCut;
    return header;
}

PictureHeader readJxl(ByteSource &source)
{
    PictureHeader header;
    if (const std::optional<std::pair<int, int>> size = readJxlSize(source)) {
        header.width = size->first;
        header.height = size->second;
    }
    return header;
}

} // namespace

PictureHeader readPictureHeader(const OpenPhoto &photo)
{
    ByteSource source(photo);
    const QString &type = photo.kind.typeName;
    if (type == "JPEG"_L1)
        return readJpeg(source);
    if (type == "PNG"_L1)
        return readPng(source);
    if (type == "GIF"_L1)
        return readGif(source);
    if (type == "WebP"_L1)
        return readWebP(source);
    if (type == "TIFF"_L1)
        return readTiff(source);
    if (type == "HEIF"_L1 || type == "AVIF"_L1)
        return readHeif(source);
    if (type == "JPEG XL"_L1)
        return readJxl(source);
    return {};
}

std::optional<Error> overLimits(const PictureHeader &header)
{
    const auto tooLarge = [](const QString &detail) { return Error{ErrorCode::ValidationImageTooLarge, detail}; };
    const qint64 width = header.width.value_or(0);
    const qint64 height = header.height.value_or(0);
    if (width > LongestSide || height > LongestSide)
        return tooLarge(u"%1 x %2: a side is over %3 px"_s.arg(width).arg(height).arg(LongestSide));
    if (width * height > MostPixels)
        return tooLarge(u"%1 x %2: over 250 MP"_s.arg(width).arg(height));
    if (header.frames > MostFrames)
        return tooLarge(u"%1 frames"_s.arg(header.frames));
    if (header.metadataBytes > MostMetadataBytes)
        return tooLarge(u"%1 bytes of metadata"_s.arg(header.metadataBytes));
    return std::nullopt;
}

} // namespace photolift::decode
