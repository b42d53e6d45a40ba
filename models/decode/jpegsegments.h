#pragma once

#include "models/decode/bytesource.h"

#include <QByteArray>

#include <optional>

namespace photolift::decode {

/// What stands in a JPEG before its picture data. Exiv2 gives up all EXIF when the picture data is missing or the file ends inside a
/// segment; this keeps what is there.
struct JpegSegments {
    quint64 pictureOffset = 0; ///< of the first scan's header; 0 when there is none
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

/// True when the end marker stands somewhere behind the beginning of the picture data: inside them no such two bytes can be. Reads the
/// file up to there. libvips alone cannot be asked: a fault in the last lines of a picture it tells in some runs and not in others.
bool hasJpegEnd(ByteSource &source, quint64 pictureOffset);

} // namespace photolift::decode
