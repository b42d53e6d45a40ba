#include "app/server/commands/projectcommands.h"

#include "app/server/api/projectboard.h"
#include "app/server/people/auditlog.h"
#include "app/server/people/peopletable.h"
#include "app/server/work/catalogue.h"
#include "app/server/work/erasuretable.h"
#include "app/server/work/purge.h"
#include "app/server/work/retentiontable.h"
#include "models/vocabulary/ids.h"

#include <QDateTime>
#include <QTimeZone>

#include <functional>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

constexpr qint64 HourMs = 3600 * 1000;

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
    output.clear();
    qint64 count = 0;
    for (std::optional<ProjectPlace> page = ProjectPlace(); page;) {
        const Result<ProjectBoard::Listing> listing = ProjectBoard(writing.database).list(account->accountId, *page);
        if (!listing)
            return listing.error();
        for (const ProjectStanding &project : listing->projects) {
            output += idText(project.projectId).toLatin1() + "  " + project.state.toLatin1() + (project.isActive ? "" : ", retired") + "  expected "
                + textOf(project.expected) + "  arrived " + textOf(project.arrived) + "  missing " + textOf(project.missing) + "  "
                + project.owner.toUtf8() + ": " + project.name.toUtf8() + '\n';
        }
        count += listing->projects.size();
        page = listing->next;
    }
    return audit(writing, account->accountId, u"projects.viewed"_s, account->accountId, {{u"projects"_s, count}});
}

namespace {

/// The project that a command names.
struct Named {
    Account account;
    QUuid projectId;
    ProjectBoard::Said said;
};

Result<Named> projectOf(Writing &writing, const Command &command)
{
    const Result<Account> account = accountOf(writing, command);
    if (!account)
        return account.error();
    const QUuid id = QUuid::fromString(command.name);
    const auto said = ProjectBoard(writing.database).said(account->accountId, id);
    if (!said)
        return said.error();
    if (!*said)
        return Error{ErrorCode::ProjectDeleted, u"there is no project %1 in account %2"_s.arg(command.name, command.account)};
    return Named{*account, id, **said};
}

/// What `say` makes of how the project stands, with `action` in the audit log when that is news.
Result<> sayOf(Writing &writing, const Command &command, const QString &action, const std::function<QJsonObject(ProjectBoard::Said &)> &say)
{
    const Result<Named> project = projectOf(writing, command);
    if (!project)
        return project.error();
    ProjectBoard::Said said = project->said;
    const QJsonObject detail = say(said);
    if (said.state == project->said.state && said.isActive == project->said.isActive)
        return {};
    if (const Result<> written = ProjectBoard(writing.database).say(project->projectId, said); !written)
        return written;
    return audit(writing, project->account.accountId, action, idText(project->projectId), detail);
}

/// 0 is for good, here as on the command line.
Result<> setPurgeAfter(Writing &writing, const Command &command, int days)
{
    const Result<Named> project = projectOf(writing, command);
    if (!project)
        return project.error();
    const RetentionTable retention(writing.database);
    const Result<std::optional<int>> before = retention.daysOf(project->projectId);
    if (!before)
        return before.error();
    if (before->value_or(0) == days)
        return {};
    const Result<> set = retention.setDays(project->account.accountId, project->projectId, days > 0 ? std::optional(days) : std::nullopt);
    if (!set)
        return set;
    return audit(writing, project->account.accountId, u"project.purge_after_changed"_s, idText(project->projectId),
                 {{u"from_days"_s, before->value_or(0)}, {u"to_days"_s, days}});
}

QByteArray timeOf(qint64 ms)
{
    return QDateTime::fromMSecsSinceEpoch(ms, QTimeZone::utc()).toString(Qt::ISODate).toLatin1();
}

} // namespace

