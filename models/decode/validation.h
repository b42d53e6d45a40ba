#pragma once

#include "models/decode/metadata.h"
#include "models/decode/openphoto.h"
#include "models/decode/pictures.h"
#include "models/vocabulary/result.h"

#include <optional>

namespace photolift::decode {

/// How a photo stood the validation stage. `error` is VALIDATION_... or nothing; VALIDATION_FORMAT_UNKNOWN is no failure: the photo is
/// stored without a preview. `picture` is a by-product: at most `side` long, upright, sRGB.
struct Verdict {
    std::optional<Error> error;
    ImagePtr picture;
};

/// Decodes everything. `facts` may be empty when nobody needs the picture upright.
Verdict validate(const OpenPhoto &photo, const PictureHeader &header, const photo::PhotoFacts &facts, int side);

} // namespace photolift::decode
