#pragma once

#include "models/photo/kind.h"

#include <QByteArrayView>
#include <QtGlobal>

namespace photolift::decode {

/// One photo as it came to the helper: a read-only descriptor, owned by somebody else, and what its first bytes say.
struct OpenPhoto {
    int descriptor = -1;
    qint64 size = 0; ///< bytes
    photo::Kind kind;
    QByteArrayView firstBytes{}; ///< those that are in memory already, maybe none; they outlive all that works on the photo
};

} // namespace photolift::decode
