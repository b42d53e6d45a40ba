#pragma once

#include "models/decode/openphoto.h"

#include <exiv2/exiv2.hpp>

namespace photolift::decode {

/// Lets Exiv2 read through a descriptor: no name is opened, nothing can be written. What it asks for as a whole is mapped, not
/// copied, so that a RAW of 100 MB stays in the page cache. The descriptor and the first bytes must outlive it.
Exiv2::BasicIo::AutoPtr readThrough(const OpenPhoto &photo);

} // namespace photolift::decode
