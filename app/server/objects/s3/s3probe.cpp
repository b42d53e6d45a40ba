#include "app/server/objects/s3/s3probe.h"

#include "app/server/objects/s3/s3upload.h"
#include "models/photo/hasher.h"
#include "models/vocabulary/ids.h"

#include <QCryptographicHash>
#include <QDateTime>
#include <QLoggingCategory>
#include <QUrlQuery>

#include <chrono>

namespace photolift::server {

using namespace Qt::StringLiterals;

namespace {
Q_LOGGING_CATEGORY(lcProbe, "photolift.server.objects")

const QByteArray Body = "The probe of a store: what a link forbids has to be refused.";

/// One try: the right request, before a case changes it.
struct Try {
    QUrl url;
    S3Request request;
};

Try rightTry(const wire::PartLink &link)
{
    Try right;
    right.url = link.url;
    right.request.method = "PUT";
    right.request.headers = link.headers;
    right.request.body = Body;
    return right;
}

void addHeader(Try &attempt, const QByteArray &name, const QByteArray &value)
{
    attempt.request.headers.emplaceBack(name, value);
}

void replaceInUrl(Try &attempt, const QByteArray &before, const QByteArray &after)
{
    attempt.url = QUrl::fromEncoded(attempt.url.toEncoded().replace(before, after), QUrl::StrictMode);
}

/// A link for what the try sends, by a clock that is so far ahead. `more`: of the query, encoded.
void signAnew(Try &attempt, const S3Account &account, std::chrono::seconds ahead, int lifeSeconds, const QByteArray &more = {})
{
    QUrlQuery query(attempt.url);
    QByteArrayList own;
    for (const auto &[name, value] : query.queryItems(QUrl::FullyDecoded)) {
        if (!name.startsWith("X-Amz-"_L1))
            own.append(name.toUtf8() + '=' + value.toUtf8().toPercentEncoding());
    }
    if (!more.isEmpty())
        own.append(more);
    sigv4::PresignOrder order;
    order.url = attempt.url;
    order.url.setQuery(QString::fromLatin1(own.join('&')), QUrl::StrictMode);
    order.signedHeaders = attempt.request.headers;
    order.signedHeaders.emplaceBack("content-length", QByteArray::number(attempt.request.body.size()));
    order.expiresSeconds = lifeSeconds;
    attempt.url = sigv4::presign(order, account.credentials, QDateTime::currentDateTimeUtc().addSecs(ahead.count()));
}

/// Refused: any answer that is not 2xx; what a store says differs, and a client never sends these. Reported: whatever the store does is only said in
/// the log, because nothing relies on it: no checksum is signed in a query, and no link is signed while the clocks differ (clockcheck.h).
enum class Expected { Refused, Reported };
struct Case {
    QLatin1StringView name;
    Expected expected;
    void (*change)(Try &attempt, const S3Account &account);
};
const Case Cases[] = {
    {"other verb"_L1, Expected::Refused, [](Try &attempt, const S3Account &) { attempt.request.method = "GET"; }},
    {"removing"_L1, Expected::Refused, [](Try &attempt, const S3Account &) { attempt.request.method = "DELETE"; }},
    {"other key"_L1, Expected::Refused, [](Try &attempt, const S3Account &) { replaceInUrl(attempt, "/incoming/", "/objects/"); }},
    {"other part"_L1, Expected::Refused, [](Try &attempt, const S3Account &) { replaceInUrl(attempt, "partNumber=1", "partNumber=2"); }},
    {"larger body"_L1, Expected::Refused, [](Try &attempt, const S3Account &) { attempt.request.body += "!"; }},
    {"smaller body"_L1, Expected::Refused, [](Try &attempt, const S3Account &) { attempt.request.body.chop(1); }},
    {"other checksum"_L1, Expected::Refused,
     [](Try &attempt, const S3Account &) {
         attempt.request.headers.first().second = QCryptographicHash::hash("other", QCryptographicHash::Md5).toBase64();
     }},
    {"no checksum"_L1, Expected::Refused, [](Try &attempt, const S3Account &) { attempt.request.headers.removeFirst(); }},
    {"other bytes"_L1, Expected::Refused, [](Try &attempt, const S3Account &) { attempt.request.body[0] = '!'; }},
    {"longer life"_L1, Expected::Refused, [](Try &attempt, const S3Account &) { replaceInUrl(attempt, "X-Amz-Expires=", "X-Amz-Expires=9"); }},
    {"expired"_L1, Expected::Refused, [](Try &attempt, const S3Account &account) { signAnew(attempt, account, std::chrono::seconds(-5), 1); }},
    {"anonymous"_L1, Expected::Refused, [](Try &attempt, const S3Account &) { attempt.url.setQuery(u"partNumber=1"_s); }},
    {"other ACL"_L1, Expected::Refused, [](Try &attempt, const S3Account &) { attempt.request.headers.last().second = "public-read"; }},
    {"no ACL"_L1, Expected::Refused, [](Try &attempt, const S3Account &) { attempt.request.headers.removeLast(); }},
    {"grant"_L1, Expected::Refused,
     [](Try &attempt, const S3Account &) { addHeader(attempt, "x-amz-grant-read", "uri=http://acs.amazonaws.com/groups/global/AllUsers"); }},
    {"copy source"_L1, Expected::Refused, [](Try &attempt, const S3Account &) { addHeader(attempt, "x-amz-copy-source", "/any/thing"); }},
    {"other bytes than a checksum in the query"_L1, Expected::Reported,
     [](Try &attempt, const S3Account &account) {
         const QByteArray checksum = attempt.request.headers.takeFirst().second;
         attempt.request.body[0] = '!';
         signAnew(attempt, account, std::chrono::seconds(0), 300, "Content-MD5=" + checksum.toPercentEncoding());
     }},
    {"signed by a clock a day ahead"_L1, Expected::Reported,
     [](Try &attempt, const S3Account &account) { signAnew(attempt, account, std::chrono::hours(24), 300); }},
};

Error failed(QLatin1StringView what)
{
    return Error{ErrorCode::StorageNotReady, u"probe: "_s % what};
}

Result<Try> beginTry(ObjectStore &store, const QUuid &id)
{
    const QByteArray md5 = QCryptographicHash::hash(Body, QCryptographicHash::Md5).toHex();
    if (const auto begun = store.begin(id, Body.size(), 1024); !begun)
        return begun.error();
    const auto links = store.links(id, {{1, Body.size(), QString::fromLatin1(md5)}}, {});
    if (!links)
        return links.error();
    return rightTry(links->first());
}

Result<bool> isTaken(S3Client &client, const Try &attempt)
{
    const Result<S3Answer> answer = client.sendTo(attempt.url, attempt.request);
    return answer ? Result<bool>(answer->isGood()) : answer.error();
}

Result<> tryAll(ObjectStore &store, S3Client &client, const S3Account &account, const QUuid &id)
{
    const Result<Try> right = beginTry(store, id);
    if (!right)
        return right.error();
    for (const Case &line : Cases) {
        if (line.expected != Expected::Refused)
            continue;
        Try attempt = *right;
        line.change(attempt, account);
        const Result<bool> taken = isTaken(client, attempt);
        if (!taken)
            return taken.error();
        if (*taken)
            return failed(line.name);
    }
    Try attempt = *right;
    attempt.request.isTorn = true;
    (void)client.sendTo(attempt.url, attempt.request); // there is no answer to a torn request
    if (const auto parts = store.parts(id); !parts || !parts->isEmpty())
        return parts ? failed("a refused part was kept"_L1) : parts.error();

    for (const QLatin1StringView name : {"the right part"_L1, "the same part again"_L1}) {
        if (const Result<bool> taken = isTaken(client, *right); !taken || !*taken)
            return taken ? failed(name) : taken.error();
    }
    const auto parts = store.parts(id);
    if (!parts)
        return parts.error();
    const QByteArray md5 = QCryptographicHash::hash(Body, QCryptographicHash::Md5).toHex();
    if (parts->size() != 1 || parts->first().checksum != QLatin1StringView(md5))
        return failed("list of parts"_L1);
    if (const Result<> assembled = store.assemble(id, *parts); !assembled)
        return assembled;
    const std::atomic<bool> never = false;
    const auto reread = store.reread(id, never);
    if (!reread)
        return reread.error();
    photo::Sha256 hash;
    hash.add(Body);
    if (reread->size != Body.size() || reread->sha256 != QLatin1StringView(hash.result().toHex()))
        return failed("re-read"_L1);
    return {};
}

/// On an upload of its own: what a store takes of these is no part that anything is made of.
Result<> report(ObjectStore &store, S3Client &client, const S3Account &account, const QUuid &id)
{
    const Result<Try> right = beginTry(store, id);
    if (!right)
        return right.error();
    for (const Case &line : Cases) {
        if (line.expected != Expected::Reported)
            continue;
        Try attempt = *right;
        line.change(attempt, account);
        const Result<bool> taken = isTaken(client, attempt);
        if (!taken)
            return taken.error();
        qCInfo(lcProbe).noquote() << "probe:" << line.name << "->" << (*taken ? "taken" : "refused") << "(nothing relies on it)";
    }
    return {};
}
}

Result<> probeS3(ObjectStore &store, S3Client &client, const S3Account &account)
{
    const QUuid ids[] = {newUuid7(), newUuid7()};
    Result<> verdict = tryAll(store, client, account, ids[0]);
    if (verdict)
        verdict = report(store, client, account, ids[1]);
    for (const QUuid &id : ids) {
        const Result<> cleaned = store.discard(id);
        if (verdict)
            verdict = cleaned;
    }
    if (!verdict)
        qCCritical(lcProbe).noquote() << "the store failed its probe:" << verdict.error().detail;
    return verdict;
}

} // namespace photolift::server
