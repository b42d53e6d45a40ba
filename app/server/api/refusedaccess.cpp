#include "app/server/api/refusedaccess.h"

#include "app/server/api/apicontext.h"
#include "app/server/api/refusal.h"
#include "app/server/people/auditlog.h"
#include "app/server/work/statement.h"
#include "models/vocabulary/ids.h"

#include <QLoggingCategory>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

Q_LOGGING_CATEGORY(lcRefusedAccess, "photolift.server.api.refused")

QByteArray limitKey(const RouteRight &route, const HttpRequest &request)
{
    return request.caller.accountId.toUtf8() + '\n' + request.caller.userId.toUtf8() + '\n' + route.name;
}

/// Rows of one account are chained, so those of many people at once are in each other's way: nobody waits for this one, and it comes again.
constexpr int MostTries = 5;

void writeDown(const std::shared_ptr<ApiContext> &api, const QByteArray &key, const AuditEntry &entry, int triesLeft)
{
    const auto written = [api, key, entry, triesLeft](const Result<> &outcome) {
        if (outcome)
            return;
        if (outcome.error().code == ErrorCode::ApiUnavailable && triesLeft > 1)
            return writeDown(api, key, entry, triesLeft - 1);
        api->limits.refusals->giveBack(key);
        qCWarning(lcRefusedAccess).noquote() << "a refusal is not in the audit log:" << errorName(outcome.error().code) << outcome.error().detail;
    };
    const bool isTaken = api->database->write(
        OnBehalfOf{entry.accountId}, [entry](Writing &writing) { return AuditLog(writing.database).append(entry); }, written);
    if (!isTaken)
        written(Error{ErrorCode::ApiServerError, u"too much waits already"_s});
}

void note(const std::shared_ptr<ApiContext> &api, const RouteRight &route, const HttpRequest &request, const QString &subject, const QString &why)
{
    const QByteArray key = limitKey(route, request);
    if (api->limits.refusals->take(key))
        return;
    const AuditEntry entry{request.caller.accountId, nowMs(), request.caller.userId, request.caller.tokenId, request.requestId, u"access.refused"_s,
                           subject, {{u"route"_s, QString::fromLatin1(route.name)}, {u"why"_s, why}}};
    writeDown(api, key, entry, MostTries);
}

/// Whether it is there, and not of the caller. Asked on behalf of everybody: the caller's own rows would not tell.
Result<bool> isSomebodyElses(const QSqlDatabase &database, Owned owned, const QUuid &id, const Caller &caller)
{
    const QVariantList values{idText(id), caller.accountId, caller.userId};
    auto found = owned == Owned::Upload
        ? execute(database, "SELECT 1 FROM server_uploads WHERE upload_id = ? AND (account_id <> ? OR user_id <> ?)"_L1, values)
        : execute(database,
                  "SELECT 1 FROM dim_projects d JOIN dim_users u ON u.user_key = d.owner_user_key JOIN server_users p ON p.user_id = u.user_id"
                  " WHERE d.project_id = ? AND p.account_id <> ?"_L1,
                  values.first(2));
    if (!found)
        return found.error();
    return found->next();
}

QString subjectOf(const HttpRequest &request)
{
    const QUuid id = idOf(request);
    return id.isNull() ? request.caller.accountId : idText(id);
}

} // namespace

void noteRefusedRole(const std::shared_ptr<ApiContext> &api, const RouteRight &route, const HttpRequest &request)
{
    note(api, route, request, subjectOf(request), u"role "_s + roleName(request.caller.role));
}

void noteForeign(const std::shared_ptr<ApiContext> &api, const RouteRight &route, const HttpRequest &request)
{
    note(api, route, request, subjectOf(request), u"of another account"_s);
}

void noteIfForeign(const std::shared_ptr<ApiContext> &api, const RouteRight &route, const HttpRequest &request, Owned owned, const QList<QUuid> &ids)
{
    if (ids.isEmpty() || api->limits.refusals->look(limitKey(route, request)))
        return; // this minute has its row
    // If nobody takes this, there is more to do than to look after whom it was refused.
    (void)api->database->read(OnBehalfOf::everybody(), [api, &route, request, owned, ids](const QSqlDatabase &database) {
        for (const QUuid &id : ids) {
            const Result<bool> isForeign = isSomebodyElses(database, owned, id, request.caller);
            if (!isForeign) {
                qCWarning(lcRefusedAccess).noquote() << "nobody knows whose" << idText(id) << "is:" << isForeign.error().detail;
                return;
            }
            if (*isForeign)
                return note(api, route, request, idText(id), u"somebody else's"_s);
        }
    });
}

} // namespace photolift::server
