#include "models/decode/metadata.h"

#include "models/decode/descriptorio.h"
#include "models/decode/iccname.h"
#include "models/decode/shootingdata.h"
#include "models/decode/xmppacket.h"

#include <exiv2/exiv2.hpp>

#include <stdexcept>

using namespace Qt::StringLiterals;

namespace photolift::decode {

namespace {

/// What was read and, in plain words, what could not be.
struct Findings {
    Exiv2::ExifData exif;
    Exiv2::XmpData xmp;
    QByteArray icc;
    std::optional<int> width;
    std::optional<int> height;
    QString failure;
};

/// Runs one reading of Exiv2; its exceptions end here. What was read before one stays.
template <typename Reading> void guarded(Findings &findings, Reading reading)
{
    try {
        reading();
    } catch (const std::exception &error) {
        findings.failure = QString::fromUtf8(error.what()).left(200);
    } catch (...) {
        findings.failure = u"an unknown exception of the metadata reader"_s;
    }
}

void readXmp(const QByteArray &packet, Findings &findings)
{
    guarded(findings, [&] {
        if (!packet.isEmpty() && Exiv2::XmpParser::decode(findings.xmp, packet.toStdString()) != 0)
            findings.failure = u"XMP is not well-formed"_s;
    });
}

/// The segments of a JPEG were cut out by our own reader, so that missing picture data or a cut file lose nothing.
void readJpeg(const PictureHeader &header, Findings &findings)
{
    guarded(findings, [&] {
        if (!header.exif.isEmpty()) {
            const Exiv2::ByteOrder order = Exiv2::ExifParser::decode(
                findings.exif, reinterpret_cast<const Exiv2::byte *>(header.exif.constData()), static_cast<uint32_t>(header.exif.size()));
            if (order == Exiv2::invalidByteOrder)
                findings.failure = u"EXIF has no valid beginning"_s;
        }
    });
    readXmp(header.xmp, findings);
}

void readSidecarFacts(const OpenPhoto &photo, Findings &findings)
{
    // Exiv2 would turn XMP into EXIF keys and give a date without time a midnight: only the XMP keys are read.
    const Result<QByteArray> packet = readSidecar(photo);
    if (packet)
        readXmp(*packet, findings);
    else
        findings.failure = packet.error().detail;
}

void readContainer(const OpenPhoto &photo, Findings &findings)
{
    guarded(findings, [&] {
        const auto image = Exiv2::ImageFactory::open(readThrough(photo));
        if (!image.get())
            throw std::runtime_error("unknown container");
        // Read what there is even when a later part throws.
        guarded(findings, [&] { image->readMetadata(); });
        if (image->iccProfileDefined())
            findings.icc = QByteArray(reinterpret_cast<const char *>(image->iccProfile()->pData_), image->iccProfile()->size_);
        if (image->pixelWidth() > 0 && image->pixelHeight() > 0) {
            findings.width = static_cast<int>(image->pixelWidth());
            findings.height = static_cast<int>(image->pixelHeight());
        }
        // Last: the size of a RAW is looked up in its EXIF.
        findings.exif = std::move(image->exifData());
        findings.xmp = std::move(image->xmpData());
    });
}

Findings readAll(const OpenPhoto &photo, const PictureHeader &header)
{
    Findings findings;
    findings.icc = header.icc;
    if (photo.kind.isSidecar)
        readSidecarFacts(photo, findings);
    else if (photo.kind.typeName == "JPEG"_L1)
        readJpeg(header, findings);
    else
        readContainer(photo, findings);
    if (findings.icc.isEmpty())
        findings.icc = header.icc;
    return findings;
}

QByteArray embeddedThumbnail(const Exiv2::ExifData &exif)
{
    try {
        const Exiv2::DataBuf bytes = Exiv2::ExifThumbC(exif).copy();
        return {reinterpret_cast<const char *>(bytes.pData_), bytes.size_};
    } catch (...) {
        return {}; // no thumbnail is nothing to report
    }
}

} // namespace

void prepareMetadata()
{
    Exiv2::LogMsg::setLevel(Exiv2::LogMsg::mute); // its warnings quote the photo
#if !EXIV2_TEST_VERSION(0, 28, 0)
    Exiv2::enableBMFF(true); // without it a HEIC opens and has no keys
#endif
    Exiv2::XmpParser::initialize();
}

Result<Metadata> readMetadata(const OpenPhoto &photo, const PictureHeader &header, WithThumbnail thumbnail)
{
    Findings findings = readAll(photo, header);
    Metadata metadata;
    photo::PhotoFacts &facts = metadata.facts;
    guarded(findings, [&] { fillShootingData(findings.exif, findings.xmp, facts); });

    const bool hasDecodedSize = header.width && header.height && *header.width > 0 && *header.height > 0;
    facts.width = hasDecodedSize ? header.width : findings.width;
    facts.height = hasDecodedSize ? header.height : findings.height;
    facts.colorProfile = iccProfileName(findings.icc);
    if (!photo.kind.isSidecar && !photo.kind.isRaw)
        facts.pages = header.frames;
    facts.note = findings.failure;

    const bool isEmpty = findings.exif.empty() && findings.xmp.empty();
    if (!findings.failure.isEmpty() && isEmpty && !facts.width)
        return Error{ErrorCode::MetadataUnreadable, findings.failure};
    if (thumbnail == WithThumbnail::Yes)
        metadata.thumbnail = embeddedThumbnail(findings.exif);
    return metadata;
}

} // namespace photolift::decode
