#pragma once

#include "models/vocabulary/result.h"

#include <QList>
#include <QSqlDatabase>
#include <QString>

#include <optional>

namespace photolift::server {

/// People who are taken out of the records, in two phases: the table server_erasures. From the first on they are shut out (people/erasure.h), and that can be
/// taken back; with the second, a day later (purge.h), their names go, their photos are removed like photos that they had removed themselves
/// (withdrawaltable.h), and behind these the names of everything else that they tried. In the transaction at hand.
class ErasureTable
{
public:
    explicit ErasureTable(const QSqlDatabase &database);

    struct Standing {
        bool wasActive = true; ///< before
        qint64 dueMs = 0;      ///< when the second phase begins
        bool isBegun = false;  ///< it has: there is no way back
    };
    /// nullopt: nobody erases that person.
    Result<std::optional<Standing>> standing(const QString &userId) const;
    struct Pending {
        QString userName;
        qint64 dueMs = 0;
        bool isBegun = false;
    };
    /// People of the account who are not done, in the order of their times.
    Result<QList<Pending>> pending(const QString &accountId) const;
    /// Phase one, of a person who has none yet.
    Result<> add(const QString &accountId, const QString &userId, bool wasActive, qint64 nowMs) const;
    /// False: the second phase has begun, or there was no first.
    Result<bool> takeBack(const QString &userId) const;
    /// The day of everybody whose second phase has not begun begins again: of how many.
    Result<int> beginAnew(qint64 nowMs) const;

    struct Person {
        QString userId;
        QString accountId;
    };
    /// Those whose second phase has come, until they are done.
    Result<QList<Person>> due(qint64 nowMs) const;
    /// Phase two: the names of the person, and of what is theirs alone. Nothing, when that is done. False when it has been taken back.
    Result<bool> begin(const Person &person, qint64 nowMs) const;
    /// Their photos are to go at once; what came since the last time, too. And whatever was set aside of what they told.
    Result<> withdrawPhotos(const Person &person) const;
    /// The names of some attempts that are neither under way nor photos, from one that began then on.
    struct Purged {
        int attempts = 0;
        qint64 fromMs = 0; ///< where the next ones begin
    };
    Result<Purged> purgeNames(const Person &person, qint64 nowMs, qint64 fromMs, int most) const;
    /// True when there is nothing left; they are not due any more then.
    Result<bool> finish(const Person &person, qint64 nowMs) const;

private:
    Result<> purgePerson(const Person &person) const;
    Result<> purgeOwned(const Person &person, qint64 nowMs) const;

    QSqlDatabase m_database;
};

} // namespace photolift::server
