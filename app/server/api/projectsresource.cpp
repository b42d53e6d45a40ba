#include "app/server/api/apicontext.h"
#include "app/server/api/projectboard.h"
#include "app/server/api/refusal.h"
#include "app/server/api/requestkeys.h"
#include "app/server/people/auditlog.h"
#include "models/vocabulary/ids.h"
#include "models/vocabulary/jsonreader.h"

#include <QJsonArray>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

QJsonObject toJson(const PhotoSum &sum)
{
    return {{u"photos"_s, sum.photos}, {u"bytes"_s, sum.bytes}};
}

QJsonObject toJson(const ProjectBoard::Listing &listing)
{
    QJsonArray projects;
    for (const ProjectStanding &project : listing.projects) {
        projects.append(QJsonObject{{u"project_id"_s, idText(project.projectId)},
                                    {u"name"_s, project.name},
                                    {u"owner"_s, project.owner},
                                    {u"state"_s, project.state},
                                    {u"is_active"_s, project.isActive},
                                    {u"batches"_s, project.batches},
                                    {u"uncounted"_s, project.uncounted},
                                    {u"expected"_s, toJson(project.expected)},
                                    {u"arrived"_s, toJson(project.arrived)},
                                    {u"missing"_s, toJson(project.missing)}});
    }
    return {{u"projects"_s, projects}, {u"is_cut"_s, listing.isCut}};
}

Result<> audit(Writing &writing, const HttpRequest &request, const QString &action, const QString &subject, const QJsonObject &detail)
{
    return AuditLog(writing.database)
        .append({request.caller.accountId, nowMs(), request.caller.userId, request.caller.tokenId, request.requestId, action, subject, detail});
}

Result<QString> stateFrom(const QByteArray &body)
{
    const Result<QJsonObject> json = wire::parseRequest(body);
    if (!json)
        return json.error();
    JsonReader reader(*json);
    const QString state = reader.requiredText("state"_L1);
    reader.check("state"_L1, isProjectState(state));
    return reader.finish(state);
}

} // namespace

void answerProjects(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond)
{
    const auto listing = std::make_shared<ProjectBoard::Listing>();
    const auto list = [request, listing](const QSqlDatabase &database) -> Result<> {
        Result<ProjectBoard::Listing> found = ProjectBoard(database).list(request.caller.accountId);
        if (!found)
            return found.error();
        *listing = *std::move(found);
        return {};
    };
    const bool isTaken = api->analytics->read(forCaller(request), list, [api, request, respond, listing](const Result<> &listed) {
        if (!listed)
            return respond(refusal(listed.error(), request));
        // Other people's work is shown when it is written down that it was, not before. Read outside that transaction: what it
        // looks at would be in the way of every upload.
        const bool isNoted = api->database->write(
            forCaller(request),
            [request, count = listing->projects.size()](Writing &writing) {
                return audit(writing, request, u"projects.viewed"_s, request.caller.accountId, {{u"projects"_s, count}});
            },
            [request, respond, answer = toJson(*listing)](const Result<> &written) {
                respond(written ? jsonResponse(200, answer) : refusal(written.error(), request));
            });
        if (!isNoted)
            respond(overloaded(request));
    });
    if (!isTaken)
        respond(overloaded(request));
}

void answerProjectState(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond)
{
    const Result<QString> state = stateFrom(request.body);
    if (!state)
        return respond(malformed(state.error(), request));
    const QUuid projectId = idOf(request);
    const bool isTaken = api->database->write(
        forCaller(request),
        [request, projectId, state = *state](Writing &writing) -> Result<> {
            if (const Result<KeyUse> use = useRequestKey(writing.database, request, nowMs()); !use)
                return use.error();
            const ProjectBoard board(writing.database);
            const auto before = board.said(request.caller.accountId, projectId);
            if (!before)
                return before.error();
            if (!*before)
                return Error{ErrorCode::ProjectDeleted, u"no such project in the account"_s};
            if ((*before)->state == state)
                return {};
            if (const Result<> said = board.say(projectId, {state, (*before)->isActive}); !said)
                return said;
            return audit(writing, request, u"project.state_changed"_s, idText(projectId), {{u"from"_s, (*before)->state}, {u"to"_s, state}});
        },
        [request, respond, state = *state](const Result<> &written) {
            respond(written ? jsonResponse(200, {{u"state"_s, state}}) : refusal(written.error(), request));
        });
    if (!isTaken)
        respond(overloaded(request));
}

} // namespace photolift::server
