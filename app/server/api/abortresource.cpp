#include "app/server/api/apicontext.h"
#include "app/server/api/openupload.h"
#include "app/server/api/refusal.h"
#include "app/server/api/requestkeys.h"
#include "models/vocabulary/faultpoint.h"
#include "models/vocabulary/ids.h"

namespace photolift::server {

void answerAbort(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond)
{
    struct Outcome {
        wire::AbortAnswer answer;
        bool isNew = false;
    };
    const auto outcome = std::make_shared<Outcome>();
    const bool isTaken = api->database->write(
        forCaller(request),
        [request, outcome](Writing &writing) -> Result<> {
            const qint64 now = nowMs();
            *outcome = {};
            if (const Result<KeyUse> use = useRequestKey(writing.database, request, now); !use)
                return use.error();
            Result<Upload> upload = uploadOf(writing.database, request);
            if (!upload)
                return upload.error();
            // Whichever of commit and abort was written first has won; both sides learn of it here.
            outcome->answer.isAborted = !isServerOwned(upload->state);
            if (upload->state != UploadState::Open)
                return {};
            outcome->isNew = true;
            upload->state = UploadState::Aborted;
            upload->told.isKnown = false;
            const Result<> saved = UploadTable(writing.database).save(*upload);
            faultPoint("api.abort.before_commit");
            return saved;
        },
        [api, request, respond, outcome](const Result<> &written) {
            if (!written)
                return respond(refusal(written.error(), request));
            faultPoint("api.abort.after_commit");
            respond(jsonResponse(200, wire::toJson(outcome->answer)));
            if (!outcome->isNew)
                return;
            const QUuid uploadId = idOf(request);
            api->changes->noteChanged(uploadId);
            // If nobody takes this, the sweep finds the parts by their age.
            (void)api->database->read(forCaller(request), [api, uploadId](const QSqlDatabase &) { (void)api->store.discard(uploadId); });
        });
    if (!isTaken)
        respond(overloaded(request));
}

} // namespace photolift::server
