#include "app/server/commands/command.h"

#include "app/server/work/retentiontable.h"
#include "models/wire/messages.h"

#include <QCommandLineParser>
#include <QDateTime>
#include <QTimeZone>

#include <array>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

struct Form {
    const char *words;
    Command::What what;
    bool hasName;
    const char *help;
};

constexpr std::array<Form, 43> Forms{{
    {"", Command::What::Serve, false, "serve (the default)"},
    {"check", Command::What::Check, false, "judge the configuration, reach database and store, change nothing"},
    {"migrate", Command::What::Migrate, false, "make or renew the database's tables, as their owner"},
    {"store prepare", Command::What::StorePrepare, false, "set the bucket up: no public access, no foreign copies, unfinished uploads ended after a day"},
    {"account add", Command::What::AccountAdd, true, "NAME [--type person|organisation|test] [--test] [--quota 2T]: somebody who owns photos; --test: to try things with, marked in the figures"},
    {"account close", Command::What::AccountClose, true, "NAME: nobody of it comes in any more; nothing is removed"},
    {"account open", Command::What::AccountOpen, true, "NAME: its people come in again"},
    {"account quota", Command::What::AccountQuota, true, "NAME --quota 2T|none: how much it may keep; what is there stays"},
    {"account list", Command::What::AccountList, false, "all accounts with their type, quota and what is used of it"},
    {"user add", Command::What::UserAdd, true, "NAME --role R [--account A]: a person; R: photographer, coordinator, support, analyst, admin"},
    {"user role", Command::What::UserRole, true, "NAME --role R: another role"},
    {"user close", Command::What::UserClose, true, "NAME: the person does not come in any more; nothing is removed"},
    {"user open", Command::What::UserOpen, true, "NAME: a person who was closed comes in again, with the device tokens that still hold"},
    {"user export", Command::What::UserExport, true, "NAME --into FOLDER: everything the records hold of a person, and the originals of their photos"},
    {"user erase", Command::What::UserErase, true, "NAME --dry-run|--yes: the person is shut out at once, and goes a day later: name, photos, paths; counts and times stay"},
    {"user erase undo", Command::What::UserEraseUndo, true, "NAME: within that day: the person is there as before"},
    {"token create", Command::What::TokenCreate, true, "NAME [--days 365] [--label L]: prints a device token for a person, this once"},
    {"token list", Command::What::TokenList, true, "NAME: the device tokens of a person"},
    {"token revoke", Command::What::TokenRevoke, true, "ID: the device is shut out within a minute"},
    {"device list", Command::What::DeviceList, false, "every device with its person, its app version and when it was last seen; the most silent one first"},
    {"project list", Command::What::ProjectList, false, "[--account A]: the account's projects, what of each has arrived, and is missing; open ones first"},
    {"project set", Command::What::ProjectSet, true, "ID [--state open|complete|delivered] [--purge-after 7|DAYS|keep] [--account A]: for an archive 7 days are the offered default"},
    {"project retire", Command::What::ProjectRetire, true, "ID [--account A]: it takes no new photos; nothing is removed"},
    {"project restore", Command::What::ProjectRestore, true, "ID [--account A]: it takes photos again"},
    {"app retire", Command::What::AppRetire, true, "VERSION: whoever runs it is told to update before the next photo"},
    {"app restore", Command::What::AppRestore, true, "VERSION: it may bring photos again"},
    {"type retire", Command::What::TypeRetire, true, "JPEG|RAW|...: new photos of this type are not accepted; nothing is removed"},
    {"type restore", Command::What::TypeRestore, true, "JPEG|RAW|...: they are accepted again"},
    {"location retire", Command::What::LocationRetire, true, "folder|s3: no new objects go there; uploads wait"},
    {"location restore", Command::What::LocationRestore, true, "folder|s3: new objects go there again"},
    {"group add", Command::What::GroupAdd, true, "NAME [--region R]: people and devices that charts can show together"},
    {"group list", Command::What::GroupList, false, "[--retired]: the groups in use, or else the retired ones, and who belongs to each, and when"},
    {"group set", Command::What::GroupSet, true, "NAME [--name N] [--region R]"},
    {"group retire", Command::What::GroupRetire, true, "NAME: it takes no new members, and who is in it belongs to it until now"},
    {"group restore", Command::What::GroupRestore, true, "NAME: it takes members again"},
    {"group member add", Command::What::GroupMemberAdd, true, "GROUP --user NAME|--device ID [--from DATE] [--until DATE]"},
    {"group member remove", Command::What::GroupMemberRemove, true, "GROUP --user NAME|--device ID [--until DATE]: now, or from that date on"},
    {"jobs list", Command::What::JobsList, false, "what the workers still have to do, the oldest first"},
    {"jobs retry", Command::What::JobsRetry, true, "UPLOAD|RUN|all: at once instead of after its pause; RUN, all: each that has failed"},
    {"reprocess", Command::What::Reprocess, false, "--stage S --where COLUMN=VALUE... [--dry-run]: a stage runs again for stored photos, behind all uploads"},
    {"reprocess list", Command::What::ReprocessList, false, "what was asked for, how much of it remains, how much has failed"},
    {"purge", Command::What::PurgeDryRun, false, "--dry-run [--account A]: what is about to be purged, by project, and who is about to be erased; the role retention does it"},
    {"purge undo", Command::What::PurgeUndo, true, "PROJECT [--account A]: its photos that are about to be purged stay, and their days count anew"},
}};

