#include "app/server/api/apicontext.h"
#include "app/server/api/openupload.h"
#include "app/server/api/refusal.h"
#include "models/vocabulary/faultpoint.h"
#include "models/vocabulary/ids.h"

#include <QSet>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

bool isHex(const QString &text, qsizetype length)
{
    return text.size() == length && std::all_of(text.begin(), text.end(), [](QChar c) { return (c >= u'0' && c <= u'9') || (c >= u'a' && c <= u'f'); });
}

/// Only parts of that upload, each with exactly its size: a link never signs more than was asked for at the question.
Result<> checkParts(const wire::LinkRequest &order, const Upload &upload, QLatin1StringView checksumKind)
{
    if (order.parts.isEmpty() || order.parts.size() > wire::MaxLinksPerCall)
        return Error{ErrorCode::ApiRequestRefused, u"%1 parts in one call"_s.arg(order.parts.size())};
    const qint64 count = (upload.size + upload.partBytes - 1) / upload.partBytes;
    QSet<int> seen;
    for (const wire::PartOrder &part : order.parts) {
        if (part.number < 1 || part.number > count || seen.contains(part.number))
            return Error{ErrorCode::ApiRequestRefused, u"part %1 of %2"_s.arg(part.number).arg(count)};
        seen.insert(part.number);
        const qint64 expected = part.number < count ? upload.partBytes : upload.size - (count - 1) * upload.partBytes;
        if (part.size != expected)
            return Error{ErrorCode::ApiRequestRefused, u"part %1 has %2 bytes, not %3"_s.arg(part.number).arg(part.size).arg(expected)};
        if (!isHex(part.checksum, checksumKind == "md5"_L1 ? 32 : 64))
            return Error{ErrorCode::ApiRequestRefused, u"checksum of part %1"_s.arg(part.number)};
    }
    return {};
}

} // namespace

void answerLinks(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond)
{
    const bool isTaken = api->database->read([api, request, respond](const QSqlDatabase &database) {
        const Result<QJsonObject> json = wire::parseObject(request.body);
        const Result<wire::LinkRequest> order = json ? wire::linkRequestFromJson(*json) : Result<wire::LinkRequest>(json.error());
        if (!order)
            return respond(refusal(order.error(), request));
        const Result<Upload> upload = openUpload(database, request);
        if (!upload)
            return respond(refusal(upload.error(), request));
        if (const Result<> sound = checkParts(*order, *upload, api->store.partChecksum()); !sound)
            return respond(refusal(sound.error(), request));
        const Result<QList<wire::PartLink>> links = api->store.links(upload->uploadId, order->parts, request.headers.value("host"));
        if (!links)
            return respond(refusal(links.error(), request));
        // Nobody waits for this: it only keeps the sweep away, and a repeat of the call gives fresh links anyway.
        (void)api->database->write(
            [uploadId = upload->uploadId](Writing &writing) { return UploadTable(writing.database).touch(uploadId, nowMs()); }, {});
        faultPoint("api.links.answered");
        respond(jsonResponse(200, wire::toJson(wire::LinkAnswer{*links})));
    });
    if (!isTaken)
        respond(overloaded(request));
}

} // namespace photolift::server
