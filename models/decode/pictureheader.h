#pragma once

#include "models/decode/openphoto.h"
#include "models/vocabulary/result.h"

#include <QByteArray>

#include <optional>

namespace photolift::decode {

/// What a photo says about itself before anything is decoded, read by code of our own: no library sees the bytes yet.
struct PictureHeader {
    std::optional<int> width; ///< stored pixels before turning
    std::optional<int> height;
    int frames = 1;           ///< frames or pages
    qint64 metadataBytes = 0; ///< as declared
    QByteArray icc;           ///< colour profile
    QByteArray exif;          ///< TIFF structure (JPEG)
    QByteArray xmp;           ///< packet (JPEG)
    quint64 pictureOffset = 0; ///< where the picture data begin (JPEG); 0 when there are none
    bool isCut = false;       ///< the structure reaches beyond the end of the file
    bool isBroken = false;    ///< the structure makes no sense
};

PictureHeader readPictureHeader(const OpenPhoto &photo);

/// VALIDATION_IMAGE_TOO_LARGE when the header goes over a limit of C-18.
std::optional<Error> overLimits(const PictureHeader &header);

inline constexpr qint64 MostPixels = 250'000'000;
inline constexpr int LongestSide = 100'000;
inline constexpr int MostFrames = 100;
inline constexpr qint64 MostMetadataBytes = 16LL * 1024 * 1024;

} // namespace photolift::decode
