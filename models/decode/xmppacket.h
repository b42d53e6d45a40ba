#pragma once

#include "models/decode/openphoto.h"
#include "models/vocabulary/result.h"

#include <QByteArray>

namespace photolift::decode {

/// The whole sidecar as UTF-8 without byte order marks, whatever form it has in the file. VALIDATION_IMAGE_TOO_LARGE over 16 MiB.
Result<QByteArray> readSidecar(const OpenPhoto &photo);

/// Well-formed XML without entities of its own: VALIDATION_TRUNCATED when its end is missing, VALIDATION_INVALID_IMAGE otherwise.
Result<> checkWellFormed(const QByteArray &utf8);

} // namespace photolift::decode
