#pragma once

#include <QByteArray>
#include <QDateTime>
#include <QList>
#include <QUrl>

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

QUrl presign(const PresignOrder &order, const Credentials &credentials, const QDateTime &now);

enum class Verdict { Valid, Expired, NotYetValid, Mismatch, Malformed };
/// Checks a presigned request as a store does. `headers` in lower case, host included; `rawPathAndQuery` as it came on the line.
Verdict verify(QByteArrayView method, QByteArrayView rawPathAndQuery, const QList<std::pair<QByteArray, QByteArray>> &headers,
               const Credentials &credentials, const QDateTime &now);

} // namespace photolift::server::sigv4
