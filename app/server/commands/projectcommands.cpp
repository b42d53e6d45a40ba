#include "app/server/commands/projectcommands.h"

#include "app/server/api/projectboard.h"
#include "app/server/people/auditlog.h"
#include "app/server/people/peopletable.h"
#include "app/server/work/catalogue.h"
#include "models/vocabulary/ids.h"

#include <functional>

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

Result<> audit(Writing &writing, const QString &accountId, const QString &action, const QString &subject, const QJsonObject &detail = {})
{
    return AuditLog(writing.database).append({accountId, nowMs(), u"command"_s, {}, {}, action, subject, detail});
}

/// Not of one account, but of the whole server.
constexpr auto EveryAccount = "server"_L1;

Result<> retired(Writing &writing, const Result<bool> &isKnown, const QString &what, const QString &name, bool isActive)
{
    if (!isKnown)
        return isKnown.error();
    if (!*isKnown)
        return Error{ErrorCode::ApiRequestRefused, u"there is no %1 %2"_s.arg(what, name)};
    return audit(writing, EveryAccount, what + (isActive ? u".restored"_s : u".retired"_s), name);
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
    return audit(writing, account->accountId, u"projects.viewed"_s, account->accountId, {{u"projects"_s, listing->projects.size()}});
}

namespace {

/// What `say` makes of how the project stands, with `action` in the audit log when that is news.
Result<> setProject(Writing &writing, const Command &command, const QString &action, const std::function<QJsonObject(ProjectBoard::Said &)> &say)
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
    ProjectBoard::Said said = **before;
    const QJsonObject detail = say(said);
    if (said.state == (*before)->state && said.isActive == (*before)->isActive)
        return {};
    if (const Result<> written = board.say(id, said); !written)
        return written;
    return audit(writing, account->accountId, action, idText(id), detail);
}

} // namespace

Result<> setProjectState(Writing &writing, const Command &command)
{
    return setProject(writing, command, u"project.state_changed"_s, [&command](ProjectBoard::Said &said) {
        const QString before = std::exchange(said.state, command.state);
        return QJsonObject{{u"from"_s, before}, {u"to"_s, command.state}};
    });
}

Result<> retireProject(Writing &writing, const Command &command)
{
    const bool isActive = command.what == Command::What::ProjectRestore;
    return setProject(writing, command, isActive ? u"project.restored"_s : u"project.retired"_s, [isActive](ProjectBoard::Said &said) {
        said.isActive = isActive;
        return QJsonObject();
    });
}

Result<> retireAppVersion(Writing &writing, const Command &command)
{
    const bool isActive = command.what == Command::What::AppRestore;
    return retired(writing, Catalogue(writing.database).setAppVersionActive(command.name, isActive), u"app_version"_s, command.name, isActive);
}

Result<> retireLocation(Writing &writing, const Command &command)
{
    const bool isActive = command.what == Command::What::LocationRestore;
    return retired(writing, Catalogue(writing.database).setLocationActive(command.name, isActive), u"storage_location"_s, command.name, isActive);
}

} // namespace photolift::server
