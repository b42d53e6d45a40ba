#pragma once

#include "models/photo/photofacts.h"

#include <exiv2/exiv2.hpp>

namespace photolift::decode {

/// Fills the facts about camera, time, place and exposure. EXIF first, XMP where EXIF has nothing, the maker note for ISO and lens last.
/// What is impossible (0/0, latitude 95, orientation 9) stays unknown; dates are kept as written.
/// May throw what Exiv2 throws.
void fillShootingData(const Exiv2::ExifData &exif, const Exiv2::XmpData &xmp, photo::PhotoFacts &facts);

} // namespace photolift::decode
