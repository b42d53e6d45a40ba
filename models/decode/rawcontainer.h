#pragma once

#include "models/decode/openphoto.h"
#include "models/vocabulary/result.h"

namespace photolift::decode {

/// Whether the container of a RAW is whole: every directory, strip, tile and box that it names lies within the file.
/// VALIDATION_TRUNCATED, VALIDATION_INVALID_IMAGE. Formats whose layout is not known to us pass.
Result<> checkRawContainer(const OpenPhoto &photo);

} // namespace photolift::decode
