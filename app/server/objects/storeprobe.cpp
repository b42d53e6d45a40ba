#include "app/server/objects/storeprobe.h"

#include "models/photo/hasher.h"
#include "models/vocabulary/ids.h"
#include "models/wire/messages.h"

#include <QUrl>

namespace photolift::server {

using namespace Qt::StringLiterals;

namespace {
constexpr char Host[] = "127.0.0.1:1";

HttpRequest requestFor(const wire::PartLink &link, qint64 size)
{
    HttpRequest request;
    request.method = "PUT";
    request.path = link.url.path(QUrl::FullyEncoded).toLatin1();
    request.query = link.url.query(QUrl::FullyEncoded).toLatin1();
    request.target = request.path + '?' + request.query;
    const QList<QByteArray> segments = request.path.split('/');
    request.captures = {{"upload", segments.value(3)}, {"part", segments.value(4)}};
    request.headers = {{"host", Host}, {"content-length", QByteArray::number(size)}};
    for (const auto &[name, value] : link.headers)
        request.headers.insert(name, value);
    return request;
}

/// What the door and the sink say to this head and this body.
int statusFor(const SinkMaker &door, const HttpRequest &request, QByteArrayView body)
{
    auto made = door(request, request.headers.value("content-length", "-1").toLongLong());
    if (const auto *refusal = std::get_if<HttpResponse>(&made))
        return refusal->status;
    const auto &sink = std::get<0>(made);
    if (!sink->write(body))
        return 500;
    return body.size() == request.headers.value("content-length").toLongLong() ? sink->finish().status : 0; // torn: no answer
}

struct Case {
    QLatin1StringView name;
    int expected;
    void (*change)(HttpRequest &request);
};
constexpr Case Refused[] = {
    {"other verb"_L1, 403, [](HttpRequest &request) { request.method = "GET"; }},
    {"other key"_L1, 403, [](HttpRequest &request) { request.target.replace("/1?", "/2?"); }},
    {"other size"_L1, 403, [](HttpRequest &request) { request.headers["content-length"] = "6"; }},
    {"other checksum"_L1, 403, [](HttpRequest &request) { request.headers["x-amz-checksum-sha256"] = QByteArray(43, 'A') + '='; }},
    {"expiry changed"_L1, 403, [](HttpRequest &request) { request.query.replace("Expires=", "Expires=9");
                                                          request.target.replace("Expires=", "Expires=9"); }},
    {"anonymous"_L1, 403, [](HttpRequest &request) { request.query.clear(); request.target = request.path; }},
    {"other acl"_L1, 403, [](HttpRequest &request) { request.headers["x-amz-acl"] = "public-read"; }},
    {"grant"_L1, 403, [](HttpRequest &request) { request.headers["x-amz-grant-read"] = "uri=all"; }},
    {"copy source"_L1, 403, [](HttpRequest &request) { request.headers["x-amz-copy-source"] = "/objects/secret"; }},
};
}

Result<> probeStore(ObjectStore &store, const SinkMaker &door)
{
    const QByteArray body = "probe";
    const QUuid id = newUuid7();
    photo::Sha256 hash;
    hash.add(body);
    const QString checksum = QString::fromLatin1(hash.result().toHex());
    const auto failed = [](QLatin1StringView what) { return Error{ErrorCode::StorageNotReady, u"probe: "_s % what}; };

    Result<> verdict = [&]() -> Result<> {
        if (const auto begun = store.begin(id, body.size(), 1024); !begun)
            return begun.error();
        const auto links = store.links(id, {{1, body.size(), checksum}}, "http://" + QByteArray(Host));
        if (!links)
            return links.error();
        const HttpRequest right = requestFor(links->first(), body.size());
        for (const Case &line : Refused) {
            HttpRequest request = right;
            line.change(request);
            if (statusFor(door, request, body) != line.expected)
                return failed(line.name);
        }
        if (statusFor(door, right, "pro") != 0)
            return failed("truncated"_L1);
        if (statusFor(door, right, "prope") != 400)
            return failed("other bytes"_L1);
        if (const auto parts = store.parts(id); !parts || !parts->isEmpty())
            return failed("a refused part was kept"_L1);
        if (statusFor(door, right, body) != 200)
            return failed("the right part"_L1);
        if (statusFor(door, right, body) != 200)
            return failed("the same part again"_L1);
        if (statusFor(door, right, "prope") != 400)
            return failed("other bytes over a part"_L1);

        const auto parts = store.parts(id);
        if (!parts || parts->size() != 1)
            return failed("list of parts"_L1);
        if (Result<> assembled = store.assemble(id, *parts); !assembled)
            return assembled;
        const std::atomic<bool> never = false;
        const auto reread = store.reread(id, never);
        if (!reread || reread->sha256 != checksum || reread->size != body.size())
            return failed("re-read"_L1);
        return {};
    }();
    Result<> cleaned = store.discard(id);
    return verdict ? cleaned : verdict;
}

} // namespace photolift::server
