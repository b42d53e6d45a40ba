#include "app/server/commands/projectcommands.h"

#include "app/server/api/projectboard.h"
#include "app/server/people/auditlog.h"
#include "app/server/people/peopletable.h"
#include "models/vocabulary/ids.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

Result<Account> accountOf(Writing &writing, const Command &command)
{
    const Result<std::optional<Account>> account = PeopleTable(writing.database).accountNamed(command.account);
    if (!account)
        return account.error();
    if (!*account)
        return Error{ErrorCode::ApiRequestRefused, u"there is no account "_s + command.account};
    return **account;
}

QByteArray textOf(const PhotoSum &sum)
{
    return QByteArray::number(sum.photos) + " photos, " + QByteArray::number(sum.bytes) + " bytes";
}

} // namespace

Result<> listProjects(Writing &writing, const Command &command, QByteArray &output)
{
    const Result<Account> account = accountOf(writing, command);
    if (!account)
        return account.error();
    const Result<ProjectBoard::Listing> listing = ProjectBoard(writing.database).list(account->accountId);
    if (!listing)
        return listing.error();
    output.clear();
    for (const ProjectStanding &project : listing->projects) {
        output += idText(project.projectId).toLatin1() + "  " + project.state.toLatin1() + (project.isActive ? "" : ", retired") + "  expected "
            + textOf(project.expected) + "  arrived " + textOf(project.arrived) + "  missing " + textOf(project.missing) + "  "
            + project.owner.toUtf8() + ": " + project.name.toUtf8() + '\n';
    }
    if (listing->isCut)
        output += "and more\n";
    return AuditLog(writing.database)
        .append({account->accountId, nowMs(), u"command"_s, {}, {}, u"projects.viewed"_s, account->accountId,
                 {{u"projects"_s, listing->projects.size()}}});
}

Result<> setProjectState(Writing &writing, const Command &command)
{
    const Result<Account> account = accountOf(writing, command);
    if (!account)
        return account.error();
    const QUuid id = QUuid::fromString(command.name);
    const ProjectBoard board(writing.database);
    const auto before = board.said(account->accountId, id);
    if (!before)
        return before.error();
    if (!*before)
        return Error{ErrorCode::ProjectDeleted, u"there is no project %1 in account %2"_s.arg(command.name, command.account)};
    if ((*before)->state == command.state)
        return {};
    if (const Result<> said = board.say(id, {command.state, (*before)->isActive}); !said)
        return said;
    return AuditLog(writing.database)
        .append({account->accountId, nowMs(), u"command"_s, {}, {}, u"project.state_changed"_s, idText(id),
                 {{u"from"_s, (*before)->state}, {u"to"_s, command.state}}});
}

} // namespace photolift::server
