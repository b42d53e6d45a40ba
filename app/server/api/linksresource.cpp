#include "app/server/api/apicontext.h"
#include "app/server/api/openupload.h"
#include "app/server/api/partorders.h"
#include "app/server/api/refusal.h"
#include "models/vocabulary/faultpoint.h"
#include "models/vocabulary/ids.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

void answerLinks(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond)
{
    const bool isTaken = api->database->read(forCaller(request), [api, request, respond](const QSqlDatabase &database) {
        const Result<QJsonObject> json = wire::parseRequest(request.body);
        const Result<wire::LinkRequest> order = json ? wire::linkRequestFromJson(*json) : Result<wire::LinkRequest>(json.error());
        if (!order)
            return respond(malformed(order.error(), request));
        // The call itself was counted as one at the door.
        if (const int more = static_cast<int>(order->parts.size()) - 1; more > 0) {
            if (auto refused = api->limits.links->refusalOf(more, request))
                return respond(std::move(*refused));
        }
        const Result<Upload> upload = openUpload(database, request);
        if (!upload)
            return respond(refusal(upload.error(), request));
        if (const Result<> sound = checkPartOrders(order->parts, upload->size, upload->partBytes, api->store.partChecksum()); !sound)
            return respond(refusal(sound.error(), request));
        api->store.know(upload->uploadId, upload->size, upload->partBytes, upload->storeName);
        const Result<QList<wire::PartLink>> links = api->store.links(upload->uploadId, order->parts, originOf(request));
        if (!links)
            return respond(refusal(links.error(), request));
        // Nobody waits for this: it only keeps the sweep away, and a repeat of the call gives fresh links anyway.
        (void)api->database->write(
            forCaller(request),
            [uploadId = upload->uploadId](Writing &writing) { return UploadTable(writing.database).touch(uploadId, nowMs()); }, {},
            Isolation::RowByRow);
        faultPoint("api.links.answered");
        respond(jsonResponse(200, wire::toJson(wire::LinkAnswer{*links})));
    });
    if (!isTaken)
        respond(overloaded(request));
}

} // namespace photolift::server
