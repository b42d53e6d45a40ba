#include "app/server/objects/s3/s3probe.h"

#include "app/server/objects/s3/s3upload.h"
#include "models/photo/hasher.h"
#include "models/vocabulary/ids.h"

#include <QCryptographicHash>
#include <QDateTime>
#include <QLoggingCategory>
#include <QUrlQuery>

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

/// Refused: any answer that is not 2xx; what a store says differs, and a client never sends these.
struct Case {
    QLatin1StringView name;
    void (*change)(Try &attempt);
};
const Case RefusedCases[] = {
    {"other verb"_L1, [](Try &attempt) { attempt.request.method = "GET"; }},
    {"removing"_L1, [](Try &attempt) { attempt.request.method = "DELETE"; }},
    {"other key"_L1, [](Try &attempt) { replaceInUrl(attempt, "/incoming/", "/objects/"); }},
    {"other part"_L1, [](Try &attempt) { replaceInUrl(attempt, "partNumber=1", "partNumber=2"); }},
    {"larger body"_L1, [](Try &attempt) { attempt.request.body += "!"; }},
    {"smaller body"_L1, [](Try &attempt) { attempt.request.body.chop(1); }},
    {"other checksum"_L1,
     [](Try &attempt) { attempt.request.headers.first().second = QCryptographicHash::hash("other", QCryptographicHash::Md5).toBase64(); }},
    {"no checksum"_L1, [](Try &attempt) { attempt.request.headers.removeFirst(); }},
    {"other bytes"_L1, [](Try &attempt) { attempt.request.body[0] = '!'; }},
    {"longer life"_L1, [](Try &attempt) { replaceInUrl(attempt, "X-Amz-Expires=", "X-Amz-Expires=9"); }},
    {"anonymous"_L1, [](Try &attempt) { attempt.url.setQuery(u"partNumber=1"_s); }},
    {"other ACL"_L1, [](Try &attempt) { attempt.request.headers.last().second = "public-read"; }},
    {"no ACL"_L1, [](Try &attempt) { attempt.request.headers.removeLast(); }},
    {"grant"_L1, [](Try &attempt) { addHeader(attempt, "x-amz-grant-read", "uri=http://acs.amazonaws.com/groups/global/AllUsers"); }},
    {"copy source"_L1, [](Try &attempt) { addHeader(attempt, "x-amz-copy-source", "/any/thing"); }},
};

Error failed(QLatin1StringView what)
{
    return Error{ErrorCode::StorageNotReady, u"probe: "_s % what};
}

/// A link that was over before it was used.
QUrl expired(const wire::PartLink &link, const S3Account &account)
{
    QUrlQuery query(link.url);
    QByteArrayList own;
    for (const auto &[name, value] : query.queryItems(QUrl::FullyDecoded)) {
        if (!name.startsWith("X-Amz-"_L1))
            own.append(name.toUtf8() + '=' + value.toUtf8().toPercentEncoding());
    }
    sigv4::PresignOrder order;
    order.url = link.url;
    order.url.setQuery(QString::fromLatin1(own.join('&')), QUrl::StrictMode);
    order.signedHeaders = link.headers;
    order.signedHeaders.emplaceBack("content-length", QByteArray::number(Body.size()));
    order.expiresSeconds = 1;
    return sigv4::presign(order, account.credentials, QDateTime::currentDateTimeUtc().addSecs(-5));
}

Result<> tryAll(ObjectStore &store, S3Client &client, const S3Account &account, const QUuid &id)
{
    const QByteArray md5 = QCryptographicHash::hash(Body, QCryptographicHash::Md5).toHex();
    if (const auto begun = store.begin(id, Body.size(), 1024); !begun)
        return begun.error();
    const auto links = store.links(id, {{1, Body.size(), QString::fromLatin1(md5)}}, {});
    if (!links)
        return links.error();
    const Try right = rightTry(links->first());
    const auto isTaken = [&client](const Try &attempt) -> Result<bool> {
        const Result<S3Answer> answer = client.sendTo(attempt.url, attempt.request);
        return answer ? Result<bool>(answer->isGood()) : answer.error();
    };
    for (const Case &line : RefusedCases) {
        Try attempt = right;
        line.change(attempt);
        const Result<bool> taken = isTaken(attempt);
        if (!taken)
            return taken.error();
        if (*taken)
            return failed(line.name);
    }
    Try attempt = right;
    attempt.url = expired(links->first(), account);
    if (const Result<bool> taken = isTaken(attempt); !taken || *taken)
        return taken ? failed("expired"_L1) : taken.error();
    attempt = right;
    attempt.request.isTorn = true;
    (void)client.sendTo(attempt.url, attempt.request); // there is no answer to a torn request
    if (const auto parts = store.parts(id); !parts || !parts->isEmpty())
        return parts ? failed("a refused part was kept"_L1) : parts.error();

    for (const QLatin1StringView name : {"the right part"_L1, "the same part again"_L1}) {
        if (const Result<bool> taken = isTaken(right); !taken || !*taken)
            return taken ? failed(name) : taken.error();
    }
    const auto parts = store.parts(id);
    if (!parts)
        return parts.error();
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
}

Result<> probeS3(ObjectStore &store, S3Client &client, const S3Account &account)
{
    const QUuid id = newUuid7();
    const Result<> verdict = tryAll(store, client, account, id);
    const Result<> cleaned = store.discard(id);
    if (!verdict)
        qCCritical(lcProbe).noquote() << "the store failed its probe:" << verdict.error().detail;
    return verdict ? cleaned : verdict;
}

} // namespace photolift::server
