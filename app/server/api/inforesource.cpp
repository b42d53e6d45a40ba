#include "app/server/api/apicontext.h"
#include "app/server/api/refusal.h"
#include "models/vocabulary/ids.h"

namespace photolift::server {

void answerInfo(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond)
{
    // Asking a network file system for its free space may block, so that even this does not run on an I/O thread.
    const bool isTaken = api->database->read([api, respond](const QSqlDatabase &) {
        wire::Info info;
        info.serverVersion = api->options.serverVersion;
        info.serverTimeMs = nowMs();
        info.epoch = api->epoch;
        info.partChecksum = api->store.partChecksum();
        info.freeBytes = api->store.freeBytes();
        info.storageFolder = api->options.storageFolder;
        respond(jsonResponse(200, wire::toJson(info)));
    });
    if (!isTaken)
        respond(overloaded(request));
}

} // namespace photolift::server
