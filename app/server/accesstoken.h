#pragma once

#include "models/vocabulary/result.h"

#include <QByteArray>

namespace photolift::server {

/// The one token of the embedded server; kept as its hash, compared in constant time.
class AccessToken
{
public:
    AccessToken() = default; ///< no token is right
    explicit AccessToken(QByteArrayView token);
    bool isRight(QByteArrayView token) const;

    /// 256 random bits in hex, written to `file` (0600, replacing what was there) for the programs of this person.
    static Result<AccessToken> makeIn(const QByteArray &file);
    /// One line from a parent process; API_REQUEST_REFUSED when none comes within `timeoutMs` or it is shorter than 16 characters.
    static Result<AccessToken> readFrom(int descriptor, int timeoutMs);

private:
    QByteArray m_hash;
};

} // namespace photolift::server
