#pragma once

#include "models/decode/openphoto.h"
#include "models/decode/pictureheader.h"
#include "models/photo/photofacts.h"
#include "models/vocabulary/result.h"

#include <QByteArray>

namespace photolift::decode {

/// Once per process, before anything else here: BMFF, the XMP parser, Exiv2's messages.
void prepareMetadata();

struct Metadata {
    photo::PhotoFacts facts;
    QByteArray thumbnail; ///< the small JPEG inside EXIF, untrusted; only when asked for
};

enum class WithThumbnail { No, Yes };

/// Reads what a photo says about itself. `header` is readPictureHeader() of the same photo.
/// METADATA_UNREADABLE: neither shooting data nor a size could be read. When a part of it could, the facts say in `note` what failed.
Result<Metadata> readMetadata(const OpenPhoto &photo, const PictureHeader &header, WithThumbnail thumbnail = WithThumbnail::No);

} // namespace photolift::decode
