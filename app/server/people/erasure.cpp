#include "app/server/people/erasure.h"

#include "app/server/people/auditlog.h"
#include "app/server/work/erasuretable.h"
#include "app/server/work/purge.h"
#include "app/server/work/serverclock.h"
#include "app/server/work/statement.h"
#include "app/server/work/withdrawaltable.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

Result<int> countOf(Result<Answer> answer)
{
    if (!answer)
        return answer.error();
    return answer->next() ? answer->value(0).toInt() : 0;
}

Result<> note(const QSqlDatabase &database, const User &user, qint64 nowMs, const QString &action, const QJsonObject &detail = {})
{
    return AuditLog(database).append({user.accountId, nowMs, u"command"_s, {}, {}, action, user.userId, detail});
}

} // namespace

Result<> refuseOfErased(const QSqlDatabase &database, const User &user)
{
    const Result<std::optional<ErasureTable::Standing>> standing = ErasureTable(database).standing(user.userId);
    if (!standing)
        return standing.error();
    if (!*standing)
        return {};
    return Error{ErrorCode::ApiRequestRefused,
                 (*standing)->isBegun ? u"this person was erased"_s : u"%1 is being erased (\"user erase undo\" takes that back)"_s.arg(user.name)};
}

Result<Erasure> erasureOf(const QSqlDatabase &database, const User &user, qint64 nowMs)
{
    if (const Result<> refused = refuseOfErased(database, user); !refused)
        return refused.error();
    const Result<WithdrawalTable::Standing> photos =
        WithdrawalTable(database, {user.accountId, user.userId}).standing(WithdrawalTable::By::Everything, {});
    if (!photos)
        return photos.error();
    const Result<int> tokens = countOf(execute(
        database, "SELECT count(*) FROM server_device_tokens WHERE user_id = ? AND revoked_ms IS NULL AND expires_ms > ?"_L1, {user.userId, nowMs}));
    if (!tokens)
        return tokens.error();
    const Result<int> otherAdmins =
        countOf(execute(database, "SELECT count(*) FROM server_users WHERE account_id = ? AND role = ? AND is_active AND user_id <> ?"_L1,
                        {user.accountId, QString(roleName(Role::Admin)), user.userId}));
    if (!otherAdmins)
        return otherAdmins.error();
    const Result<qint64> dayBegins = ServerClock(database).daysBegin(nowMs);
    if (!dayBegins)
        return dayBegins.error();
    return Erasure{photos->photos, photos->underWay, *tokens, *dayBegins + PurgeGraceMs, user.role == Role::Admin && *otherAdmins == 0};
}

Result<Erasure> erase(Writing &writing, const User &user, qint64 nowMs)
{
    const QSqlDatabase &database = writing.database;
    const Result<Erasure> sum = erasureOf(database, user, nowMs);
    if (!sum)
        return sum;
    if (const Result<> added = ErasureTable(database).add(user.accountId, user.userId, user.isActive, nowMs); !added)
        return added.error();
    if (const Result<> closed = PeopleTable(database).setActive(user, false); !closed)
        return closed.error();
    const Result<> noted = note(database, user, nowMs, u"user.erased"_s,
                                {{u"photos"_s, sum->photos}, {u"under_way"_s, sum->underWay}, {u"tokens"_s, sum->tokens}});
    return noted ? sum : Result<Erasure>(noted.error());
}

Result<> takeErasureBack(Writing &writing, const User &user, qint64 nowMs)
{
    const ErasureTable erasures(writing.database);
    const Result<std::optional<ErasureTable::Standing>> standing = erasures.standing(user.userId);
    if (!standing)
        return standing.error();
    const Result<bool> takenBack = erasures.takeBack(user.userId);
    if (!takenBack)
        return takenBack.error();
    if (!*takenBack)
        return Error{ErrorCode::ApiRequestRefused, *standing ? u"this person was erased"_s : u"nobody erases %1"_s.arg(user.name)};
    if (const Result<> opened = PeopleTable(writing.database).setActive(user, (*standing)->wasActive); !opened)
        return opened;
    return note(writing.database, user, nowMs, u"user.erase_undone"_s);
}

} // namespace photolift::server
