#pragma once

#include <QString>

namespace photolift::decode {

/// What opens photos here, in one line: a number of our own and the libraries with their versions as they are loaded, such as
/// "1 libvips 8.14.1 libheif 1.15.1 ...". Another line means that a photo which could not be opened deserves another look.
QString decoderVersion();

} // namespace photolift::decode
