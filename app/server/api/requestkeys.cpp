#include "app/server/api/requestkeys.h"

#include "app/server/work/statement.h"
#include "models/photo/hasher.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

constexpr qsizetype MaxKeyLength = 100;

QByteArray bodyHash(const HttpRequest &request)
{
    photo::Sha256 hash;
    hash.add(request.method);
    hash.add(request.path);
    hash.add("\n");
    hash.add(request.body);
    return hash.result();
}

} // namespace

bool hasRequestKey(const HttpRequest &request)
{
    const QByteArray key = request.headers.value("idempotency-key");
    return !key.isEmpty() && key.size() <= MaxKeyLength;
}

Result<KeyUse> useRequestKey(const QSqlDatabase &database, const HttpRequest &request, qint64 nowMs)
{
    // Each person has keys of their own: another's key neither refuses a request nor tells that it was used.
    const QString key = request.caller.userId + u'/' + QString::fromLatin1(request.headers.value("idempotency-key"));
    const QByteArray hash = bodyHash(request);
    // Written before it is read: whoever has only looked for a key is in the way of everybody who brings one (SERIALIZABLE), and of two that
    // bring the same one the second waits here.
    const Result<int> kept = change(database,
                                    "INSERT INTO server_requests (request_key, body_hash, created_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"_L1,
                                    {key, hash, nowMs});
    if (!kept)
        return kept.error();
    if (*kept > 0)
        return KeyUse::First;
    Result<Answer> known = execute(database, "SELECT body_hash FROM server_requests WHERE request_key = ?"_L1, {key});
    if (!known)
        return known.error();
    if (known->next() && known->value(0).toByteArray() != hash)
        return Error{ErrorCode::ApiRequestRefused, u"the Idempotency-Key was used with another body"_s};
    return KeyUse::Repeated;
}

} // namespace photolift::server
