#pragma once

#include "models/decode/metadata.h"
#include "models/decode/openphoto.h"
#include "models/decode/vipsimage.h"
#include "models/vocabulary/result.h"

namespace photolift::decode {

inline constexpr int RenditionSide = 2048;
inline constexpr int ThumbnailSide = 256;
inline constexpr int PreviewSide = 1024;

struct Picture {
    QByteArray bytes;
    QString mediaType; ///< image/jpeg or image/png
    int side = 0;      ///< longest, in pixels
    int quality = 0;   ///< of a JPEG; 0: no JPEG
};

enum class Strictness {
    Lenient, ///< show what can be shown
    Strict,  ///< every frame and page decodes, nothing is missing
};

/// The first picture of the photo, at most `side` long, upright, sRGB, in memory. Decodes at reduced size where the format can.
/// Errors: VALIDATION_TRUNCATED, VALIDATION_INVALID_IMAGE, VALIDATION_FORMAT_UNKNOWN (no decoder), VALIDATION_CHECK_CRASHED (no memory);
/// PROCESSING_DECODE_FAILED: a RAW without a preview that could be shown, which is no fault of it.
Result<ImagePtr> decodePicture(const OpenPhoto &photo, const PictureHeader &header, const photo::PhotoFacts &facts, int side,
                               Strictness strictness);

/// A picture for lists: the embedded one if it will do, else decoded. PROCESSING_DECODE_FAILED.
Result<Picture> makeThumbnail(const OpenPhoto &photo, const PictureHeader &header, const Metadata &metadata, int side);
/// The same out of a larger one that decodePicture() gave.
Result<Picture> shrinkTo(const ImagePtr &image, int side);
/// The JPEG for the web. PROCESSING_DECODE_FAILED.
Result<Picture> toRendition(const ImagePtr &image);

} // namespace photolift::decode
