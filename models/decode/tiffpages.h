#pragma once

#include "models/decode/bytesource.h"

#include <QList>

#include <optional>

namespace photolift::decode {

/// One directory of a TIFF or of a RAW laid out like one.
struct TiffPage {
    std::optional<quint32> width;
    std::optional<quint32> height;
    bool isReduced = false;        ///< a smaller copy of another page
    bool reachesBeyondEnd = false; ///< a strip, tile or embedded JPEG lies beyond the end of the file
    bool hasPicture = false;       ///< strips, tiles or an embedded JPEG at all
};

struct TiffPages {
    QList<TiffPage> pages;    ///< the main chain, at most 1000
    QList<TiffPage> subPages; ///< of sub-directories
    bool isCut = false;       ///< a directory lies beyond the end of the file
    bool hasLoop = false;
    QByteArray icc;           ///< of the first page
    qint64 metadataBytes = 0; ///< EXIF, XMP, IPTC, Photoshop and ICC values of the main chain, as declared
};

/// Follows all directories of the file, each once. The version word is not judged, so that ORF and RW2 can be read too.
TiffPages readTiffPages(ByteSource &source);

} // namespace photolift::decode
