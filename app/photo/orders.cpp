#include "app/photo/orders.h"

#include "models/decode/metadata.h"
#include "models/decode/pictures.h"
#include "models/decode/validation.h"
#include "models/photo/filelook.h"

#include <QElapsedTimer>

#include <array>
#include <span>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace photolift {

namespace {

using decode::Metadata;
using decode::OpenPhoto;
using decode::PictureHeader;
using photo::AnswerFrame;

/// The kind is looked at anew: what the asker says about the bytes is not needed and not believed.
/// All that follows finds the bytes read here in memory.
OpenPhoto openPhoto(int descriptor, std::span<char, photo::KindBytes> firstBytes)
{
    OpenPhoto opened;
    opened.descriptor = descriptor;
    if (const Result<photo::FileIdentity> identity = photo::identityOf(descriptor))
        opened.size = identity->size;
    qsizetype filled = 0;
    const auto readUpTo = [&](qsizetype wanted) {
        const ssize_t got = ::pread(descriptor, firstBytes.data() + filled, static_cast<std::size_t>(wanted - filled), filled);
        filled += std::max<ssize_t>(0, got);
        opened.firstBytes = {firstBytes.data(), filled};
        opened.kind = photo::kindOf(opened.firstBytes);
    };
    // Most photos are JPEGs, which are known by four bytes and say what is asked for within these.
    constexpr qsizetype UsuallyEnough = 16 * 1024;
    readUpTo(UsuallyEnough);
    if (filled == UsuallyEnough && opened.kind.typeName != "JPEG"_L1)
        readUpTo(photo::KindBytes);
    return opened;
}

/// What is known without decoding; unreadable metadata is no reason to have no picture.
Metadata metadataOrNothing(const OpenPhoto &opened, const PictureHeader &header, decode::WithThumbnail thumbnail)
{
    Result<Metadata> metadata = decode::readMetadata(opened, header, thumbnail);
    return metadata ? *std::move(metadata) : Metadata();
}

AnswerFrame facts(const OpenPhoto &opened, const PictureHeader &header)
{
    AnswerFrame answer;
    if (!opened.kind.isAccepted) {
        answer.error = Error{ErrorCode::MetadataUnreadable, u"content of no accepted kind"_s};
        return answer;
    }
    if (std::optional<Error> tooLarge = decode::overLimits(header)) {
        answer.error = std::move(tooLarge);
        return answer;
    }
    Result<Metadata> metadata = decode::readMetadata(opened, header);
    if (metadata)
        answer.facts = metadata->facts;
    else
        answer.error = metadata.error();
    return answer;
}

AnswerFrame withPicture(Result<decode::Picture> picture)
{
    AnswerFrame answer;
    if (!picture) {
        answer.error = picture.error();
        return answer;
    }
    answer.picture = std::move(picture->bytes);
    answer.pictureType = picture->mediaType;
    answer.pictureSide = picture->side;
    return answer;
}

AnswerFrame thumbnail(const OpenPhoto &opened, const PictureHeader &header, int side)
{
    if (std::optional<Error> tooLarge = decode::overLimits(header))
        return withPicture(Error{ErrorCode::ProcessingDecodeFailed, tooLarge->detail});
    return withPicture(decode::makeThumbnail(opened, header, metadataOrNothing(opened, header, decode::WithThumbnail::Yes), side));
}

AnswerFrame rendition(const OpenPhoto &opened, const PictureHeader &header, int side)
{
    if (std::optional<Error> tooLarge = decode::overLimits(header))
        return withPicture(Error{ErrorCode::ProcessingDecodeFailed, tooLarge->detail});
    if (opened.kind.isSidecar)
        return withPicture(Error{ErrorCode::ProcessingDecodeFailed, u"a sidecar holds no picture"_s});
    const Metadata metadata = metadataOrNothing(opened, header, decode::WithThumbnail::No);
    const Result<decode::ImagePtr> image = decode::decodePicture(opened, header, metadata.facts, side, decode::Strictness::Lenient);
    if (!image)
        return withPicture(Error{ErrorCode::ProcessingDecodeFailed, image.error().detail});
    const Result<decode::Picture> picture = decode::toRendition(*image);
    AnswerFrame answer = withPicture(picture);
    if (picture) {
        answer.renditionSide = picture->side;
        answer.renditionQuality = picture->quality;
    }
    return answer;
}

AnswerFrame validated(const OpenPhoto &opened, const PictureHeader &header)
{
    AnswerFrame answer;
    answer.error = decode::validate(opened, header, {}, decode::ThumbnailSide).error;
    answer.facts.width = header.width;
    answer.facts.height = header.height;
    return answer;
}

/// The two pictures out of the one that validation decoded.
AnswerFrame pictures(const OpenPhoto &opened, const decode::ImagePtr &image, int side)
{
    AnswerFrame answer;
    if (opened.kind.isSidecar)
        return answer; // nothing to show, nothing failed
    if (!image) {
        answer.error = Error{ErrorCode::ProcessingDecodeFailed, u"no decoder for this kind"_s};
        return answer;
    }
    Result<decode::Picture> large = decode::toRendition(image);
    if (!large) {
        answer.error = large.error();
        return answer;
    }
    answer = withPicture(decode::shrinkTo(image, side));
    answer.rendition = std::move(large->bytes);
    answer.renditionSide = large->side;
    answer.renditionQuality = large->quality;
    return answer;
}

void everything(const OpenPhoto &opened, const PictureHeader &header, int side, const std::function<void(const AnswerFrame &)> &send)
{
    QElapsedTimer timer;
    const auto sendStep = [&](AnswerFrame frame, Stage stage, qint64 durationMs, bool isLast) {
        frame.stage = stage;
        frame.durationMs = durationMs;
        frame.isLast = isLast;
        send(frame);
    };

    // The orientation has to be known before the one decode; the time it takes is metadata's.
    timer.start();
    AnswerFrame metadata;
    if (!decode::overLimits(header))
        metadata = facts(opened, header);
    const qint64 metadataMs = timer.restart();

    decode::Verdict verdict = decode::validate(opened, header, metadata.facts, decode::RenditionSide);
    AnswerFrame validation;
    validation.error = verdict.error;
    const bool isOver = verdict.error && errorInfo(verdict.error->code).isFatal;
    sendStep(std::move(validation), Stage::Validation, timer.elapsed(), isOver);
    if (isOver)
        return;

    sendStep(std::move(metadata), Stage::MetadataExtraction, metadataMs, false);

    timer.restart();
    AnswerFrame made = pictures(opened, verdict.picture, side);
    sendStep(std::move(made), Stage::Processing, timer.elapsed(), true);
}

} // namespace

void carryOut(const photo::OrderFrame &order, int photoDescriptor, const std::function<void(const AnswerFrame &)> &send)
{
    std::array<char, photo::KindBytes> firstBytes; // not kept: the next photo shall find nothing of this one
    const OpenPhoto opened = openPhoto(photoDescriptor, firstBytes);
    const PictureHeader header = decode::readPictureHeader(opened);
    const auto side = [&order](int usual) { return order.side > 0 ? order.side : usual; };
    switch (order.order) {
    case photo::Order::Facts:
        return send(facts(opened, header));
    case photo::Order::Thumbnail:
        return send(thumbnail(opened, header, side(decode::ThumbnailSide)));
    case photo::Order::Preview:
        return send(thumbnail(opened, header, side(decode::PreviewSide)));
    case photo::Order::Rendition:
        return send(rendition(opened, header, side(decode::RenditionSide)));
    case photo::Order::Validate:
        return send(validated(opened, header));
    case photo::Order::Everything:
        return everything(opened, header, side(decode::ThumbnailSide), send);
    }
}

} // namespace photolift
