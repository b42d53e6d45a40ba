#include "models/photo/kind.h"

#include "models/photo/rawkind.h"
#include "models/photo/tiffheader.h"

#include <QList>
#include <QtEndian>

#include <algorithm>
#include <array>
#include <optional>

using namespace Qt::StringLiterals;

namespace photolift::photo {

namespace {

bool hasAt(QByteArrayView bytes, qsizetype offset, QByteArrayView expected)
{
    return bytes.size() >= offset + expected.size() && bytes.sliced(offset, expected.size()) == expected;
}

Kind accepted(const QString &typeName, const QString &mediaType)
{
    Kind kind;
    kind.typeName = typeName;
    kind.mediaType = mediaType;
    kind.isAccepted = true;
    return kind;
}

Kind withTransparency(Kind kind)
{
    kind.supportsTransparency = true;
    return kind;
}

bool isJpeg(QByteArrayView bytes)
{
    // After the start marker comes a marker that may stand there: not a second start, an end, a restart or filling.
    if (!hasAt(bytes, 0, "\xff\xd8\xff") || bytes.size() < 4)
        return false;
    const auto marker = static_cast<quint8>(bytes[3]);
    return marker == 0xff || (marker >= 0xc0 && marker <= 0xfe && !(marker >= 0xd0 && marker <= 0xd9));
}

/// An animated PNG announces its frames before the picture data.
bool isAnimatedPng(QByteArrayView bytes)
{
    qsizetype offset = 8;
    while (offset + 8 <= bytes.size()) {
        const quint32 length = qFromBigEndian<quint32>(bytes.data() + offset);
        if (hasAt(bytes, offset + 4, "acTL"))
            return true;
        if (hasAt(bytes, offset + 4, "IDAT") || length > 0x7fffffffU)
            return false;
        offset += 12 + static_cast<qsizetype>(length);
    }
    return false;
}

bool isWebP(QByteArrayView bytes)
{
    return hasAt(bytes, 0, "RIFF")
        && (hasAt(bytes, 8, "WEBPVP8 ") || hasAt(bytes, 8, "WEBPVP8L") || hasAt(bytes, 8, "WEBPVP8X"));
}

/// HEIF and AVIF by the brands of the ftyp box; movies use the same box with other brands.
Kind isoMediaKind(QByteArrayView bytes)
{
    const quint32 size = bytes.size() >= 8 ? qFromBigEndian<quint32>(bytes.data()) : 0;
    if (size < 16 || size > 4096 || size % 4 != 0 || !hasAt(bytes, 4, "ftyp"))
        return {};
    const auto mediaTypeOf = [](QByteArrayView brand) -> QString {
        if (brand == "avif" || brand == "avis")
            return u"image/avif"_s;
        if (brand == "heic" || brand == "heix" || brand == "heim" || brand == "heis")
            return u"image/heic"_s;
        if (brand == "hevc" || brand == "hevx" || brand == "hevm" || brand == "hevs")
            return u"image/heic-sequence"_s;
        return {};
    };
    const QByteArrayView box = bytes.first(std::min<qsizetype>(size, bytes.size()));
    const QByteArrayView major = box.sliced(8, std::min<qsizetype>(4, box.size() - 8));
    QString mediaType = mediaTypeOf(major);
    if (mediaType.isEmpty() && (major == "mif1" || major == "msf1" || major == "mif2")) {
        // The structural brand leaves the codec to the compatible ones.
        for (qsizetype offset = 16; offset + 4 <= box.size() && mediaType.isEmpty(); offset += 4)
            mediaType = mediaTypeOf(box.sliced(offset, 4));
        if (mediaType.isEmpty())
            mediaType = major == "msf1" ? u"image/heif-sequence"_s : u"image/heif"_s;
    }
    if (mediaType.isEmpty())
        return {};
    return withTransparency(accepted(mediaType == "image/avif"_L1 ? u"AVIF"_s : u"HEIF"_s, mediaType));
}

bool isJpegXl(QByteArrayView bytes)
{
    return hasAt(bytes, 0, "\xff\x0a") || hasAt(bytes, 0, QByteArrayView("\0\0\0\x0cJXL \r\n\x87\n", 12));
}

/// A text as Latin-1, whatever Unicode form it has; only ASCII matters to us.
QByteArray asciiOf(QByteArrayView bytes)
{
    if (hasAt(bytes, 0, "\xef\xbb\xbf"))
        return bytes.sliced(3).toByteArray();
    const bool isLittle = hasAt(bytes, 0, "\xff\xfe") || hasAt(bytes, 0, QByteArrayView("<\0", 2));
    const bool isBig = hasAt(bytes, 0, "\xfe\xff") || hasAt(bytes, 0, QByteArrayView("\0<", 2));
    if (!isLittle && !isBig)
        return bytes.toByteArray();
    QByteArray text;
    for (qsizetype i = 0; i + 1 < bytes.size(); i += 2) {
        const char low = bytes[isLittle ? i : i + 1];
        const char high = bytes[isLittle ? i + 1 : i];
        if (high == '\0')
            text.append(low);
    }
    return text;
}

bool isXmlSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

QByteArrayView withoutSpaceBefore(QByteArrayView text)
{
    return text.sliced(std::find_if_not(text.begin(), text.end(), isXmlSpace) - text.begin());
}

/// What stands between the angle brackets of the tag that `text` begins with; brackets in quotes are text.
QByteArrayView tagAtBeginning(QByteArrayView text)
{
    char quote = '\0';
    for (qsizetype at = 1; at < text.size(); ++at) {
        const char c = text[at];
        if (quote == '\0' && c == '>')
            return text.sliced(1, at - 1);
        if (quote == '\0' && (c == '"' || c == '\''))
            quote = c;
        else if (c == quote)
            quote = '\0';
    }
    return text.sliced(1);
}

/// XMP by its first element: an x:xmpmeta or rdf:RDF, after any processing instructions and comments. XMP inside another document
/// (an SVG, say) does not make that document a sidecar, and a document type with entities is none.
bool isXmp(QByteArrayView bytes)
{
    const QByteArray whole = asciiOf(bytes);
    QByteArrayView text = withoutSpaceBefore(whole);
    while (text.startsWith("<?") || text.startsWith("<!--")) {
        const bool isComment = text.startsWith("<!--");
        const QByteArrayView last = isComment ? QByteArrayView("-->") : QByteArrayView("?>");
        const qsizetype end = text.indexOf(last, isComment ? 4 : 2);
        if (end < 0)
            return false;
        text = withoutSpaceBefore(text.sliced(end + last.size()));
    }
    if (!text.startsWith('<'))
        return false;
    const QByteArrayView element = tagAtBeginning(text);
    const auto nameEnd = std::find_if(element.begin(), element.end(), [](char c) { return isXmlSpace(c) || c == '/'; });
    const QByteArrayView name = element.first(nameEnd - element.begin());
    const QByteArrayView localName = name.sliced(name.indexOf(':') + 1);
    if (localName == "xmpmeta" || localName == "xapmeta")
        return element.contains("adobe:ns:meta/");
    return localName == "RDF" && element.contains("http://www.w3.org/1999/02/22-rdf-syntax-ns#");
}

QByteArray endingOf(QByteArrayView fileName)
{
    const QByteArrayView name = fileName.sliced(fileName.lastIndexOf('/') + 1);
    const qsizetype dot = name.lastIndexOf('.');
    return dot < 0 ? QByteArray() : name.sliced(dot + 1).toByteArray().toLower();
}

struct Endings {
    QLatin1StringView typeName;
    QByteArrayView endings; ///< each between blanks
};
struct Media {
    QLatin1StringView mediaType;
    QLatin1StringView typeName;
};
/// RAW files have one of their maker each: image/x-...
constexpr std::array<Media, 13> MediaTypes{{
    {"image/jpeg"_L1, "JPEG"_L1},
    {"image/png"_L1, "PNG"_L1},
    {"image/apng"_L1, "PNG"_L1},
    {"image/webp"_L1, "WebP"_L1},
    {"image/gif"_L1, "GIF"_L1},
    {"image/tiff"_L1, "TIFF"_L1},
    {"image/heic"_L1, "HEIF"_L1},
    {"image/heif"_L1, "HEIF"_L1},
    {"image/heic-sequence"_L1, "HEIF"_L1},
    {"image/heif-sequence"_L1, "HEIF"_L1},
    {"image/avif"_L1, "AVIF"_L1},
    {"image/jxl"_L1, "JPEG XL"_L1},
    {"application/rdf+xml"_L1, "XMP"_L1},
}};

constexpr std::array<Endings, 10> UsualEndings{{
    {"JPEG"_L1, " jpg jpeg jpe jfif mpo "},
    {"PNG"_L1, " png apng "},
    {"WebP"_L1, " webp "},
    {"GIF"_L1, " gif "},
    {"TIFF"_L1, " tif tiff "},
    {"HEIF"_L1, " heic heif hif "},
    {"AVIF"_L1, " avif "},
    {"JPEG XL"_L1, " jxl "},
    {"RAW"_L1, " cr2 cr3 crw nef nrw arw sr2 srf dng orf ori rw2 rwl raw raf pef srw x3f mrw 3fr fff iiq mos mef erf dcr kdc gpr tif "},
    {"XMP"_L1, " xmp "},
}};

bool isOneOf(QByteArrayView endings, const QByteArray &ending)
{
    return !ending.isEmpty() && endings.contains(QByteArray(' ' + ending + ' '));
}

/// Width and height of the first frame header, while it lies within the bytes.
std::optional<std::pair<int, int>> jpegSize(QByteArrayView bytes)
{
    qsizetype offset = 2;
    while (offset + 9 <= bytes.size()) {
        if (static_cast<quint8>(bytes[offset]) != 0xff)
            return std::nullopt;
        const auto marker = static_cast<quint8>(bytes[offset + 1]);
        if (marker == 0xff) {
            ++offset;
            continue;
        }
        if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc)
            return std::pair{int(qFromBigEndian<quint16>(bytes.data() + offset + 7)), int(qFromBigEndian<quint16>(bytes.data() + offset + 5))};
        offset += 2 + qFromBigEndian<quint16>(bytes.data() + offset + 2);
    }
    return std::nullopt;
}

} // namespace

