#include "models/photo/rawkind.h"

#include "models/photo/canonraw.h"
#include "models/photo/tiffheader.h"

#include <array>

using namespace Qt::StringLiterals;

namespace photolift::photo {

namespace {

struct Signature {
    qsizetype offset;
    QByteArrayView bytes;
    QLatin1StringView mediaType;
};
// The lengths are spelled out by sized literals because most signatures hold zeros.
constexpr std::array<Signature, 11> Signatures{{
    {8, QByteArrayView("CR\x02", 3), "image/x-canon-cr2"_L1},
    {6, QByteArrayView("HEAPCCDR", 8), "image/x-canon-crw"_L1},
    {0, QByteArrayView("FUJIFILMCCD-RAW ", 16), "image/x-fujifilm-raf"_L1},
    {0, QByteArrayView("IIRO", 4), "image/x-olympus-orf"_L1},
    {0, QByteArrayView("IIRS", 4), "image/x-olympus-orf"_L1},
    {0, QByteArrayView("MMOR", 4), "image/x-olympus-orf"_L1},
    {0, QByteArrayView("FOVb", 4), "image/x-sigma-x3f"_L1},
    {0, QByteArrayView("\0MRM", 4), "image/x-minolta-mrw"_L1},
    {8, QByteArrayView("IIII", 4), "image/x-phaseone-iiq"_L1},
    {8, QByteArrayView("MMMM", 4), "image/x-phaseone-iiq"_L1},
    {0, QByteArrayView("IIU\0\x18\0\0\0\x88\xe7\x74\xd8", 12), "image/x-panasonic-rw2"_L1},
}};

struct Maker {
    QByteArrayView make; ///< beginning of the Make tag, upper case
    QLatin1StringView mediaType;
};
constexpr std::array<Maker, 16> Makers{{{"NIKON", "image/x-nikon-nef"_L1},
                                        {"SONY", "image/x-sony-arw"_L1},
                                        {"PENTAX", "image/x-pentax-pef"_L1},
                                        {"RICOH", "image/x-pentax-pef"_L1},
                                        {"SAMSUNG", "image/x-samsung-srw"_L1},
                                        {"HASSELBLAD", "image/x-hasselblad-3fr"_L1},
                                        {"KODAK", "image/x-kodak-dcr"_L1},
                                        {"EASTMAN KODAK", "image/x-kodak-dcr"_L1},
                                        {"SEIKO EPSON", "image/x-epson-erf"_L1},
                                        {"EPSON", "image/x-epson-erf"_L1},
                                        {"MAMIYA", "image/x-mamiya-mef"_L1},
                                        {"LEAF", "image/x-leaf-mos"_L1},
                                        {"PHASE ONE", "image/x-phaseone-iiq"_L1},
                                        {"OLYMPUS", "image/x-olympus-orf"_L1},
                                        {"PANASONIC", "image/x-panasonic-rw2"_L1},
                                        {"CANON", "image/x-canon-tif"_L1}}};

bool hasSensorCompression(const TiffHeader &header)
{
    switch (header.compression.value_or(0)) {
    case 34713: // Nikon
    case 32767: // Sony
    case 32769: // Epson, packed
    case 32770: // Samsung
    case 65000: // Kodak
    case 65535: // Pentax
        return true;
    default:
        return false;
    }
}

/// A picture saved by an editor keeps the camera's Make; what sets a camera's own file apart is sensor data, or a small first
/// picture whose real one sits in a sub-directory.
bool isLaidOutByCamera(const TiffHeader &header)
{
    constexpr quint32 ColorFilterArray = 32803;
    constexpr quint32 LinearRaw = 34892;
    const bool hasSensorColors = header.photometric == ColorFilterArray || header.photometric == LinearRaw;
    const bool beginsWithSmallPicture = header.newSubfileType.value_or(0) & 1U;
    return hasSensorCompression(header) || hasSensorColors || header.hasSonyPrivateData
        || (beginsWithSmallPicture && header.hasSubDirectories);
}

} // namespace

QString rawMediaTypeOf(QByteArrayView firstBytes)
{
    for (const Signature &signature : Signatures) {
        if (firstBytes.size() >= signature.offset + signature.bytes.size()
            && firstBytes.sliced(signature.offset).startsWith(signature.bytes))
            return signature.mediaType;
    }
    if (firstBytes.size() > 4 && firstBytes.sliced(4).startsWith("ftypcrx "))
        return isCanonRawMovie(firstBytes) ? QString() : u"image/x-canon-cr3"_s;
    // Leica and older Panasonic share the "IIU" of RW2 without its fixed identifier.
    if (firstBytes.startsWith(QByteArrayView("IIU\0", 4)))
        return u"image/x-panasonic-rw2"_s;
    const std::optional<TiffHeader> header = readTiffHeader(firstBytes);
    if (!header)
        return {};
    if (header->hasDngVersion)
        return u"image/x-adobe-dng"_s;
    if (!isLaidOutByCamera(*header))
        return {};
    const QByteArray make = header->make.toByteArray().toUpper();
    for (const Maker &maker : Makers) {
        if (make.startsWith(maker.make))
            return maker.mediaType;
    }
    return {};
}

} // namespace photolift::photo
