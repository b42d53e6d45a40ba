#pragma once

#include <QByteArray>
#include <QDateTime>
#include <QList>
#include <QUrl>

#include <optional>
#include <utility>

namespace photolift::server::sigv4 {

/// AWS Signature Version 4 for query strings (presigned URLs), with OpenSSL's HMAC; checked against the published test vectors.
struct Credentials {
    QByteArray accessKey;
    QByteArray secretKey;
    QByteArray region;
};

struct PresignOrder {
    QByteArray method = "PUT";
    QUrl url; ///< scheme, host, path and query without signature
    QList<std::pair<QByteArray, QByteArray>> signedHeaders; ///< besides host; lower-case names
    int expiresSeconds = 300;
};

/// What stands in the field Host when this address is asked, whoever asks: name or address (of IPv6 in brackets) and the port, but for the one that
/// the scheme means anyway, also where it is written out.
QByteArray hostFieldOf(const QUrl &url);

/// The link leads to the order's address, written like its field Host.
QUrl presign(const PresignOrder &order, const Credentials &credentials, const QDateTime &now);

/// The signing key of one day, 32 bytes: the derivation of the published vectors.
QByteArray signingKey(const QByteArray &secretKey, const QByteArray &day, const QByteArray &region, const QByteArray &service);

/// The value of one query parameter, decoded; nullopt when it is not there exactly once.
std::optional<QByteArray> queryValue(QByteArrayView rawQuery, QByteArrayView name);

/// Expired: the signature is right and its time is over. NotYetValid: signed more than 15 minutes ahead of `now`.
enum class Verdict { Valid, Expired, NotYetValid, Mismatch, Malformed };
/// Checks a presigned request as a store does. `headers` in lower case, host included; `rawPathAndQuery` as it came on the line.
Verdict verify(QByteArrayView method, QByteArrayView rawPathAndQuery, const QList<std::pair<QByteArray, QByteArray>> &headers,
               const Credentials &credentials, const QDateTime &now);

} // namespace photolift::server::sigv4
