#include "models/decode/validation.h"

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
    // A header that ends early or makes no sense needs no decoder to be told so.
    if (header.isCut && !header.width)
        return refused({ErrorCode::ValidationTruncated, u"the file ends before its picture begins"_s});
    return decoded(photo, header, facts, side);
}

} // namespace photolift::decode
