#include "app/server/commands/peoplecommands.h"

#include "app/server/people/auditlog.h"
#include "app/server/people/devicetoken.h"
#include "app/server/people/erasure.h"
#include "app/server/people/peopletable.h"
#include "app/server/people/quotatable.h"
#include "models/vocabulary/ids.h"

#include <QDateTime>
#include <QTimeZone>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

constexpr qint64 DayMs = 24LL * 3600 * 1000;
/// In the audit log: not of one account, but of the whole server.
constexpr auto EveryAccount = "server"_L1;

Error unknownName(const QString &what, const QString &name)
{
    return Error{ErrorCode::ApiRequestRefused, u"there is no %1 %2"_s.arg(what, name)};
}

Result<> audit(Writing &writing, const QString &accountId, const QString &action, const QString &subject, const QJsonObject &detail)
{
    return AuditLog(writing.database).append({accountId, nowMs(), u"command"_s, {}, {}, action, subject, detail});
}

Result<User> userNamed(Writing &writing, const QString &name)
{
    const Result<std::optional<User>> user = PeopleTable(writing.database).userNamed(name);
    if (!user)
        return user.error();
    return *user ? Result<User>(**user) : Result<User>(unknownName(u"user"_s, name));
}

Result<> add(Writing &writing, const Account &account)
{
    if (const Result<> added = PeopleTable(writing.database).add(account, nowMs()); !added)
        return added;
    if (const Result<> counted = QuotaTable(writing.database).setQuota(account.accountId, account.quotaBytes); !counted)
        return counted;
    QJsonObject detail{{u"type"_s, account.type}};
    if (account.type != "person"_L1) // that of one person is theirs, and the log is for ever
        detail.insert(u"name"_s, account.name);
    if (account.isTest)
        detail.insert(u"is_test"_s, true);
    if (account.quotaBytes)
        detail.insert(u"quota_bytes"_s, *account.quotaBytes);
    return audit(writing, account.accountId, u"account.added"_s, account.accountId, detail);
}

/// The account of this name; the default one is made for the first person.
Result<Account> accountFor(Writing &writing, const QString &name)
{
    const Result<std::optional<Account>> known = PeopleTable(writing.database).accountNamed(name);
    if (!known)
        return known.error();
    if (*known)
        return **known;
    if (name != Command().account)
        return unknownName(u"account"_s, name);
    Account account;
    account.accountId = idText(newUuid7());
    account.name = name;
    const Result<> added = add(writing, account);
    return added ? Result<Account>(account) : Result<Account>(added.error());
}

Result<Account> accountNamed(Writing &writing, const QString &name)
{
    const Result<std::optional<Account>> account = PeopleTable(writing.database).accountNamed(name);
    if (!account)
        return account.error();
    return *account ? Result<Account>(**account) : Result<Account>(unknownName(u"account"_s, name));
}

QJsonValue numberOrNull(std::optional<qint64> number)
{
    return number ? QJsonValue(*number) : QJsonValue();
}

QByteArray dayOf(qint64 ms)
{
    return QDateTime::fromMSecsSinceEpoch(ms, QTimeZone::utc()).toString(Qt::ISODate).toLatin1();
}

} // namespace

Result<> addAccount(Writing &writing, const Command &command)
{
    return add(writing, {idText(newUuid7()), command.name, command.accountType, command.isTest, command.quotaBytes, true});
}

Result<> closeAccount(Writing &writing, const Command &command)
{
    const Result<Account> account = accountNamed(writing, command.name);
    if (!account)
        return account.error();
    const bool isOpened = command.what == Command::What::AccountOpen;
    if (const Result<> set = PeopleTable(writing.database).setActive(*account, isOpened); !set)
        return set;
    return audit(writing, account->accountId, isOpened ? u"account.opened"_s : u"account.closed"_s, account->accountId, {});
}

Result<> setQuota(Writing &writing, const Command &command)
{
    const Result<Account> account = accountNamed(writing, command.name);
    if (!account)
        return account.error();
    if (const Result<> set = QuotaTable(writing.database).setQuota(account->accountId, command.quotaBytes); !set)
        return set;
    return audit(writing, account->accountId, u"account.quota_changed"_s, account->accountId,
                 {{u"from"_s, numberOrNull(account->quotaBytes)}, {u"to"_s, numberOrNull(command.quotaBytes)}});
}

Result<> listAccounts(Writing &writing, const Command &, QByteArray &output)
{
    const Result<QList<Account>> accounts = PeopleTable(writing.database).accounts();
    if (!accounts)
        return accounts.error();
    output.clear();
    for (const Account &account : *accounts) {
        const auto use = QuotaTable(writing.database).useOf(account.accountId);
        if (!use)
            return use.error();
        const QByteArray kept = *use
            ? QByteArray(QByteArray::number((*use)->usedBytes) + " of " + QByteArray::number((*use)->quotaBytes) + " bytes") : QByteArray("no quota");
        output += account.name.toUtf8() + "  " + account.type.toUtf8() + (account.isTest ? "  test" : "") + (account.isActive ? "" : "  closed")
            + "  " + kept + '\n';
    }
    return audit(writing, EveryAccount, u"accounts.viewed"_s, EveryAccount, {{u"accounts"_s, accounts->size()}});
}

