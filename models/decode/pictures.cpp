#include "models/decode/pictures.h"

#include "models/decode/rawpreview.h"

#include <vips/vips.h>

using namespace Qt::StringLiterals;

namespace photolift::decode {

namespace {

constexpr int ThumbnailQuality = 80;
constexpr int RenditionQuality = 85;

/// HEIF, AVIF and JPEG XL turn their picture while decoding; EXIF beside it repeats what was done already.
bool turnsItself(const photo::Kind &kind)
{
    return kind.typeName == "HEIF"_L1 || kind.typeName == "AVIF"_L1 || kind.typeName == "JPEG XL"_L1;
}

bool mayLackDecoder(const photo::Kind &kind)
{
    return turnsItself(kind) || kind.typeName == "TIFF"_L1;
}

/// Reading at a fraction of the size still passes through every byte of these, so it proves as much as a full decode.
bool shrinksWhileReading(const photo::Kind &kind)
{
    return kind.isRaw || kind.typeName == "JPEG"_L1;
}

ImagePtr opened(PictureInput &input, const char *options, VipsFailOn failOn)
{
    const SourcePtr source = input.source();
    return ImagePtr(vips_image_new_from_source(source.get(), options, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", failOn, nullptr));
}

/// Colours without a profile are taken for those of sRGB anyway: turning them into these again changes nothing, and took a third of the time
/// of a rendition. Null: there is nothing to turn.
const char *exportProfile(const ImagePtr &image)
{
    const bool isSrgb = vips_image_get_interpretation(image.get()) == VIPS_INTERPRETATION_sRGB && vips_image_get_format(image.get()) == VIPS_FORMAT_UCHAR
        && vips_image_get_typeof(image.get(), VIPS_META_ICC_NAME) == 0;
    return isSrgb ? nullptr : "srgb";
}

ImagePtr thumbnailOf(PictureInput &input, int side, VipsFailOn failOn)
{
    const char *profile = nullptr;
    {
        const ImagePtr header = opened(input, "", failOn); // gone before the next source: both would move the input's position
        if (!header)
            return nullptr;
        profile = exportProfile(header);
    }
    const SourcePtr source = input.source();
    // The option string, because fail_on of thumbnail_source does not reach the loader in libvips 8.14.
    const char *options = failOn == VIPS_FAIL_ON_NONE ? "" : "[fail-on=truncated]";
    VipsImage *out = nullptr;
    if (vips_thumbnail_source(source.get(), &out, side, "height", side, "size", VIPS_SIZE_DOWN, "no_rotate", TRUE, "export_profile", profile,
                              "option_string", options, nullptr)
        != 0)
        return nullptr;
    return inMemory(ImagePtr(out));
}

ImagePtr shrunk(const ImagePtr &image, int side)
{
    VipsImage *out = nullptr;
    if (vips_thumbnail_image(image.get(), &out, side, "height", side, "size", VIPS_SIZE_DOWN, "no_rotate", TRUE, "export_profile",
                             exportProfile(image), nullptr)
        != 0)
        return nullptr;
    return inMemory(ImagePtr(out));
}

/// Out of a picture that decodePicture() gave, whose colours are those of sRGB already.
ImagePtr shrunkOnceMore(const ImagePtr &image, int side)
{
    if (isTransparent(image)) // what shines through has to be weighed
        return shrunk(image, side);
    const double scale = double(side) / std::max({widthOf(image), heightOf(image), side});
    VipsImage *out = nullptr;
    // In one step: the blocks that libvips averages first by itself take longer than they save where the steps after them have vector code
    // (2048 to 512 pixels: 23 ms with them, 11 ms without).
    if (vips_resize(image.get(), &out, scale, "gap", 0.0, nullptr) != 0)
        return nullptr;
    return inMemory(ImagePtr(out));
}

/// Every pixel of this page is decoded and forgotten.
bool readsThrough(const ImagePtr &image)
{
    double average = 0;
    return vips_avg(image.get(), &average, nullptr) == 0;
}

/// Frames and pages behind the first one. Animations build each frame on those before: the last one proves them all.
bool restDecodes(PictureInput &input, const photo::Kind &kind, int frames, VipsFailOn failOn)
{
    const bool isAnimation = kind.typeName != "TIFF"_L1;
    for (int page = isAnimation ? std::max(1, frames - 1) : 1; page < frames; ++page) {
        const QByteArray options = "[page=" + QByteArray::number(page) + ']';
        const ImagePtr image = opened(input, options.constData(), failOn);
        if (!image || !readsThrough(image))
            return false;
    }
    return true;
}

/// All of the picture, at the size asked for.
ImagePtr decodeOnce(PictureInput &input, const photo::Kind &kind, int frames, int side, VipsFailOn failOn, Strictness strictness)
{
    if (strictness == Strictness::Lenient || shrinksWhileReading(kind))
        return thumbnailOf(input, side, failOn);
    const ImagePtr image = opened(input, "", failOn);
    if (!image)
        return nullptr;
    ImagePtr small = shrunk(image, side);
    const bool hasFramesInVips = kind.typeName == "TIFF"_L1 || kind.typeName == "GIF"_L1 || kind.typeName == "WebP"_L1;
    if (small && hasFramesInVips && !restDecodes(input, kind, frames, failOn))
        return nullptr;
    return small;
}

Error failureOf(const OpenPhoto &photo, bool isCut, bool decodesLeniently, const QString &detail)
{
    if (detail.contains("out of memory"_L1))
        return {ErrorCode::ValidationCheckCrashed, detail};
    if (isCut || decodesLeniently)
        return {ErrorCode::ValidationTruncated, detail};
    const bool hasNoDecoder = detail.contains("is not a known format"_L1) || detail.contains("nsupported"_L1) || detail.contains("not configured"_L1);
    if (mayLackDecoder(photo.kind) && hasNoDecoder)
        return {ErrorCode::ValidationFormatUnknown, detail};
    return {ErrorCode::ValidationInvalidImage, detail};
}

Result<ImagePtr> decodeInput(const OpenPhoto &photo, PictureInput &input, const PictureHeader &header, int orientation, int side,
                             Strictness strictness)
{
    prepareVips();
    const VipsFailOn failOn = strictness == Strictness::Strict ? VIPS_FAIL_ON_TRUNCATED : VIPS_FAIL_ON_NONE;
    ImagePtr image = decodeOnce(input, photo.kind, header.frames, side, failOn, strictness);
    if (!image) {
        const QString detail = takeVipsError();
        const bool decodesLeniently = strictness == Strictness::Strict
            && decodeOnce(input, photo.kind, header.frames, ThumbnailSide, VIPS_FAIL_ON_NONE, strictness);
        takeVipsError();
        return failureOf(photo, header.isCut, decodesLeniently, detail);
    }
    image = turned(std::move(image), orientation);
    if (image && orientation > 1)
        image = inMemory(image);
    if (!image)
        return failureOf(photo, false, false, takeVipsError());
    return image;
}

Error notMade(const QString &detail)
{
    return {ErrorCode::ProcessingDecodeFailed, detail};
}

Result<ImagePtr> decodeRaw(const OpenPhoto &photo, const PictureHeader &header, int orientation, int side, Strictness strictness)
{
    const RawPreviews previews =
        readRawPreview(photo, strictness == Strictness::Strict ? PreviewChoice::Largest : PreviewChoice::ForThumbnail, side);
    if (!previews.isReadable)
        return Error{ErrorCode::ValidationFormatUnknown, previews.failure};
    if (previews.pictures.isEmpty())
        return notMade(u"the RAW holds no preview"_s);
    PictureInput input(previews.pictures.first());
    Result<ImagePtr> image = decodeInput(photo, input, header, orientation, side, strictness);
    // What is no JPEG was put together by Exiv2 out of strips whose layout is the camera's own: that it cannot be shown says
    // nothing about the photo.
    if (!image && !previews.pictures.first().startsWith("\xff\xd8\xff"))
        return notMade(image.error().detail);
    return image;
}

/// The camera's own thumbnail, when it shows the same picture: some are padded with black to 4:3.
Result<ImagePtr> decodeEmbedded(const QByteArray &bytes, const photo::PhotoFacts &facts, int side)
{
    prepareVips();
    PictureInput input(bytes);
    ImagePtr image = bytes.startsWith("\xff\xd8\xff") ? thumbnailOf(input, side, VIPS_FAIL_ON_TRUNCATED) : nullptr;
    if (!image) {
        takeVipsError();
        return notMade(u"no usable embedded thumbnail"_s);
    }
    const double width = widthOf(image);
    const double height = heightOf(image);
    const bool isLargeEnough = std::max(width, height) >= 0.6 * side;
    const bool hasSameShape = facts.width && facts.height
        && std::abs(width / height - double(*facts.width) / *facts.height) < 0.03 * width / height;
    if (!isLargeEnough || !hasSameShape)
        return notMade(u"the embedded thumbnail is small or padded"_s);
    image = turned(std::move(image), facts.orientation.value_or(1));
    return image ? Result<ImagePtr>(std::move(image)) : notMade(takeVipsError());
}

Result<Picture> encoded(const ImagePtr &image)
{
    const bool hasAlpha = isTransparent(image);
    Picture picture{hasAlpha ? toPng(image) : toJpeg(image, ThumbnailQuality), hasAlpha ? u"image/png"_s : u"image/jpeg"_s,
                    std::max(widthOf(image), heightOf(image)), hasAlpha ? 0 : ThumbnailQuality};
    if (picture.bytes.isEmpty())
        return notMade(takeVipsError());
    return picture;
}

} // namespace

Result<ImagePtr> decodePicture(const OpenPhoto &photo, const PictureHeader &header, const photo::PhotoFacts &facts, int side,
                               Strictness strictness)
{
    const int orientation = turnsItself(photo.kind) ? 1 : facts.orientation.value_or(1);
    if (photo.kind.isRaw)
        return decodeRaw(photo, header, orientation, side, strictness);
    PictureInput input(photo.descriptor, photo.size);
    return decodeInput(photo, input, header, orientation, side, strictness);
}

Result<Picture> makeThumbnail(const OpenPhoto &photo, const PictureHeader &header, const Metadata &metadata, int side)
{
    if (photo.kind.isSidecar)
        return notMade(u"a sidecar holds no picture"_s);
    if (!metadata.thumbnail.isEmpty() && !turnsItself(photo.kind)) {
        if (const Result<ImagePtr> embedded = decodeEmbedded(metadata.thumbnail, metadata.facts, side))
            return encoded(*embedded);
    }
    const Result<ImagePtr> image = decodePicture(photo, header, metadata.facts, side, Strictness::Lenient);
    return image ? encoded(*image) : notMade(image.error().detail);
}

Result<Picture> shrinkTo(const ImagePtr &image, int side)
{
    const ImagePtr small = shrunkOnceMore(image, side);
    return small ? encoded(small) : notMade(takeVipsError());
}

Result<Picture> toRendition(const ImagePtr &image)
{
    Picture picture{toJpeg(image, RenditionQuality), u"image/jpeg"_s, std::max(widthOf(image), heightOf(image)), RenditionQuality};
    if (picture.bytes.isEmpty())
        return notMade(takeVipsError());
    return picture;
}

} // namespace photolift::decode
