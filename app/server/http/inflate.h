#pragma once

#include "models/vocabulary/result.h"

#include <QByteArray>

namespace photolift::server {

/// A gzip body inflates to at most this many times its size: text that people made stays far below, a bomb is 1000 times.
inline constexpr qint64 MaxInflateRatio = 200;
/// Below this inflated size the ratio is not judged: a small body of repeated rows may well be 300 times.
inline constexpr qint64 RatioFreeBytes = 64 * 1024;

/// Inflates one gzip member that fills `packed` to its end. API_REQUEST_REFUSED when it is no sound gzip, or when the result would
/// be larger than `maxBytes` or than the ratio allows; memory stays within maxBytes.
Result<QByteArray> inflated(QByteArrayView packed, qint64 maxBytes);

} // namespace photolift::server