QString helpText(const QCommandLineParser &parser)
{
    QString text = parser.helpText() + u"\nWith --config, a command may follow:\n"_s;
    for (const Form &form : Forms) {
        if (form.words[0] != '\0')
            text += u"  %1  %2\n"_s.arg(QLatin1StringView(form.words), -19).arg(QLatin1StringView(form.help));
    }
    return text + u"\nFor one computer alone:\n  photolift-server --embedded --data DIR --listen 127.0.0.1:0   (--embedded --help says more)\n"_s;
}

/// 500G, 2T: powers of 1000, as disks are sold.
std::optional<qint64> bytesFrom(QString text)
{
    static const QString Units = u"kMGT"_s;
    qint64 factor = 1;
    if (const qsizetype unit = text.isEmpty() ? -1 : Units.indexOf(text.back()); unit >= 0) {
        for (qsizetype i = 0; i <= unit; ++i)
            factor *= 1000;
        text.chop(1);
    }
    bool isNumber = false;
    const qint64 number = text.toLongLong(&isNumber);
    constexpr qint64 Most = 1'000'000'000'000'000'000;
    return isNumber && number > 0 && number <= Most / factor ? std::optional(number * factor) : std::nullopt;
}

/// Of a name.
constexpr qsizetype MostCharacters = 200;

struct ProjectOptions {
    QCommandLineOption state{u"state"_s, u"open, complete or delivered"_s, u"STATE"_s};
    QCommandLineOption purgeAfter{u"purge-after"_s, u"How many days a project keeps its photos: 7 is the offered default for an archive; keep: for good, as without a rule"_s, u"DAYS"_s};
    QCommandLineOption dryRun{u"dry-run"_s, u"Say what would be done, and do nothing"_s};

    QList<QCommandLineOption> all() const { return {state, purgeAfter, dryRun}; }

    /// What is wrong with them; empty: nothing.
    QString read(const QCommandLineParser &parser, Command &command) const
    {
        using What = Command::What;
        command.state = parser.value(state);
        if (parser.isSet(state) && !wire::isProjectState(command.state))
            return u"--state is open, complete or delivered"_s;
        if (const QString days = parser.value(purgeAfter); days == "keep"_L1) {
            command.purgeAfterDays = 0;
        } else if (parser.isSet(purgeAfter)) {
            command.purgeAfterDays = days.toInt(); // 0 of what is no number
            if (*command.purgeAfterDays < 1 || *command.purgeAfterDays > RetentionTable::MostDays)
                return u"--purge-after is a number of days, from 1 to %1, or keep"_s.arg(RetentionTable::MostDays);
        }
        if (command.what == What::ProjectSet && command.state.isEmpty() && !command.purgeAfterDays)
            return u"--state or --purge-after is needed"_s;
        return command.what == What::PurgeDryRun && !parser.isSet(dryRun) ? u"--dry-run is needed: the role retention purges, by itself"_s : QString();
    }
};

struct ReprocessOptions {
    QCommandLineOption stage{u"stage"_s, u"A stage that runs again: "_s + ReprocessFilter::stages().join(u", "_s), u"STAGE"_s};
    QCommandLineOption where{u"where"_s, u"Which photos; may be given several times, and all have to hold: "_s + ReprocessFilter::columns().join(u", "_s),
                             u"COLUMN=VALUE"_s};

    QList<QCommandLineOption> all() const { return {stage, where}; }

