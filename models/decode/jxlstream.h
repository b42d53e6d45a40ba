#pragma once

#include "models/decode/bytesource.h"

namespace photolift::decode {

/// True when a JPEG XL ends before its last frame does. libvips 8.14 shows what came of such a file and does not say so; so the
/// codestream is passed through libjxl once more, its pixels forgotten. False too for one that is broken otherwise: libvips tells those.
bool isJxlCut(ByteSource &source);

} // namespace photolift::decode