Result<> addUser(Writing &writing, const Command &command)
{
    const Result<Account> account = accountFor(writing, command.account);
    if (!account)
        return account.error();
    const User user{idText(newUuid7()), account->accountId, command.name, command.role, true};
    if (const Result<> added = PeopleTable(writing.database).add(user, nowMs()); !added)
        return added;
    return audit(writing, user.accountId, u"user.added"_s, user.userId, {{u"role"_s, QString(roleName(user.role))}});
}

Result<> changeRole(Writing &writing, const Command &command)
{
    const Result<User> user = userNamed(writing, command.name);
    if (!user)
        return user.error();
    if (const Result<> changed = PeopleTable(writing.database).setRole(user->userId, command.role); !changed)
        return changed;
    return audit(writing, user->accountId, u"user.role_changed"_s, user->userId,
                 {{u"from"_s, QString(roleName(user->role))}, {u"to"_s, QString(roleName(command.role))}});
}

Result<> closeUser(Writing &writing, const Command &command)
{
    const Result<User> user = userNamed(writing, command.name);
    if (!user)
        return user.error();
    if (const Result<> refused = refuseOfErased(writing.database, *user); !refused)
        return refused;
    const bool isOpened = command.what == Command::What::UserOpen;
    if (const Result<> set = PeopleTable(writing.database).setActive(*user, isOpened); !set)
        return set;
    return audit(writing, user->accountId, isOpened ? u"user.opened"_s : u"user.closed"_s, user->userId, {});
}

Result<> eraseUser(Writing &writing, const Command &command, QByteArray &output)
{
    const Result<User> user = userNamed(writing, command.name);
    if (!user)
        return user.error();
    const Result<Erasure> sum = command.isDryRun ? erasureOf(writing.database, *user, nowMs()) : erase(writing, *user, nowMs());
    if (!sum)
        return sum.error();
    output = QByteArray::number(sum->photos) + " photos, " + QByteArray::number(sum->underWay) + " under way, " + QByteArray::number(sum->tokens)
        + " device tokens: " + (command.isDryRun ? "would be shut out now, and go from " : "shut out now, going from ") + dayOf(sum->goneMs)
        + " (until then \"user erase undo\" takes that back)\n" + (sum->isLastAdmin ? "the account has no other administrator\n" : "");
    return command.isDryRun ? audit(writing, user->accountId, u"erasure.viewed"_s, user->userId, {{u"photos"_s, sum->photos}}) : Result<>();
}

Result<> undoErasure(Writing &writing, const Command &command)
{
    const Result<User> user = userNamed(writing, command.name);
    return user ? takeErasureBack(writing, *user, nowMs()) : user.error();
}

Result<> createToken(Writing &writing, const Command &command, QByteArray &output)
{
    const Result<User> user = userNamed(writing, command.name);
    if (!user)
        return user.error();
    if (const Result<> refused = refuseOfErased(writing.database, *user); !refused)
        return refused;
    const qint64 now = nowMs();
    const QByteArray token = newDeviceToken();
    const DeviceTokenRow row{newUuid7(now), command.label, now, now + command.days * DayMs, {}};
    if (const Result<> added = PeopleTable(writing.database).addToken(user->userId, row, hashOfDeviceToken(token)); !added)
        return added;
    output = token + '\n';
    return audit(writing, user->accountId, u"token.created"_s, idText(row.tokenId),
                 {{u"user"_s, user->userId}, {u"ends_ms"_s, row.endsMs}});
}

Result<> listTokens(Writing &writing, const Command &command, QByteArray &output)
{
    const Result<User> user = userNamed(writing, command.name);
    if (!user)
        return user.error();
    const Result<QList<DeviceTokenRow>> rows = PeopleTable(writing.database).tokensOf(user->userId);
    if (!rows)
        return rows.error();
    output.clear();
    for (const DeviceTokenRow &row : *rows) {
        output += idText(row.tokenId).toLatin1() + "  made " + dayOf(row.createdMs)
            + (row.revokedMs ? "  revoked " : "  until ") + dayOf(row.revokedMs.value_or(row.endsMs)) + "  " + row.label.toUtf8() + '\n';
    }
    return audit(writing, user->accountId, u"tokens.viewed"_s, user->userId, {{u"tokens"_s, rows->size()}});
}

Result<> revokeToken(Writing &writing, const Command &command)
{
    const PeopleTable people(writing.database);
    const QUuid id = QUuid::fromString(command.name);
    const Result<std::optional<User>> user = people.userOfToken(id);
    if (!user)
        return user.error();
    if (!*user)
        return unknownName(u"token"_s, command.name);
    const Result<bool> revoked = people.revokeToken(id, nowMs());
    if (!revoked)
        return revoked.error();
    return *revoked ? audit(writing, (*user)->accountId, u"token.revoked"_s, idText(id), {{u"user"_s, (*user)->userId}}) : Result<>();
}

} // namespace photolift::server