    /// What is wrong with them; empty: nothing.
    QString read(const QCommandLineParser &parser, Command &command) const
    {
        if (command.what != Command::What::Reprocess)
            return parser.isSet(stage) || parser.isSet(where) ? u"--stage and --where belong to reprocess"_s : QString();
        const QString stages = u"; --stage is one of "_s + ReprocessFilter::stages().join(u", "_s);
        const std::optional<Stage> given = stageFromName(parser.value(stage));
        if (!given)
            return u"there is no stage \""_s + parser.value(stage) + u'"' + stages;
        if (const QString why = ReprocessFilter::whyNot(*given); !why.isEmpty())
            return why + stages;
        command.stage = *given;
        const QStringList conditions = parser.values(where);
        for (const QString &condition : conditions) {
            if (const QString wrong = command.photos.add(condition); !wrong.isEmpty())
                return wrong;
        }
        return command.photos.isEmpty() ? u"--where is needed, with one of these columns: "_s + ReprocessFilter::columns().join(u", "_s) : QString();
    }
};

struct GroupOptions {
    QCommandLineOption name{u"name"_s, u"Another name for a group"_s, u"NAME"_s};
    QCommandLineOption region{u"region"_s, u"Where a group is; empty: nowhere"_s, u"TEXT"_s};
    QCommandLineOption retired{u"retired"_s, u"The retired groups"_s};
    QCommandLineOption user{u"user"_s, u"A person, as member of a group"_s, u"NAME"_s};
    QCommandLineOption device{u"device"_s, u"A device, as member of a group"_s, u"ID"_s};
    QCommandLineOption from{u"from"_s, u"The first day of a membership (UTC); now without it"_s, u"YYYY-MM-DD"_s};
    QCommandLineOption until{u"until"_s, u"The day (UTC) a membership does not last any more"_s, u"YYYY-MM-DD"_s};

    QList<QCommandLineOption> all() const { return {name, region, retired, user, device, from, until}; }

    /// What is wrong with them; empty: nothing.
    QString read(const QCommandLineParser &parser, Command &command) const
    {
        using What = Command::What;
        command.newName = parser.value(name);
        if (parser.isSet(region))
            command.region = parser.value(region);
        command.isRetired = parser.isSet(retired);
        command.user = parser.value(user);
        command.device = parser.value(device);
        if (command.newName.size() > MostCharacters || command.region.value_or(QString()).size() > MostCharacters)
            return u"--name and --region have at most 200 characters"_s;
        if (command.what == What::GroupSet && command.newName.trimmed().isEmpty() && !command.region)
            return u"--name or --region is needed"_s;
        if (command.what != What::GroupMemberAdd && command.what != What::GroupMemberRemove)
            return {};
        if (command.user.isEmpty() == command.device.isEmpty())
            return u"--user or --device is needed, one of them"_s;
        for (const auto &[option, ms] : {std::pair(&from, &command.fromMs), std::pair(&until, &command.untilMs)}) {
            if (!parser.isSet(*option))
                continue;
            const QDate day = QDate::fromString(parser.value(*option), Qt::ISODate);
            if (!day.isValid())
                return u"--from and --until are days such as 2026-12-01"_s;
            *ms = QDateTime(day, QTime(0, 0), QTimeZone::utc()).toMSecsSinceEpoch();
        }
        const bool isBackwards = command.what == What::GroupMemberAdd && command.untilMs
            && *command.untilMs <= command.fromMs.value_or(QDateTime::currentMSecsSinceEpoch());
        return isBackwards ? u"--until is a day after --from"_s : QString();
    }
};

} // namespace

QStringList commandWords()
{
    QStringList all;
    for (const Form &form : Forms)
        all.append(QString::fromLatin1(form.words));
    return all;
}