Kind kindOf(QByteArrayView bytes)
{
    if (isJpeg(bytes))
        return accepted(u"JPEG"_s, u"image/jpeg"_s);
    if (hasAt(bytes, 0, "\x89PNG\r\n\x1a\n") && hasAt(bytes, 12, "IHDR"))
        return withTransparency(accepted(u"PNG"_s, isAnimatedPng(bytes) ? u"image/apng"_s : u"image/png"_s));
    if (isWebP(bytes))
        return withTransparency(accepted(u"WebP"_s, u"image/webp"_s));
    if (hasAt(bytes, 0, "GIF87a") || hasAt(bytes, 0, "GIF89a"))
        return withTransparency(accepted(u"GIF"_s, u"image/gif"_s));
    if (const QString raw = rawMediaTypeOf(bytes); !raw.isEmpty()) {
        Kind kind = accepted(u"RAW"_s, raw);
        kind.isRaw = true;
        return kind;
    }
    if (readTiffHeader(bytes))
        return withTransparency(accepted(u"TIFF"_s, u"image/tiff"_s));
    if (Kind kind = isoMediaKind(bytes); kind.isAccepted)
        return kind;
    if (isJpegXl(bytes))
        return withTransparency(accepted(u"JPEG XL"_s, u"image/jxl"_s));
    if (isXmp(bytes)) {
        Kind kind = accepted(u"XMP"_s, u"application/rdf+xml"_s);
        kind.isSidecar = true;
        return kind;
    }
    return {};
}

