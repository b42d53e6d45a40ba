#include "app/server/people/grouptable.h"

#include "app/server/work/statement.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

/// As coalesce() of the table's unique index has them.
constexpr qint64 NoKey = -1;

struct MemberKeys {
    qint64 device = NoKey;
    qint64 user = NoKey;
};

QVariant keyOrNull(qint64 key)
{
    return key == NoKey ? QVariant(QMetaType::fromType<qlonglong>()) : QVariant(key);
}

QVariant timeOrNull(std::optional<qint64> ms)
{
    return ms ? QVariant(*ms) : QVariant(QMetaType::fromType<qlonglong>());
}

Error unknownMember(const GroupMember &member)
{
    return Error{ErrorCode::ApiRequestRefused,
                 u"there is no %1 %2"_s.arg(member.kind == GroupMember::Kind::Person ? u"user"_s : u"device"_s, member.name)};
}

Result<MemberKeys> keysOf(const QSqlDatabase &database, const GroupMember &member)
{
    const bool isPerson = member.kind == GroupMember::Kind::Person;
    Result<Answer> query =
        execute(database,
                isPerson ? "SELECT d.user_key FROM dim_users d JOIN server_users u ON u.user_id = d.user_id WHERE u.user_name = ?"_L1
                         : "SELECT device_key FROM dim_devices WHERE device_id = ? AND device_key > 0 ORDER BY device_key LIMIT 1"_L1,
                {member.name});
    if (!query)
        return query.error();
    if (!query->next())
        return unknownMember(member);
    const qint64 key = query->value(0).toLongLong();
    return isPerson ? MemberKeys{NoKey, key} : MemberKeys{key, NoKey};
}

DeviceGroup groupFrom(const QSqlQuery &row)
{
    return {row.value(0).toLongLong(), row.value(1).toString(), row.value(2).toString(), row.value(3).toBool()};
}

bool overlap(const Membership &one, const Membership &other)
{
    return (!one.untilMs || *one.untilMs > other.fromMs) && (!other.untilMs || *other.untilMs > one.fromMs);
}

Error nameTaken()
{
    return Error{ErrorCode::ApiRequestRefused, u"there is a group of this name"_s};
}

} // namespace

GroupTable::GroupTable(const QSqlDatabase &database)
    : m_database(database)
{
}

Result<> GroupTable::add(const QString &name, const QString &region) const
{
    const Result<int> added = change(m_database,
                                     "INSERT INTO dim_device_groups (group_name, region) VALUES (?, nullif(?, '')) ON CONFLICT DO NOTHING"_L1,
                                     {name, region.isNull() ? u""_s : region});
    if (!added)
        return added.error();
    return *added > 0 ? Result<>() : Result<>(nameTaken());
}

Result<std::optional<DeviceGroup>> GroupTable::named(const QString &name) const
{
    Result<Answer> query = execute(
        m_database, "SELECT group_key, group_name, region, is_active FROM dim_device_groups WHERE group_name = ? AND group_key > 0"_L1, {name});
    if (!query)
        return query.error();
    return query->next() ? std::optional(groupFrom(query->row())) : std::optional<DeviceGroup>();
}

Result<QList<DeviceGroup>> GroupTable::groups(bool isActive) const
{
    Result<Answer> query = execute(m_database,
                                   "SELECT group_key, group_name, region, is_active FROM dim_device_groups WHERE is_active = ? AND group_key > 0"
                                   " ORDER BY group_name"_L1,
                                   {isActive});
    if (!query)
        return query.error();
    QList<DeviceGroup> groups;
    while (query->next())
        groups.append(groupFrom(query->row()));
    return groups;
}

Result<> GroupTable::say(const DeviceGroup &group) const
{
    const Result<int> said = change(m_database,
                                    "UPDATE dim_device_groups SET group_name = ?, region = nullif(?, ''), is_active = ? WHERE group_key = ?"
                                    " AND NOT EXISTS (SELECT 1 FROM dim_device_groups WHERE group_name = ? AND group_key <> ?)"_L1,
                                    {group.name, group.region.isNull() ? u""_s : group.region, group.isActive, group.key, group.name, group.key});
    if (!said)
        return said.error();
    return *said > 0 ? Result<>() : Result<>(nameTaken());
}

Result<QList<Membership>> GroupTable::membersOf(const DeviceGroup &group) const
{
    Result<Answer> query = execute(m_database,
                                   "SELECT m.user_key IS NOT NULL, coalesce(p.user_name, u.user_id, d.device_id), unix_ms(m.valid_from),"
                                   " unix_ms(m.valid_to) FROM dim_device_group_members m LEFT JOIN dim_users u ON u.user_key = m.user_key"
                                   " LEFT JOIN server_users p ON p.user_id = u.user_id LEFT JOIN dim_devices d ON d.device_key = m.device_key"
                                   " WHERE m.group_key = ? ORDER BY 2, m.valid_from"_L1,
                                   {group.key});
    if (!query)
        return query.error();
    QList<Membership> members;
    while (query->next()) {
        Membership membership{{query->value(0).toBool() ? GroupMember::Kind::Person : GroupMember::Kind::Device, query->value(1).toString()},
                              query->value(2).toLongLong(),
                              {}};
        if (!query->value(3).isNull())
            membership.untilMs = query->value(3).toLongLong();
        members.append(membership);
    }
    return members;
}

Result<> GroupTable::add(const DeviceGroup &group, const Membership &membership) const
{
    if (!group.isActive)
        return Error{ErrorCode::ApiRequestRefused, u"the group %1 is retired"_s.arg(group.name)};
    const Result<MemberKeys> keys = keysOf(m_database, membership.member);
    if (!keys)
        return keys.error();
    const Result<QList<Membership>> known = membersOf(group);
    if (!known)
        return known.error();
    for (const Membership &other : *known) {
        if (other.member == membership.member && overlap(other, membership))
            return Error{ErrorCode::ApiRequestRefused, u"%1 belongs to the group in that time already"_s.arg(membership.member.name)};
    }
    // What is there of the same begin was taken back before it began.
    return withoutValue(change(m_database,
                               "INSERT INTO dim_device_group_members (group_key, device_key, user_key, valid_from, valid_to)"
                               " VALUES (?, ?, ?, ms(?), ms(?))"
                               " ON CONFLICT (group_key, coalesce(device_key, -1), coalesce(user_key, -1), valid_from)"
                               " DO UPDATE SET valid_to = excluded.valid_to"_L1,
                               {group.key, keyOrNull(keys->device), keyOrNull(keys->user), membership.fromMs, timeOrNull(membership.untilMs)}));
}

Result<int> GroupTable::end(const DeviceGroup &group, const std::optional<GroupMember> &member, qint64 atMs) const
{
    // One that has not begun ends where it would have begun.
    constexpr auto Ended = "UPDATE dim_device_group_members SET valid_to = CASE WHEN valid_from > ms(?) THEN valid_from ELSE ms(?) END"
                           " WHERE group_key = ? AND (valid_to IS NULL OR valid_to > ms(?) AND valid_to > valid_from)"_L1;
    QVariantList values{atMs, atMs, group.key, atMs};
    if (!member)
        return change(m_database, Ended, values);
    const Result<MemberKeys> keys = keysOf(m_database, *member);
    if (!keys)
        return keys.error();
    values << keys->device << keys->user;
    return change(m_database, QLatin1StringView(QByteArray(Ended.data()) + " AND coalesce(device_key, -1) = ? AND coalesce(user_key, -1) = ?"), values);
}

} // namespace photolift::server
