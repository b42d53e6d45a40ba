#include "app/server/api/apicontext.h"
#include "app/server/api/refusal.h"
#include "app/server/people/quotatable.h"
#include "app/server/work/catalogue.h"
#include "models/vocabulary/ids.h"

namespace photolift::server {

void answerInfo(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond)
{
    // Asking a network file system for its free space may block, so that even this does not run on an I/O thread.
    const bool isTaken = api->database->read(forCaller(request), [api, request, respond](const QSqlDatabase &database) {
        if (const Result<> spoken = Catalogue(database).checkAppVersion(clientVersion(request)); !spoken)
            return respond(refusal(spoken.error(), request));
        const auto use = QuotaTable(database).useOf(request.caller.accountId);
        if (!use)
            return respond(refusal(use.error(), request));
        wire::Info info;
        info.serverVersion = api->options.serverVersion;
        info.serverTimeMs = nowMs();
        info.epoch = api->epoch->current();
        info.partChecksum = api->store.partChecksum();
        info.freeBytes = api->store.freeBytes();
        if (*use) {
            info.quotaBytes = (*use)->quotaBytes;
            info.usedBytes = (*use)->usedBytes;
        }
        info.storageFolder = api->options.storageFolder;
        respond(jsonResponse(200, wire::toJson(info)));
    });
    if (!isTaken)
        respond(overloaded(request));
}

} // namespace photolift::server
