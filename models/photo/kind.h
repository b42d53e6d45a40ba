#pragma once

#include "models/vocabulary/errorcode.h"
#include "models/vocabulary/result.h"

#include <QByteArrayView>
#include <QString>

namespace photolift::photo {

/// What the first bytes of a file say it is. The name never decides.
struct Kind {
    QString typeName;  ///< dim_photo_types.photo_type_name: JPEG, PNG, WebP, GIF, TIFF, HEIF, AVIF, JPEG XL, RAW, XMP
    QString mediaType; ///< IANA, else image/x-maker-type; XMP application/rdf+xml
    bool isAccepted = false;
    bool isRaw = false;
    bool isSidecar = false; ///< XMP
    bool supportsTransparency = false;
};

/// How many first bytes kindOf() wants to see.
inline constexpr qsizetype KindBytes = 64 * 1024;

/// Never fails: what it does not know is a Kind that is not accepted.
Kind kindOf(QByteArrayView firstBytes);

/// The type name of a kind with this media type; empty when no kind has it.
QString typeNameOf(QStringView mediaType);

/// True for the small JPEG that a camera lays beside its movie (MVI_0001.THM): ending and picture size (at most 320 x 240) together
/// say so, because its content alone is a JPEG. A full-size photo named .thm is a photo.
bool isMovieThumbnail(QByteArrayView fileName, QByteArrayView firstBytes);
/// True when the ending is one people expect to be a photo (SELECTION_NOT_ACCEPTED has severity 3 then).
bool endsLikePhoto(QByteArrayView fileName);
/// The severity of a skipped file: that of the list of errors, and 3 for what is not accepted although its name ends like a photo.
int severityWhenSkipped(ErrorCode code, QByteArrayView fileName);
/// From this severity on a skipped file deserves a look: a person may miss it.
inline constexpr int MissedSeverity = 3;
/// True when the ending is one that the kind usually has; a disagreement is a note in extracted_metadata.
bool endingAgrees(QByteArrayView fileName, const Kind &kind);

} // namespace photolift::photo
