#include "app/server/api/apicontext.h"
#include "app/server/api/projectboard.h"
#include "app/server/api/refusal.h"
#include "app/server/api/requestkeys.h"
#include "app/server/people/auditlog.h"
#include "models/vocabulary/ids.h"
#include "models/vocabulary/jsonreader.h"

#include <QUrlQuery>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

/// Which page is asked for.
struct Page {
    ProjectPlace after;
    int most = ProjectBoard::MostListed;
};

Result<Page> pageFrom(const QByteArray &query)
{
    Page page;
    for (const auto &[name, value] : QUrlQuery(QString::fromLatin1(query)).queryItems(QUrl::FullyDecoded)) {
        bool isRight = false;
        if (name == "after"_L1) {
            const std::optional<ProjectPlace> after = ProjectPlace::fromText(value);
            isRight = after.has_value();
            page.after = after.value_or(page.after);
        } else if (name == "limit"_L1) {
            page.most = value.toInt(&isRight);
            isRight = isRight && page.most >= 1 && page.most <= ProjectBoard::MostListed;
        }
        if (!isRight)
            return Error{ErrorCode::ApiRequestRefused, u"the query has no such \""_s + name + u'"'};
    }
    return page;
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
    reader.check("state"_L1, wire::isProjectState(state));
    return reader.finish(state);
}

} // namespace

void answerProjects(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond)
{
    const Result<Page> page = pageFrom(request.query);
    if (!page)
        return respond(malformed(page.error(), request));
    const auto listing = std::make_shared<ProjectBoard::Listing>();
    const auto list = [request, listing, page = *page](const QSqlDatabase &database) -> Result<> {
        Result<ProjectBoard::Listing> found = ProjectBoard(database).list(request.caller.accountId, page.after, page.most);
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
            [request, respond, answer = wire::toJson(wire::ProjectsAnswer{listing->projects, listing->next ? listing->next->toText() : QString()})](const Result<> &written) {
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
