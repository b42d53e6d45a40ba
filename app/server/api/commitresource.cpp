#include "app/server/api/apicontext.h"
#include "app/server/api/openupload.h"
#include "app/server/api/refusal.h"
#include "app/server/api/requestkeys.h"
#include "app/server/work/ledger.h"
#include "models/vocabulary/faultpoint.h"
#include "models/vocabulary/ids.h"
#include "models/vocabulary/stagelog.h"

#include <QLoggingCategory>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

Q_LOGGING_CATEGORY(lcServerApi, "photolift.server.api")

/// From here on the server writes the attempt's status.
Result<> accept(const Backstage &backstage, Writing &writing, const QString &userId, Upload &upload, const wire::Commit &commit, qint64 nowMs)
{
    if (commit.attempt.rowVersion >= upload.clientRowVersion) { // else the mirror was faster with a newer row
        const QUuid project = upload.attempt.projectId; // as the question's was resolved
        const int rowVersion = upload.attempt.rowVersion; // higher than its client's, of one that had been purged
        upload.attempt = commit.attempt;
        upload.attempt.projectId = project;
        upload.attempt.rowVersion = std::max(rowVersion, commit.attempt.rowVersion);
        upload.clientRowVersion = commit.attempt.rowVersion;
    }
    upload.attempt.surroundings.userId = userId;
    upload.attempt.status = Status::Running;
    upload.attempt.endedMs.reset();
    const int photoVersion = upload.photo ? upload.photo->rowVersion + 1 : 0; // likewise
    upload.photo = commit.photo;
    upload.photo->rowVersion = std::max(photoVersion, commit.photo.rowVersion);
    upload.photo->storageLocation.clear();
    upload.state = UploadState::Committed;
    upload.committedMs = nowMs;
    upload.touchedMs = nowMs;
    if (const auto written = writing.star.write(upload.attempt, newUuid7(nowMs), store::StarWriter::SameVersion::Replaces); !written)
        return written.error();
    if (const auto written = writing.star.write(*upload.photo, newUuid7(nowMs)); !written)
        return written.error();
    Ledger ledger(writing, upload);
    if (const Result<> entered = ledger.enter(Stage::Reception, nowMs); !entered)
        return entered;
    if (const Result<> queued = backstage.addJob(writing, upload.uploadId, nowMs); !queued)
        return queued;
    return ledger.save();
}

} // namespace

void answerCommit(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond)
{
    const auto acceptAndAnswer = [api, request, respond](const wire::Commit &commit) {
        const auto begun = std::make_shared<QList<StageRecord>>(); // empty: nothing new
        const bool isTaken = api->database->write(
            forCaller(request),
            [api, request, commit, begun](Writing &writing) -> Result<> {
                const qint64 now = nowMs();
                begun->clear();
                if (const Result<KeyUse> use = useRequestKey(writing.database, request, now); !use)
                    return use.error();
                Result<Upload> upload = heldUploadOf(writing.database, request);
                if (!upload)
                    return upload.error();
                if (commit.attempt.clientUploadId != upload->attempt.clientUploadId)
                    return Error{ErrorCode::TransferUploadGone, u"the upload belongs to another attempt"_s};
                if (commit.sha256 != upload->sha256 || commit.size != upload->size || commit.photo.clientUploadId != commit.attempt.clientUploadId)
                    return Error{ErrorCode::ApiRequestRefused, u"the commit names other bytes than the question did"_s};
                const bool wasAccepted = upload->state == UploadState::Committed || upload->state == UploadState::Ended
                    || upload->state == UploadState::Returned;
                if (wasAccepted)
                    return {}; // an answer was lost: the same one again; what became of it the status tells
                if (upload->state != UploadState::Open)
                    return closedBecause(upload->state);
                const Result<> accepted = accept(*api->backstage, writing, request.caller.userId, *upload, commit, now);
                if (accepted) // else another server, or another thread, was faster
                    *begun = {upload->told.stages.last()};
                faultPoint("api.commit.before_commit");
                return accepted;
            },
            [api, request, respond, begun](const Result<> &written) {
                if (!written)
                    return respond(refusal(written.error(), request));
                faultPoint("api.commit.after_commit");
                if (!begun->isEmpty()) {
                    for (const StageRecord &stage : std::as_const(*begun))
                        logStage(lcServerApi(), stage);
                    api->backstage->wake(idOf(request));
                    api->changes->noteChanged(idOf(request));
                }
                respond(jsonResponse(202, {}));
            },
            // Its row is held, everything else is judged where it is written: so commits of many photos are not in each other's way.
            Isolation::RowByRow);
        if (!isTaken)
            respond(overloaded(request));
    };
    const bool isTaken = api->database->read(forCaller(request), [request, respond, acceptAndAnswer](const QSqlDatabase &) {
        const Result<QJsonObject> json = wire::parseRequest(request.body);
        const Result<wire::Commit> commit = json ? wire::commitFromJson(*json) : Result<wire::Commit>(json.error());
        if (!commit)
            return respond(malformed(commit.error(), request));
        acceptAndAnswer(*commit);
    });
    if (!isTaken)
        respond(overloaded(request));
}

} // namespace photolift::server
