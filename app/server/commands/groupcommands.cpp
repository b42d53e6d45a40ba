#include "app/server/commands/groupcommands.h"

#include "app/server/people/auditlog.h"
#include "app/server/people/grouptable.h"
#include "app/server/people/peopletable.h"
#include "models/vocabulary/ids.h"

#include <QDateTime>
#include <QTimeZone>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

/// Groups are not of one account, but of the whole server.
Result<> audit(Writing &writing, const QString &action, const QString &subject, const QJsonObject &detail)
{
    return AuditLog(writing.database).append({u"server"_s, nowMs(), u"command"_s, {}, {}, action, subject, detail});
}

Result<> audit(Writing &writing, const QString &action, const DeviceGroup &group, QJsonObject detail)
{
    detail.insert(u"name"_s, group.name);
    return audit(writing, action, QString::number(group.key), detail);
}

Result<DeviceGroup> groupNamed(Writing &writing, const QString &name)
{
    const Result<std::optional<DeviceGroup>> group = GroupTable(writing.database).named(name);
    if (!group)
        return group.error();
    if (!*group)
        return Error{ErrorCode::ApiRequestRefused, u"there is no group "_s + name};
    return **group;
}

GroupMember memberOf(const Command &command)
{
    return command.user.isEmpty() ? GroupMember{GroupMember::Kind::Device, command.device} : GroupMember{GroupMember::Kind::Person, command.user};
}

/// Names of people are for whoever reads the table; the audit log keeps ids.
Result<QJsonObject> detailOf(Writing &writing, const GroupMember &member)
{
    if (member.kind == GroupMember::Kind::Device)
        return QJsonObject{{u"device"_s, member.name}};
    const Result<std::optional<User>> user = PeopleTable(writing.database).userNamed(member.name);
    if (!user)
        return user.error();
    return QJsonObject{{u"user"_s, *user ? (*user)->userId : QString()}};
}

QByteArray timeOf(qint64 ms)
{
    return QDateTime::fromMSecsSinceEpoch(ms, QTimeZone::utc()).toString(Qt::ISODate).toLatin1();
}

} // namespace

Result<> addGroup(Writing &writing, const Command &command)
{
    if (const Result<> added = GroupTable(writing.database).add(command.name, command.region.value_or(QString())); !added)
        return added;
    const Result<DeviceGroup> group = groupNamed(writing, command.name);
    return group ? audit(writing, u"group.added"_s, *group, {{u"region"_s, group->region}}) : Result<>(group.error());
}

Result<> listGroups(Writing &writing, const Command &command, QByteArray &output)
{
    const GroupTable table(writing.database);
    const Result<QList<DeviceGroup>> groups = table.groups(!command.isRetired);
    if (!groups)
        return groups.error();
    output.clear();
    for (const DeviceGroup &group : *groups) {
        output += group.name.toUtf8() + (group.region.isEmpty() ? QByteArray() : "  region " + group.region.toUtf8()) + '\n';
        const Result<QList<Membership>> members = table.membersOf(group);
        if (!members)
            return members.error();
        for (const Membership &membership : *members) {
            output += (membership.member.kind == GroupMember::Kind::Person ? "  user " : "  device ") + membership.member.name.toUtf8() + "  from "
                + timeOf(membership.fromMs) + (membership.untilMs ? "  until " + timeOf(*membership.untilMs) : QByteArray()) + '\n';
        }
    }
    return audit(writing, u"groups.viewed"_s, u"server"_s, {{u"groups"_s, groups->size()}, {u"retired"_s, command.isRetired}});
}

Result<> setGroup(Writing &writing, const Command &command)
{
    const Result<DeviceGroup> before = groupNamed(writing, command.name);
    if (!before)
        return before.error();
    DeviceGroup group = *before;
    if (!command.newName.isEmpty())
        group.name = command.newName;
    group.region = command.region.value_or(group.region);
    if (const Result<> said = GroupTable(writing.database).say(group); !said)
        return said;
    return audit(writing, u"group.changed"_s, group,
                 {{u"name_before"_s, before->name}, {u"region_before"_s, before->region}, {u"region"_s, group.region}});
}

Result<> retireGroup(Writing &writing, const Command &command)
{
    const Result<DeviceGroup> before = groupNamed(writing, command.name);
    if (!before)
        return before.error();
    DeviceGroup group = *before;
    group.isActive = command.what == Command::What::GroupRestore;
    if (group.isActive == before->isActive)
        return {};
    const GroupTable table(writing.database);
    if (const Result<> said = table.say(group); !said)
        return said;
    if (group.isActive)
        return audit(writing, u"group.restored"_s, group, {});
    const Result<int> ended = table.end(group, {}, nowMs());
    return ended ? audit(writing, u"group.retired"_s, group, {{u"memberships_ended"_s, *ended}}) : Result<>(ended.error());
}

Result<> addGroupMember(Writing &writing, const Command &command)
{
    const Result<DeviceGroup> group = groupNamed(writing, command.name);
    if (!group)
        return group.error();
    const Membership membership{memberOf(command), command.fromMs.value_or(nowMs()), command.untilMs};
    if (const Result<> added = GroupTable(writing.database).add(*group, membership); !added)
        return added;
    Result<QJsonObject> detail = detailOf(writing, membership.member);
    if (!detail)
        return detail.error();
    QJsonObject said = *detail;
    said.insert(u"from_ms"_s, membership.fromMs);
    if (membership.untilMs)
        said.insert(u"until_ms"_s, *membership.untilMs);
    return audit(writing, u"group.member_added"_s, *group, said);
}

Result<> removeGroupMember(Writing &writing, const Command &command)
{
    const Result<DeviceGroup> group = groupNamed(writing, command.name);
    if (!group)
        return group.error();
    const GroupMember member = memberOf(command);
    const qint64 at = command.untilMs.value_or(nowMs());
    const Result<int> ended = GroupTable(writing.database).end(*group, member, at);
    if (!ended)
        return ended.error();
    if (*ended == 0)
        return Error{ErrorCode::ApiRequestRefused, u"%1 does not belong to the group then"_s.arg(member.name)};
    const Result<QJsonObject> detail = detailOf(writing, member);
    if (!detail)
        return detail.error();
    QJsonObject said = *detail;
    said.insert(u"until_ms"_s, at);
    return audit(writing, u"group.member_removed"_s, *group, said);
}

} // namespace photolift::server