Result<> setProject(Writing &writing, const Command &command)
{
    if (!command.state.isEmpty()) {
        const Result<> said = sayOf(writing, command, u"project.state_changed"_s, [&command](ProjectBoard::Said &project) {
            const QString before = std::exchange(project.state, command.state);
            return QJsonObject{{u"from"_s, before}, {u"to"_s, command.state}};
        });
        if (!said)
            return said;
    }
    return command.purgeAfterDays ? setPurgeAfter(writing, command, *command.purgeAfterDays) : Result<>();
}

Result<> listPurges(Writing &writing, const Command &command, QByteArray &output)
{
    const Result<Account> account = accountOf(writing, command);
    if (!account)
        return account.error();
    const Result<QList<RetentionTable::Standing>> standings = RetentionTable(writing.database).standings(account->accountId, nowMs());
    if (!standings)
        return standings.error();
    output.clear();
    for (const RetentionTable::Standing &project : *standings) {
        output += idText(project.projectId).toLatin1() + "  after " + QByteArray::number(project.days) + " days  to be marked "
            + textOf({project.overdue, project.overdueBytes}) + "  marked " + textOf({project.marked, project.markedBytes})
            + (project.firstPurgeMs ? ", purged from " + timeOf(*project.firstPurgeMs) : QByteArray()) + '\n';
    }
    const Result<QList<ErasureTable::Pending>> people = ErasureTable(writing.database).pending(account->accountId);
    if (!people)
        return people.error();
    for (const ErasureTable::Pending &person : *people)
        output += person.userName.toUtf8() + (person.isBegun ? QByteArray("  just going") : QByteArray("  to be erased from " + timeOf(person.dueMs))) + '\n';
    return audit(writing, account->accountId, u"purges.viewed"_s, account->accountId, {{u"projects"_s, standings->size()}, {u"people"_s, people->size()}});
}

QByteArray saidOfUndo()
{
    return "what its rule marks is gone 24 hours after its days were over, and can be kept for " + QByteArray::number(PurgeUndoMs / HourMs)
        + " hours at least (purge undo ID); later when the server was off or its clock was set\n";
}

QByteArray saidOfBackups(std::optional<int> keptDays)
{
    if (!keptDays)
        return "how long backups are kept is not stated (retention.backups_kept_days): what is purged stays in them\n";
    return *keptDays == 0 ? QByteArray("there are no backups that photos would stay in\n")
                          : "what is purged stays in backups, which are kept " + QByteArray::number(*keptDays) + " days\n";
}

Result<> undoPurge(Writing &writing, const Command &command, QByteArray &output)
{
    const Result<Named> project = projectOf(writing, command);
    if (!project)
        return project.error();
    const Result<int> kept = RetentionTable(writing.database).undo(project->projectId, nowMs());
    if (!kept)
        return kept.error();
    output = QByteArray::number(*kept) + " photos stay\n";
    return *kept > 0 ? audit(writing, project->account.accountId, u"purge.undone"_s, idText(project->projectId), {{u"photos"_s, *kept}}) : Result<>();
}

Result<> retireProject(Writing &writing, const Command &command)
{
    const bool isActive = command.what == Command::What::ProjectRestore;
    return sayOf(writing, command, isActive ? u"project.restored"_s : u"project.retired"_s, [isActive](ProjectBoard::Said &said) {
        said.isActive = isActive;
        return QJsonObject();
    });
}

Result<> retireAppVersion(Writing &writing, const Command &command)
{
    const bool isActive = command.what == Command::What::AppRestore;
    return retired(writing, Catalogue(writing.database).setAppVersionActive(command.name, isActive), u"app_version"_s, command.name, isActive);
}

Result<> retirePhotoType(Writing &writing, const Command &command)
{
    const bool isActive = command.what == Command::What::TypeRestore;
    return retired(writing, Catalogue(writing.database).setPhotoTypeActive(command.name, isActive), u"photo_type"_s, command.name, isActive);
}

Result<> retireLocation(Writing &writing, const Command &command)
{
    const bool isActive = command.what == Command::What::LocationRestore;
    return retired(writing, Catalogue(writing.database).setLocationActive(command.name, isActive), u"storage_location"_s, command.name, isActive);
}

} // namespace photolift::server
