#pragma once

#include <QByteArray>

namespace photolift::transfer {

/// One gzip member (RFC 1952) holding the bytes, for `Content-Encoding: gzip`.
QByteArray gzipped(QByteArrayView bytes);

} // namespace photolift::transfer
