#include "models/decode/validation.h"

#include "models/decode/jpegsegments.h"
#include "models/decode/jxlstream.h"
#include "models/decode/rawcontainer.h"
#include "models/decode/xmppacket.h"

using namespace Qt::StringLiterals;

namespace photolift::decode {

namespace {

Verdict refused(Error error)
{
    return {std::move(error), nullptr};
}

Verdict validateSidecar(const OpenPhoto &photo)
{
    const Result<QByteArray> packet = readSidecar(photo);
    if (!packet)
        return refused(packet.error());
    const Result<> wellFormed = checkWellFormed(*packet);
    return wellFormed ? Verdict{} : refused(wellFormed.error());
}

/// What only the passage through the picture's data can say, and libvips does not.
std::optional<Error> missingEnd(const OpenPhoto &photo, const PictureHeader &header)
{
    ByteSource source(photo);
    if (photo.kind.typeName == "JPEG"_L1 && header.pictureOffset && !hasJpegEnd(source, header.pictureOffset))
        return Error{ErrorCode::ValidationTruncated, u"the file ends before its end marker"_s};
    if (photo.kind.typeName == "JPEG XL"_L1 && isJxlCut(source))
        return Error{ErrorCode::ValidationTruncated, u"the codestream ends before its last frame does"_s};
    return std::nullopt;
}

Verdict decoded(const OpenPhoto &photo, const PictureHeader &header, const photo::PhotoFacts &facts, int side)
{
    Result<ImagePtr> picture = decodePicture(photo, header, facts, side, Strictness::Strict);
    if (picture)
        return {std::nullopt, *std::move(picture)};
    if (picture.error().code == ErrorCode::ProcessingDecodeFailed)
        return {}; // whole, and nothing in it to be shown
    return refused(picture.error());
}

} // namespace

Verdict validate(const OpenPhoto &photo, const PictureHeader &header, const photo::PhotoFacts &facts, int side)
{
    if (!photo.kind.isAccepted)
        return refused({ErrorCode::ValidationInvalidImage, u"content of no accepted kind"_s});
    if (photo.kind.isSidecar)
        return validateSidecar(photo);
    if (std::optional<Error> tooLarge = overLimits(header))
        return refused(*std::move(tooLarge));
    if (photo.kind.isRaw) {
        if (const Result<> whole = checkRawContainer(photo); !whole)
            return refused(whole.error());
    }
    // No decoder reads all a file holds: later frames of a PNG, the profile behind the strips of a TIFF. The structure says they are missing.
    if (header.isCut)
        return refused({ErrorCode::ValidationTruncated, u"the file ends before what it announces does"_s});
    if (std::optional<Error> cut = missingEnd(photo, header))
        return refused(*std::move(cut));
    return decoded(photo, header, facts, side);
}

} // namespace photolift::decode
