#include "app/server/people/peopletable.h"

#include "app/server/people/randombytes.h"
#include "app/server/work/statement.h"
#include "models/vocabulary/ids.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

constexpr int KeyBytes = 32;

constexpr auto HolderColumns = "SELECT t.token_id, a.account_id, u.user_id, u.role, t.revoked_ms IS NULL AND t.expires_ms > ?,"
                               " u.is_active AND a.is_active, u.user_name FROM server_device_tokens t JOIN server_users u ON u.user_id = t.user_id"
                               " JOIN server_accounts a ON a.account_id = u.account_id"_L1;

/// A name is the one thing of these rows that two people may want.
Result<> addedOr(const Result<int> &inserted, const QString &taken)
{
    if (!inserted)
        return inserted.error();
    return *inserted > 0 ? Result<>() : Result<>(Error{ErrorCode::ApiRequestRefused, taken});
}

PeopleTable::Holder holderFrom(const QSqlQuery &row)
{
    PeopleTable::Holder holder;
    holder.tokenId = QUuid::fromString(row.value(0).toString());
    holder.standing.accountId = row.value(1).toString();
    holder.standing.userId = row.value(2).toString();
    const std::optional<Role> role = roleFromName(row.value(3).toString());
    holder.standing.role = role.value_or(Role::Photographer);
    holder.userName = row.value(6).toString();
    holder.isTokenOver = !row.value(4).toBool();
    holder.standing.isOpen = role && !holder.isTokenOver && row.value(5).toBool();
    return holder;
}

constexpr auto AccountColumns = "SELECT account_id, account_name, account_type, is_test, quota_bytes, is_active FROM server_accounts"_L1;

Account accountFrom(const QSqlQuery &row)
{
    Account account;
    account.accountId = row.value(0).toString();
    account.name = row.value(1).toString();
    account.type = row.value(2).toString();
    account.isTest = row.value(3).toBool();
    if (!row.value(4).isNull())
        account.quotaBytes = row.value(4).toLongLong();
    account.isActive = row.value(5).toBool();
    return account;
}

Result<std::optional<Account>> oneAccount(const QSqlDatabase &database, QLatin1StringView where, const QString &value)
{
    const QByteArray sql = QByteArray(AccountColumns.data()) + " WHERE " + where.data() + " = ?";
    Result<Answer> query = execute(database, QLatin1StringView(sql), {value});
    if (!query)
        return query.error();
    return query->next() ? std::optional(accountFrom(query->row())) : std::optional<Account>();
}

Result<std::optional<User>> oneUser(const QSqlDatabase &database, QLatin1StringView sql, const QString &value)
{
    Result<Answer> query = execute(database, sql, {value});
    if (!query)
        return query.error();
    if (!query->next())
        return std::optional<User>();
    const std::optional<Role> role = roleFromName(query->value(3).toString());
    if (!role)
        return Error{ErrorCode::InternalUnknown, u"unknown role "_s + query->value(3).toString()};
    return std::optional<User>(
        User{query->value(0).toString(), query->value(1).toString(), query->value(2).toString(), *role, query->value(4).toBool()});
}

} // namespace

PeopleTable::PeopleTable(const QSqlDatabase &database)
    : m_database(database)
{
}

Result<> PeopleTable::add(const Account &account, qint64 nowMs) const
{
    return addedOr(change(m_database,
                          "INSERT INTO server_accounts (account_id, account_name, account_type, is_test, quota_bytes, created_ms, is_active)"
                          " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"_L1,
                          {account.accountId, account.name, account.type, account.isTest,
                           account.quotaBytes ? QVariant(*account.quotaBytes) : QVariant(), nowMs, account.isActive}),
                   u"there is an account of this name"_s);
}

Result<std::optional<Account>> PeopleTable::accountNamed(const QString &name) const
{
    return oneAccount(m_database, "account_name"_L1, name);
}

Result<std::optional<Account>> PeopleTable::account(const QString &accountId) const
{
    return oneAccount(m_database, "account_id"_L1, accountId);
}

Result<QList<Account>> PeopleTable::accounts() const
{
    Result<Answer> query = execute(m_database, QLatin1StringView(QByteArray(AccountColumns.data()) + " ORDER BY account_name"));
    if (!query)
        return query.error();
    QList<Account> accounts;
    while (query->next())
        accounts.append(accountFrom(query->row()));
    return accounts;
}

Result<> PeopleTable::setActive(const Account &account, bool isActive) const
{
    return withoutValue(change(m_database, "UPDATE server_accounts SET is_active = ? WHERE account_id = ?"_L1, {isActive, account.accountId}));
}

Result<> PeopleTable::add(const User &user, qint64 nowMs) const
{
    const Result<> added =
        addedOr(change(m_database,
                       "INSERT INTO server_users (user_id, account_id, user_name, role, created_ms, is_active) VALUES (?, ?, ?, ?, ?, ?)"
                       " ON CONFLICT DO NOTHING"_L1,
                       {user.userId, user.accountId, user.name, QString(roleName(user.role)), nowMs, user.isActive}),
                u"there is a user of this name"_s);
    if (!added)
        return added;
    // The star tells people's accounts apart by type and test mark.
    return withoutValue(change(m_database,
                               "INSERT INTO dim_users (user_id, user_created_at, account_type, is_test_account)"
                               " SELECT ?, ms(?), account_type, is_test FROM server_accounts WHERE account_id = ?"_L1,
                               {user.userId, nowMs, user.accountId}));
}

