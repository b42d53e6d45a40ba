#pragma once

#include "models/decode/bytesource.h"

#include <optional>
#include <utility>

namespace photolift::decode {

/// Width and height of a JPEG XL, bare codestream or container, from its size header; stored pixels before turning.
std::optional<std::pair<int, int>> readJxlSize(ByteSource &source);

} // namespace photolift::decode
