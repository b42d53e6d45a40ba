#pragma once

#include <QByteArray>

/// Device tokens (FAULTS C-8): 256 random bits, shown once, kept as their hash, exchanged for access tokens. They do not rotate; they end,
/// or are taken back.
namespace photolift::server {

/// A fresh one: wire::DeviceTokenPrefix and 43 characters of base64url.
QByteArray newDeviceToken();
/// SHA-256, 32 raw bytes: of so many random bits no slow hash is needed.
QByteArray hashOfDeviceToken(QByteArrayView token);

} // namespace photolift::server