QString typeNameOf(QStringView mediaType)
{
    if (mediaType.startsWith("image/x-"_L1))
        return u"RAW"_s;
    const auto found = std::find_if(MediaTypes.begin(), MediaTypes.end(), [mediaType](const Media &media) { return media.mediaType == mediaType; });
    return found == MediaTypes.end() ? QString() : QString(found->typeName);
}

bool isMovieThumbnail(QByteArrayView fileName, QByteArrayView firstBytes)
{
    if (endingOf(fileName) != "thm" || !isJpeg(firstBytes))
        return false;
    const std::optional<std::pair<int, int>> size = jpegSize(firstBytes);
    return size && size->first <= 320 && size->second <= 240;
}

bool endsLikePhoto(QByteArrayView fileName)
{
    const QByteArray ending = endingOf(fileName);
    return std::any_of(UsualEndings.begin(), UsualEndings.end(), [&ending](const Endings &usual) {
        return usual.typeName != "XMP"_L1 && isOneOf(usual.endings, ending);
    });
}

int severityWhenSkipped(ErrorCode code, QByteArrayView fileName)
{
    const int severity = errorInfo(code).severity;
    return code == ErrorCode::SelectionNotAccepted && endsLikePhoto(fileName) ? std::max(severity, MissedSeverity) : severity;
}

bool endingAgrees(QByteArrayView fileName, const Kind &kind)
{
    const QByteArray ending = endingOf(fileName);
    return std::any_of(UsualEndings.begin(), UsualEndings.end(), [&](const Endings &usual) {
        return usual.typeName == kind.typeName && isOneOf(usual.endings, ending);
    });
}

} // namespace photolift::photo
