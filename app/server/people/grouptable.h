#pragma once

#include "models/vocabulary/result.h"

#include <QList>
#include <QSqlDatabase>
#include <QString>

#include <optional>

namespace photolift::server {

/// People and devices that are looked at together, such as "rental laptops" or "Berlin".
struct DeviceGroup {
    qint64 key = 0;
    QString name;
    QString region; ///< empty: none
    bool isActive = true;
};

struct GroupMember {
    enum class Kind { Person, Device };
    Kind kind = Kind::Person;
    QString name; ///< of the person, or the device_id
    bool operator==(const GroupMember &) const = default;
};

struct Membership {
    GroupMember member;
    qint64 fromMs = 0;
    std::optional<qint64> untilMs; ///< the first moment outside; nullopt: no end is known
};

/// Groups and who belongs to them, and when. Nothing is deleted: groups are retired, memberships end. A device has a row in dim_devices for each
/// of its operating systems and its membership names the first: readers find it by device_id. In the transaction at hand, with the audit row.
class GroupTable
{
public:
    explicit GroupTable(const QSqlDatabase &database);

    Result<> add(const QString &name, const QString &region) const; ///< API_REQUEST_REFUSED when the name is taken, by a retired one too
    Result<std::optional<DeviceGroup>> named(const QString &name) const;
    Result<QList<DeviceGroup>> groups(bool isActive) const; ///< by name
    /// Name, region and whether it is active, found by its key. API_REQUEST_REFUSED when the name is another's.
    Result<> say(const DeviceGroup &group) const;

    Result<QList<Membership>> membersOf(const DeviceGroup &group) const; ///< by name and time; those that are over, too
    /// API_REQUEST_REFUSED: the group is retired, nobody knows the member, or it belongs to the group in that time already.
    Result<> add(const DeviceGroup &group, const Membership &membership) const;
    /// Ends what a member's memberships last beyond this moment; of all members without `member`. How many.
    Result<int> end(const DeviceGroup &group, const std::optional<GroupMember> &member, qint64 atMs) const;

private:
    QSqlDatabase m_database;
};

} // namespace photolift::server