Result<std::optional<User>> PeopleTable::userNamed(const QString &name) const
{
    return oneUser(m_database, "SELECT user_id, account_id, user_name, role, is_active FROM server_users WHERE user_name = ?"_L1, name);
}

Result<std::optional<User>> PeopleTable::userOfToken(const QUuid &tokenId) const
{
    return oneUser(m_database,
                   "SELECT u.user_id, u.account_id, u.user_name, u.role, u.is_active FROM server_device_tokens t"
                   " JOIN server_users u ON u.user_id = t.user_id WHERE t.token_id = ?"_L1,
                   idText(tokenId));
}

Result<> PeopleTable::setRole(const QString &userId, Role role) const
{
    return withoutValue(change(m_database, "UPDATE server_users SET role = ? WHERE user_id = ?"_L1, {QString(roleName(role)), userId}));
}

Result<> PeopleTable::setActive(const User &user, bool isActive) const
{
    return withoutValue(change(m_database, "UPDATE server_users SET is_active = ? WHERE user_id = ?"_L1, {isActive, user.userId}));
}

Result<> PeopleTable::addToken(const QString &userId, const DeviceTokenRow &row, const QByteArray &hash) const
{
    return withoutValue(change(m_database,
                               "INSERT INTO server_device_tokens (token_id, user_id, token_hash, label, created_ms, expires_ms)"
                               " VALUES (?, ?, ?, ?, ?, ?)"_L1,
                               {idText(row.tokenId), userId, hash, row.label.isNull() ? u""_s : row.label, row.createdMs, row.endsMs}));
}

Result<QList<DeviceTokenRow>> PeopleTable::tokensOf(const QString &userId) const
{
    Result<Answer> query = execute(m_database,
                                   "SELECT token_id, label, created_ms, expires_ms, revoked_ms FROM server_device_tokens WHERE user_id = ?"
                                   " ORDER BY created_ms, token_id"_L1,
                                   {userId});
    if (!query)
        return query.error();
    QList<DeviceTokenRow> rows;
    while (query->next()) {
        DeviceTokenRow row{QUuid::fromString(query->value(0).toString()), query->value(1).toString(), query->value(2).toLongLong(), query->value(3).toLongLong(), {}};
        if (!query->value(4).isNull())
            row.revokedMs = query->value(4).toLongLong();
        rows.append(row);
    }
    return rows;
}

Result<bool> PeopleTable::revokeToken(const QUuid &tokenId, qint64 nowMs) const
{
    const Result<int> revoked =
        change(m_database, "UPDATE server_device_tokens SET revoked_ms = ? WHERE token_id = ? AND revoked_ms IS NULL"_L1, {nowMs, idText(tokenId)});
    return revoked ? Result<bool>(*revoked > 0) : Result<bool>(revoked.error());
}

Result<std::optional<PeopleTable::Holder>> PeopleTable::holderOf(const QByteArray &hash, qint64 nowMs) const
{
    Result<Answer> query = execute(m_database, QLatin1StringView(QByteArray(HolderColumns.data()) + " WHERE t.token_hash = ?"), {nowMs, hash});
    if (!query)
        return query.error();
    if (!query->next())
        return std::optional<Holder>();
    return std::optional<Holder>(holderFrom(query->row()));
}

Result<QHash<QUuid, AccessTokens::Standing>> PeopleTable::standings(qint64 nowMs) const
{
    Result<Answer> query = execute(m_database, QLatin1StringView(QByteArray(HolderColumns.data()) + " WHERE t.expires_ms > ?"),
                                   {nowMs, nowMs - AccessTokens::LifeMs});
    if (!query)
        return query.error();
    QHash<QUuid, AccessTokens::Standing> standings;
    while (query->next()) {
        const Holder holder = holderFrom(query->row());
        standings.insert(holder.tokenId, holder.standing);
    }
    return standings;
}

Result<QList<AccessTokens::Key>> PeopleTable::keys(qint64 nowMs, qint64 longestUseMs) const
{
    if (const Result<int> gone = change(m_database, "DELETE FROM server_token_keys WHERE created_ms < ?"_L1,
                                        {nowMs - longestUseMs - 2 * AccessTokens::LifeMs});
        !gone)
        return gone.error();
    const auto read = [this]() -> Result<QList<std::pair<AccessTokens::Key, qint64>>> {
        Result<Answer> query = execute(m_database, "SELECT key_id, secret, created_ms FROM server_token_keys ORDER BY created_ms DESC, key_id"_L1);
        if (!query)
            return query.error();
        QList<std::pair<AccessTokens::Key, qint64>> found;
        while (query->next())
            found.append({{query->value(0).toString().toLatin1(), query->value(1).toByteArray()}, query->value(2).toLongLong()});
        return found;
    };
    auto found = read();
    if (!found)
        return found.error();
    if (found->isEmpty() || found->first().second < nowMs - longestUseMs) {
        const Result<int> added = change(m_database, "INSERT INTO server_token_keys (key_id, secret, created_ms) VALUES (?, ?, ?)"_L1,
                                         {idText(newUuid7(nowMs)), randomBytes(KeyBytes), nowMs});
        if (!added)
            return added.error();
        found = read();
        if (!found)
            return found.error();
    }
    QList<AccessTokens::Key> keys;
    for (const auto &[key, createdMs] : std::as_const(*found))
        keys.append(key);
    return keys;
}

} // namespace photolift::server
