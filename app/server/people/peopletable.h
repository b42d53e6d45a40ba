#pragma once

#include "app/server/people/accesstokens.h"
#include "models/vocabulary/result.h"

#include <QSqlDatabase>

#include <optional>

namespace photolift::server {

struct Account {
    QString accountId;
    QString name;
    QString type = QStringLiteral("organisation"); ///< person, organisation or test (SCHEMA.md, account_type)
    bool isTest = false;
    std::optional<qint64> quotaBytes; ///< nullopt: none
    bool isActive = true;
};

struct User {
    QString userId;
    QString accountId;
    QString name; ///< unique on the server; what an administrator types
    Role role = Role::Photographer;
    bool isActive = true;
};

struct DeviceTokenRow {
    QUuid tokenId;
    QString label; ///< where it is used, for people
    qint64 createdMs = 0;
    qint64 endsMs = 0;
    std::optional<qint64> revokedMs;
};

/// Accounts, people and their device tokens. Changes belong into a transaction together with their audit row (auditlog.h).
class PeopleTable
{
public:
    explicit PeopleTable(const QSqlDatabase &database);

    Result<> add(const Account &account, qint64 nowMs) const; ///< API_REQUEST_REFUSED when the name is taken
    Result<std::optional<Account>> accountNamed(const QString &name) const;
    Result<std::optional<Account>> account(const QString &accountId) const;
    Result<QList<Account>> accounts() const; ///< by name
    Result<> setActive(const Account &account, bool isActive) const;

    Result<> add(const User &user, qint64 nowMs) const; ///< API_REQUEST_REFUSED when the name is taken
    Result<std::optional<User>> userNamed(const QString &name) const;
    Result<> setRole(const QString &userId, Role role) const;
    Result<> setActive(const User &user, bool isActive) const;

    /// `hash`: of the token, which is nowhere kept.
    Result<> addToken(const QString &userId, const DeviceTokenRow &row, const QByteArray &hash) const;
    Result<QList<DeviceTokenRow>> tokensOf(const QString &userId) const;
    /// Whose token this is; nullopt: there is none.
    Result<std::optional<User>> userOfToken(const QUuid &tokenId) const;
    /// False: there is no such token, or it was revoked before.
    Result<bool> revokeToken(const QUuid &tokenId, qint64 nowMs) const;

    /// Whoever holds this device token, as it stands; nullopt: nobody.
    struct Holder {
        QUuid tokenId;
        QString userName;
        bool isTokenOver = false; ///< revoked or at its end
        AccessTokens::Standing standing;
    };
    Result<std::optional<Holder>> holderOf(const QByteArray &hash, qint64 nowMs) const;
    /// Of all tokens that may still have a living access token.
    Result<QHash<QUuid, AccessTokens::Standing>> standings(qint64 nowMs) const;

    /// The keys access tokens are sealed with, the newest first. Makes one when there is none younger than `longestUseMs`; forgets
    /// those that can seal no living token any more. In a write transaction.
    Result<QList<AccessTokens::Key>> keys(qint64 nowMs, qint64 longestUseMs) const;

private:
    QSqlDatabase m_database;
};

} // namespace photolift::server
