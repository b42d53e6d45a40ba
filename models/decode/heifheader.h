#pragma once

#include "models/decode/bytesource.h"

#include <QByteArray>

#include <optional>

namespace photolift::decode {

/// What the meta box of a HEIF or AVIF says about its primary picture. Exiv2 takes the first size it meets, which may be a tile's or
/// that of an original before it was cropped.
struct HeifHeader {
    std::optional<int> width; ///< stored pixels before turning
    std::optional<int> height;
    QByteArray icc;
    bool isCut = false; ///< a box reaches beyond the end of the file
    qint64 metadataBytes = 0;
};

HeifHeader readHeifHeader(ByteSource &source);

} // namespace photolift::decode
