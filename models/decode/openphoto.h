#pragma once

#include "models/photo/kind.h"

#include <QtGlobal>

namespace photolift::decode {

/// One photo as it came to the helper: a read-only descriptor, owned by somebody else, and what its first bytes say.
struct OpenPhoto {
    int descriptor = -1;
    qint64 size = 0; ///< bytes
    photo::Kind kind;
};

} // namespace photolift::decode
