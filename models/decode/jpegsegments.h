#pragma once

#include "models/decode/bytesource.h"

#include <QByteArray>

#include <optional>

namespace photolift::decode {

/// What stands in a JPEG before its picture data. Exiv2 gives up all EXIF when the picture data is missing or the file ends inside a
/// segment; this keeps what is there.
struct JpegSegments {
    std::optional<int> width; ///< of the frame header
    std::optional<int> height;
    QByteArray exif; ///< TIFF structure, possibly cut at the end of the file
    QByteArray xmp;  ///< the standard packet
    QByteArray icc;  ///< the profile, put together
    qint64 metadataBytes = 0;
    bool endsEarly = false;  ///< the file ends before the picture data begins
    bool isBroken = false;   ///< something else than a segment stands where one should
};

JpegSegments readJpegSegments(ByteSource &source);

} // namespace photolift::decode