std::variant<Command, QString> commandFrom(const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(u"The Photolift server of an organisation: PostgreSQL and an S3 store."_s);
    const QCommandLineOption help = parser.addHelpOption();
    const QCommandLineOption config(u"config"_s, u"The configuration (TOML)."_s, u"FILE"_s);
    const QCommandLineOption logs(u"logs"_s, u"Keep the log in FOLDER/server.log instead of writing it to standard error."_s, u"FOLDER"_s);
    const QCommandLineOption role(u"role"_s, u"photographer, coordinator, support, analyst or admin"_s, u"ROLE"_s);
    const QCommandLineOption account(u"account"_s, u"The account of a new person (\"default\" is made when missing) or of a project"_s, u"NAME"_s, u"default"_s);
    const QCommandLineOption type(u"type"_s, u"person, organisation or test"_s, u"TYPE"_s, u"organisation"_s);
    const QCommandLineOption test(u"test"_s, u"An account to try things with, of whatever type"_s);
    const QCommandLineOption quota(u"quota"_s, u"How many bytes an account may keep, such as 500G, or none"_s, u"BYTES"_s);
    const QCommandLineOption days(u"days"_s, u"How long a device token lives"_s, u"DAYS"_s, u"365"_s);
    const QCommandLineOption label(u"label"_s, u"Where a device token is used"_s, u"TEXT"_s);
    const QCommandLineOption sure(u"yes"_s, u"Do what can be taken back for a day only"_s);
    const QCommandLineOption into(u"into"_s, u"Where an export goes; it is made"_s, u"FOLDER"_s);
    parser.addOptions({config, logs, role, account, type, test, quota, days, label, into, sure});
    const ProjectOptions project;
    parser.addOptions(project.all());
    const GroupOptions group;
    parser.addOptions(group.all());
    const ReprocessOptions reprocess;
    parser.addOptions(reprocess.all());

    const auto wrong = [&parser](const QString &why) {
        return QString(why.isEmpty() ? helpText(parser) : QString(why % u"\n\n" % helpText(parser)));
    };
    if (!parser.parse(arguments))
        return wrong(parser.errorText());
    if (parser.isSet(help))
        return wrong({});
    if (parser.value(config).isEmpty())
        return wrong(u"--config or --embedded is needed"_s);

    Command command;
    command.configFile = parser.value(config);
    command.logFolder = parser.value(logs);
    QStringList words = parser.positionalArguments();
    const auto form = std::find_if(Forms.begin(), Forms.end(), [&words](const Form &candidate) {
        const QStringList wanted = QString::fromLatin1(candidate.words).split(u' ', Qt::SkipEmptyParts);
        return words.size() == wanted.size() + (candidate.hasName ? 1 : 0) && words.first(wanted.size()) == wanted;
    });
    if (form == Forms.end())
        return wrong(u"no such command: "_s + words.join(u' '));
    command.what = form->what;
    if (form->hasName)
        command.name = words.last();
    if (form->hasName && (command.name.trimmed().isEmpty() || command.name.size() > MostCharacters))
        return wrong(u"a name of 1 to 200 characters is needed"_s);

    const bool needsRole = command.what == Command::What::UserAdd || command.what == Command::What::UserRole;
    const std::optional<Role> given = roleFromName(parser.value(role));
    if (needsRole && !given)
        return wrong(u"--role is needed: photographer, coordinator, support, analyst or admin"_s);
    command.role = given.value_or(Role::Photographer);
    command.account = parser.value(account);
    command.accountType = parser.value(type);
    if (!QStringList{u"person"_s, u"organisation"_s, u"test"_s}.contains(command.accountType))
        return wrong(u"--type is person, organisation or test"_s);
    command.isTest = parser.isSet(test) || command.accountType == u"test"_s;
    const bool isQuotaNeeded = command.what == Command::What::AccountQuota;
    if (isQuotaNeeded && !parser.isSet(quota))
        return wrong(u"--quota is needed: a number of bytes, such as 500G or 2T, or none"_s);
    if (parser.isSet(quota) && !(isQuotaNeeded && parser.value(quota) == "none"_L1)) {
        command.quotaBytes = bytesFrom(parser.value(quota));
        if (!command.quotaBytes)
            return wrong(u"--quota is a number of bytes, such as 500G or 2T"_s);
    }
    bool isNumber = false;
    command.days = parser.value(days).toInt(&isNumber);
    if (!isNumber || command.days < 1 || command.days > 3650)
        return wrong(u"--days is a number from 1 to 3650"_s);
    command.label = parser.value(label);
    command.into = parser.value(into);
    if (command.what == Command::What::UserExport && command.into.isEmpty())
        return wrong(u"--into is needed"_s);
    if (const QString why = project.read(parser, command); !why.isEmpty())
        return wrong(why);
    if (const QString why = group.read(parser, command); !why.isEmpty())
        return wrong(why);
    if (const QString why = reprocess.read(parser, command); !why.isEmpty())
        return wrong(why);
    command.isDryRun = parser.isSet(project.dryRun);
    command.isSure = parser.isSet(sure);
    if (command.what == Command::What::UserErase && command.isDryRun == command.isSure)
        return wrong(u"--yes is needed, because there is no way back after a day, or else --dry-run"_s);
    return command;
}

} // namespace photolift::server
