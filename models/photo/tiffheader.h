#pragma once

#include <QByteArrayView>

#include <array>
#include <optional>

namespace photolift::photo {

/// What the first directory of a TIFF (classic or BigTIFF) says, as far as the bytes at hand reach. Reads nothing else and
/// never trusts an offset.
struct TiffHeader {
    bool isBig = false; ///< BigTIFF
    QByteArrayView make;
    QByteArrayView model;
    std::optional<quint32> newSubfileType;
    std::optional<quint32> compression;
    std::optional<quint32> photometric;
    bool hasSubDirectories = false;
    bool hasDngVersion = false;
    bool hasSonyPrivateData = false;
};

/// nullopt: these bytes do not begin like a TIFF. A header whose directory lies beyond the bytes has empty fields.
std::optional<TiffHeader> readTiffHeader(QByteArrayView bytes);

} // namespace photolift::photo
