#pragma once

#include <exiv2/exiv2.hpp>

namespace photolift::decode {

/// Lets Exiv2 read through a descriptor: no name is opened, nothing can be written. What it asks for as a whole is mapped, not
/// copied, so that a RAW of 100 MB stays in the page cache.
Exiv2::BasicIo::AutoPtr readThrough(int descriptor);

} // namespace photolift::decode
