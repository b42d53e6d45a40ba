#include "app/server/people/accesstokens.h"

#include "models/vocabulary/ids.h"
#include "models/vocabulary/jsonreader.h"

#include <QJsonDocument>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

constexpr auto Base64 = QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals;
constexpr qsizetype LongestToken = 2048;
/// How far the clocks of two servers may differ. A token made so shortly before the standings were read may be of a device token they do not know yet.
constexpr qint64 ClockSlackMs = 60 * 1000;

QByteArray sealOf(QByteArrayView claims, const QByteArray &secret)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    unsigned int length = 0;
    ::HMAC(EVP_sha256(), secret.constData(), static_cast<int>(secret.size()), reinterpret_cast<const unsigned char *>(claims.data()),
           static_cast<std::size_t>(claims.size()), mac.data(), &length);
    return QByteArray(reinterpret_cast<const char *>(mac.data()), static_cast<qsizetype>(length)).toBase64(Base64);
}

bool areEqual(QByteArrayView a, QByteArrayView b)
{
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size())) == 0;
}

struct Claims {
    Caller caller;
    qint64 issuedMs = 0;
    qint64 endsMs = 0;
};

QByteArray textOf(const Claims &claims)
{
    return QJsonDocument(QJsonObject{{u"account"_s, claims.caller.accountId},
                                     {u"user"_s, claims.caller.userId},
                                     {u"role"_s, QString(roleName(claims.caller.role))},
                                     {u"token"_s, idText(claims.caller.tokenId)},
                                     {u"issued_ms"_s, claims.issuedMs},
                                     {u"ends_ms"_s, claims.endsMs}})
        .toJson(QJsonDocument::Compact)
        .toBase64(Base64);
}

std::optional<Claims> claimsFrom(QByteArrayView text)
{
    const auto decoded = QByteArray::fromBase64Encoding(text.toByteArray(), Base64 | QByteArray::AbortOnBase64DecodingErrors);
    if (!decoded)
        return std::nullopt;
    JsonReader reader(QJsonDocument::fromJson(*decoded).object());
    Claims claims;
    claims.caller.accountId = reader.requiredText("account"_L1);
    claims.caller.userId = reader.requiredText("user"_L1);
    const auto role = roleFromName(reader.requiredText("role"_L1));
    claims.caller.tokenId = reader.requiredId("token"_L1);
    claims.issuedMs = reader.requiredInteger("issued_ms"_L1);
    claims.endsMs = reader.requiredInteger("ends_ms"_L1);
    if (!reader.finish() || !role)
        return std::nullopt;
    claims.caller.role = *role;
    return claims;
}

} // namespace

void AccessTokens::setKeys(QList<Key> keys)
{
    const std::scoped_lock lock(m_mutex);
    m_keys = std::move(keys);
}

void AccessTokens::setStandings(QHash<QUuid, Standing> standings, qint64 asOfMs)
{
    const std::scoped_lock lock(m_mutex);
    m_standings = std::move(standings);
    m_asOfMs = asOfMs;
}

QByteArray AccessTokens::issue(const Caller &caller, qint64 nowMs) const
{
    const std::scoped_lock lock(m_mutex);
    if (m_keys.isEmpty())
        return {};
    const QByteArray claims = textOf({caller, nowMs, nowMs + LifeMs});
    const QByteArray sealed = m_keys.first().id + '.' + claims;
    return sealed + '.' + sealOf(sealed, m_keys.first().secret);
}

std::optional<Caller> AccessTokens::recognise(QByteArrayView token, qint64 nowMs) const
{
    const qsizetype firstDot = token.indexOf('.');
    const qsizetype lastDot = token.lastIndexOf('.');
    if (token.size() > LongestToken || firstDot <= 0 || lastDot <= firstDot)
        return std::nullopt;
    const QByteArrayView keyId = token.first(firstDot);

    const std::scoped_lock lock(m_mutex);
    const auto key = std::find_if(m_keys.cbegin(), m_keys.cend(), [keyId](const Key &candidate) { return candidate.id == keyId; });
    if (key == m_keys.cend() || !areEqual(token.sliced(lastDot + 1), sealOf(token.first(lastDot), key->secret)))
        return std::nullopt;
    std::optional<Claims> claims = claimsFrom(token.sliced(firstDot + 1, lastDot - firstDot - 1));
    if (!claims || claims->endsMs <= nowMs)
        return std::nullopt;
    // Not as any server makes them: whoever has got hold of a key is not to make one that outlives what we know of device tokens.
    if (claims->issuedMs > nowMs + ClockSlackMs || claims->endsMs - LifeMs > claims->issuedMs)
        return std::nullopt;
    const auto standing = m_standings.constFind(claims->caller.tokenId);
    if (standing == m_standings.cend())
        return claims->issuedMs + ClockSlackMs >= m_asOfMs ? std::optional(claims->caller) : std::nullopt;
    if (!standing->isOpen)
        return std::nullopt;
    return Caller{standing->accountId, standing->userId, standing->role, claims->caller.tokenId};
}

} // namespace photolift::server
