#include "app/server/api/apicontext.h"
#include "app/server/api/refusal.h"
#include "app/server/api/refusedaccess.h"
#include "models/vocabulary/ids.h"

#include <QJsonArray>
#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

constexpr qsizetype MaxUploadsPerCall = 500;

QJsonObject unknownUpload(const QUuid &uploadId)
{
    wire::UploadStatus status;
    status.uploadId = uploadId;
    status.isKnown = false;
    return wire::toJson(wire::StatusAnswer{{status}}).value("uploads"_L1).toArray().first().toObject();
}

/// What changed against the versions given; `unknown` gets the ids the caller has no upload of.
Result<QJsonArray> changesSince(const QSqlDatabase &database, const Caller &caller, const wire::StatusQuery &query, QList<QUuid> &unknown)
{
    const UploadTable uploads(database);
    QJsonArray changes;
    for (const wire::StatusQuery::Known &known : query.uploads) {
        const auto told = uploads.told(caller.accountId, caller.userId, known.uploadId);
        if (!told)
            return told.error();
        if (!*told) {
            changes.append(unknownUpload(known.uploadId));
            unknown.append(known.uploadId);
        } else if ((*told)->version > known.version) {
            changes.append(QJsonDocument::fromJson((*told)->json).object());
        }
    }
    return changes;
}

} // namespace

void answerStatus(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond)
{
    const bool isTaken = api->database->read(forCaller(request), [api, request, respond](const QSqlDatabase &) {
        const Result<QJsonObject> json = wire::parseRequest(request.body);
        const Result<wire::StatusQuery> parsed = json ? wire::statusQueryFromJson(*json) : Result<wire::StatusQuery>(json.error());
        if (!parsed)
            return respond(malformed(parsed.error(), request));
        const wire::StatusQuery query = *parsed;
        if (query.uploads.size() > MaxUploadsPerCall || query.waitSeconds < 0 || query.waitSeconds > wire::MaxWaitSeconds)
            return respond(refusal({ErrorCode::ApiRequestRefused, u"too many uploads, or too long a wait"_s}, request));
        QSet<QUuid> watched;
        for (const wire::StatusQuery::Known &known : query.uploads)
            watched.insert(known.uploadId);

        const auto look = [api, request, respond, query](quint64 waiter, bool isLast) {
            const bool isLooking = api->database->read(forCaller(request), [api, request, respond, query, waiter, isLast](const QSqlDatabase &database) {
                QList<QUuid> unknown;
                const Result<QJsonArray> changes = changesSince(database, request.caller, query, unknown);
                if (changes && changes->isEmpty() && !isLast)
                    return api->changes->again(waiter);
                api->changes->leave(waiter);
                respond(changes ? jsonResponse(200, {{u"uploads"_s, *changes}}) : refusal(changes.error(), request));
                noteIfForeign(api, allRights()[static_cast<std::size_t>(RouteName::Status)], request, Owned::Upload, unknown);
            });
            if (!isLooking) {
                api->changes->leave(waiter);
                respond(overloaded(request));
            }
        };
        api->changes->wait(watched, ChangeWatch::Clock::now() + std::chrono::seconds(query.waitSeconds), look);
    });
    if (!isTaken)
        respond(overloaded(request));
}

} // namespace photolift::server
