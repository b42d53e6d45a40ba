#pragma once

#include "models/decode/openphoto.h"

#include <QByteArray>
#include <QList>
#include <QString>

namespace photolift::decode {

/// The pictures that a camera laid into its RAW, as bytes of their own format (nearly always JPEG), untrusted.
struct RawPreviews {
    bool isReadable = false; ///< Exiv2 knows this container
    QString failure;
    QList<QByteArray> pictures; ///< at most one: the one asked for
};

enum class PreviewChoice { Largest, ForThumbnail };

/// `side`: the longest side wanted, for the choice ForThumbnail, which takes the smallest one that is large enough.
RawPreviews readRawPreview(const OpenPhoto &photo, PreviewChoice choice, int side = 0);

} // namespace photolift::decode
