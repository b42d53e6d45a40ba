#include "app/server/commands/command.h"
#include "app/server/commands/devicecommands.h"
#include "app/server/commands/runcommand.h"
#include "app/server/exitcode.h"
#include "app/server/people/auditlog.h"
#include "app/server/people/peopletable.h"
#include "models/vocabulary/ids.h"
#include "tests/server/apitest.h"
#include "tests/server/recordsearch.h"

#include <QDir>
#include <QRegularExpression>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;
using namespace photolift::server;

namespace {

/// One command, run in this order, and the one row it leaves. Texts that begin with SELECT are asked of the database: arguments before the command,
/// the others behind it.
struct Step {
    QString words;
    QStringList arguments; ///< {folder}: one of the test's own
    QString account;       ///< whose chain has the row
    QString action;
    QString subject;
    QString beforehand = {}; ///< SQL, done first
};

const QString Wedding = u"SELECT project_id FROM dim_projects WHERE project_name = 'Wedding'"_s;
const QString Studio = u"studio-id"_s;
const QString Server = u"server"_s; ///< what is not of one account
const QString Other = u"SELECT account_id FROM server_accounts WHERE account_name = 'Other'"_s;
const QString Carla = u"SELECT user_id FROM server_users WHERE user_name = 'carla'"_s;
const QString Token = u"SELECT token_id FROM server_device_tokens"_s;
const QString Location = u"SELECT storage_provider FROM dim_storage_locations WHERE storage_location_key > 0"_s;
const QString Berlin = u"SELECT group_key FROM dim_device_groups WHERE group_key > 0"_s;

const QList<Step> &steps()
{
    static const QList<Step> Steps{
        {u"account add"_s, {u"Other"_s}, Other, u"account.added"_s, Other},
        {u"account close"_s, {u"Other"_s}, Other, u"account.closed"_s, Other},
        {u"account open"_s, {u"Other"_s}, Other, u"account.opened"_s, Other},
        {u"account quota"_s, {u"Other"_s, u"--quota"_s, u"2T"_s}, Other, u"account.quota_changed"_s, Other},
        {u"account list"_s, {}, Server, u"accounts.viewed"_s, Server},
        {u"user add"_s, {u"carla"_s, u"--role"_s, u"photographer"_s, u"--account"_s, u"Studio"_s}, Studio, u"user.added"_s, Carla},
        {u"user role"_s, {u"carla"_s, u"--role"_s, u"coordinator"_s}, Studio, u"user.role_changed"_s, Carla},
        {u"user close"_s, {u"carla"_s}, Studio, u"user.closed"_s, Carla},
        {u"user open"_s, {u"carla"_s}, Studio, u"user.opened"_s, Carla},
        {u"token create"_s, {u"carla"_s}, Studio, u"token.created"_s, Token},
        {u"token list"_s, {u"carla"_s}, Studio, u"tokens.viewed"_s, Carla},
        {u"token revoke"_s, {Token}, Studio, u"token.revoked"_s, Token},
        {u"user export"_s, {u"carla"_s, u"--into"_s, u"{folder}/carla"_s}, Studio, u"user.exported"_s, Carla},
        {u"user erase"_s, {u"carla"_s, u"--dry-run"_s}, Studio, u"erasure.viewed"_s, Carla},
        {u"user erase"_s, {u"carla"_s, u"--yes"_s}, Studio, u"user.erased"_s, Carla},
        {u"user erase undo"_s, {u"carla"_s}, Studio, u"user.erase_undone"_s, Carla},
        {u"device list"_s, {}, Server, u"devices.viewed"_s, Server},
        {u"project list"_s, {u"--account"_s, u"Studio"_s}, Studio, u"projects.viewed"_s, Studio},
        {u"project set"_s, {Wedding, u"--state"_s, u"complete"_s, u"--account"_s, u"Studio"_s}, Studio, u"project.state_changed"_s, Wedding},
        {u"project set"_s, {Wedding, u"--purge-after"_s, u"7"_s, u"--account"_s, u"Studio"_s}, Studio, u"project.purge_after_changed"_s, Wedding},
        {u"purge"_s, {u"--dry-run"_s, u"--account"_s, u"Studio"_s}, Studio, u"purges.viewed"_s, Studio},
        {u"purge undo"_s, {Wedding, u"--account"_s, u"Studio"_s}, Studio, u"purge.undone"_s, Wedding, u"UPDATE server_assets SET purge_ms = 1"_s},
        {u"project retire"_s, {Wedding, u"--account"_s, u"Studio"_s}, Studio, u"project.retired"_s, Wedding},
        {u"project restore"_s, {Wedding, u"--account"_s, u"Studio"_s}, Studio, u"project.restored"_s, Wedding},
        {u"app retire"_s, {u"0.1.0"_s}, Server, u"app_version.retired"_s, u"0.1.0"_s},
        {u"app restore"_s, {u"0.1.0"_s}, Server, u"app_version.restored"_s, u"0.1.0"_s},
        {u"type retire"_s, {u"JPEG"_s}, Server, u"photo_type.retired"_s, u"JPEG"_s},
        {u"type restore"_s, {u"JPEG"_s}, Server, u"photo_type.restored"_s, u"JPEG"_s},
        {u"location retire"_s, {Location}, Server, u"storage_location.retired"_s, Location},
        {u"location restore"_s, {Location}, Server, u"storage_location.restored"_s, Location},
        {u"group add"_s, {u"Berlin"_s}, Server, u"group.added"_s, Berlin},
        {u"group set"_s, {u"Berlin"_s, u"--region"_s, u"eu"_s}, Server, u"group.changed"_s, Berlin},
        {u"group member add"_s, {u"Berlin"_s, u"--user"_s, u"carla"_s}, Server, u"group.member_added"_s, Berlin},
        {u"group list"_s, {}, Server, u"groups.viewed"_s, Server},
        {u"group member remove"_s, {u"Berlin"_s, u"--user"_s, u"carla"_s}, Server, u"group.member_removed"_s, Berlin},
        {u"group retire"_s, {u"Berlin"_s}, Server, u"group.retired"_s, Berlin},
        {u"group restore"_s, {u"Berlin"_s}, Server, u"group.restored"_s, Berlin},
        {u"jobs list"_s, {}, Server, u"jobs.viewed"_s, Server},
        {u"reprocess"_s, {u"--stage"_s, u"processing"_s, u"--where"_s, u"user=anna"_s, u"--dry-run"_s}, Server, u"reprocess.counted"_s, Server},
        {u"reprocess"_s,
         {u"--stage"_s, u"processing"_s, u"--where"_s, u"user=anna"_s},
         Server,
         u"reprocess.begun"_s,
         u"SELECT run_id FROM server_reprocess_runs"_s},
    };
    return Steps;
}

/// What neither changes rights nor shows anybody's data, and why; not to be made longer for a list of anything people own.
const QHash<QString, QString> &commandsWithoutRows()
{
    static const QHash<QString, QString> Without{
        {QString(), u"serving: each route has rows of its own"_s},
        {u"check"_s, u"changes nothing, shows nothing"_s},
        {u"migrate"_s, u"as the owner of the tables, who has no row to begin with"_s},
        {u"store prepare"_s, u"settings of the bucket"_s},
        {u"jobs retry"_s, u"ends a pause"_s},
        {u"reprocess list"_s, u"what the administrator asked for"_s},
    };
    return Without;
}

} // namespace

/// What an administrator types, and the row that each command leaves in the audit log when it changes rights or looks at somebody's data. The commands
/// themselves, on both engines.
class TestCommandAudit : public ApiTest
{
    Q_OBJECT

private Q_SLOTS:
    void everyCommandIsInOneTable();
    void everyCommandLeavesItsRow();
    void whatIsRefusedLeavesNone();
    void anAccountToTryThingsWithIsMarked();
    void devicesAreListedWithTheirLastSign();

private:
    void prepare() override;
    int run(const QString &words, const QStringList &arguments);
    QStringList audited() const
    {
        return rowsOf(*rig, u"SELECT account_id, number, actor, action, subject FROM server_audit ORDER BY account_id, number"_s);
    }
    QString asked(const QString &text) const { return text.startsWith("SELECT "_L1) ? rig->sql(text).toString() : text; }

    QTemporaryDir m_folders;
    QString m_folder; ///< of what commands write, another one for each function and engine
};

void TestCommandAudit::prepare()
{
    rig->start();
    rig->onDatabase([](const QSqlDatabase &database) {
        const PeopleTable people(database);
        QVERIFY(people.add(Account{Studio, u"Studio"_s, u"organisation"_s, false, {}, true}, 1));
        QVERIFY(people.add(User{u"anna-id"_s, Studio, u"anna"_s, Role::Photographer, true}, 1));
    });
    m_folder = m_folders.filePath(QUuid::createUuid().toString(QUuid::Id128));
    QVERIFY(QDir().mkpath(m_folder));
    rig->caller = {Studio, u"anna-id"_s, Role::Photographer, {}};
    Photo photo = photoOf(1);
    photo.question.project.name = u"Wedding"_s;
    QCOMPARE(rig->upload(photo).status, Status::Succeeded);
    rig->stop();
}

int TestCommandAudit::run(const QString &words, const QStringList &arguments)
{
    QStringList line{u"photolift-server"_s, u"--config"_s, u"config.toml"_s};
    line += words.split(u' ', Qt::SkipEmptyParts);
    for (QString argument : arguments)
        line.append(asked(argument.replace("{folder}"_L1, m_folder)));
    const auto command = commandFrom(line);
    if (const QString *complaint = std::get_if<QString>(&command)) {
        qWarning().noquote() << *complaint;
        return Usage;
    }
    ServerConfig config;
    config.dataFolder = rig->options.dataFolder;
    config.isSqlite = !rig->options.postgres;
    config.database = rig->options.postgres;
    return runCommand(std::get<Command>(command), config);
}

void TestCommandAudit::everyCommandIsInOneTable()
{
    QSet<QString> told;
    for (const Step &step : steps()) {
        QVERIFY2(!commandsWithoutRows().contains(step.words), qPrintable(step.words));
        told.insert(step.words);
    }
    for (auto without = commandsWithoutRows().cbegin(); without != commandsWithoutRows().cend(); ++without)
        told.insert(without.key());
    const QStringList all = commandWords();
    for (const QString &words : all)
        QVERIFY2(told.remove(words), qPrintable(u"no row of this test says what \"%1\" leaves in the audit log"_s.arg(words)));
    QVERIFY2(told.isEmpty(), qPrintable(u"no such command: "_s + told.values().join(u", "_s)));
}

void TestCommandAudit::everyCommandLeavesItsRow()
{
    for (const Step &step : steps()) {
        if (!step.beforehand.isEmpty())
            rig->change(step.beforehand);
        const QStringList before = audited();

        QVERIFY2(run(step.words, step.arguments) == Fine, qPrintable(step.words));

        QStringList left = audited();
        for (const QString &row : before)
            QVERIFY2(left.removeOne(row), qPrintable(step.words + u" changed "_s + row));
        const QString account = asked(step.account);
        const qsizetype number = before.filter(QRegularExpression(u'^' + QRegularExpression::escape(account) + u"\\|"_s)).size() + 1;
        const QString expected = u"%1|%2|command|%3|%4"_s.arg(account).arg(number).arg(step.action, asked(step.subject));
        QVERIFY2(left == QStringList{expected}, qPrintable(step.words + u" left\n"_s + left.join(u'\n') + u"\nand not\n"_s + expected));
    }
    rig->onDatabase([this](const QSqlDatabase &database) {
        for (const QString &account : {Studio, Server, asked(Other)})
            QVERIFY(!AuditLog(database).firstBroken(account)->has_value());
    });
}

void TestCommandAudit::whatIsRefusedLeavesNone()
{
    QCOMPARE(run(u"user add"_s, {u"anna"_s, u"--role"_s, u"admin"_s, u"--account"_s, u"Studio"_s}), int(Failed));
    QCOMPARE(run(u"token list"_s, {u"nobody"_s}), int(Failed));
    QCOMPARE(run(u"token revoke"_s, {u"nobody"_s}), int(Failed));
    QCOMPARE(run(u"purge"_s, {u"--dry-run"_s, u"--account"_s, u"Nobody"_s}), int(Failed));

    QCOMPARE(audited(), QStringList());
}

void TestCommandAudit::anAccountToTryThingsWithIsMarked()
{
    QCOMPARE(run(u"account add"_s, {u"Real"_s}), int(Fine));
    QCOMPARE(run(u"account add"_s, {u"Trial"_s, u"--test"_s}), int(Fine));
    QCOMPARE(run(u"account add"_s, {u"Tests"_s, u"--type"_s, u"test"_s}), int(Fine));
    QCOMPARE(run(u"user add"_s, {u"tom"_s, u"--role"_s, u"photographer"_s, u"--account"_s, u"Trial"_s}), int(Fine));

    QCOMPARE(rowsOf(*rig, u"SELECT account_name, account_type, CASE WHEN is_test THEN 1 ELSE 0 END FROM server_accounts"
                          " WHERE account_name IN ('Real', 'Trial', 'Tests') ORDER BY account_name"_s),
             (QStringList{u"Real|organisation|0"_s, u"Tests|test|1"_s, u"Trial|organisation|1"_s}));
    QCOMPARE(rowsOf(*rig, u"SELECT d.account_type, CASE WHEN d.is_test_account THEN 1 ELSE 0 END FROM dim_users d JOIN server_users u"
                          " ON u.user_id = d.user_id WHERE u.user_name = 'tom'"_s),
             QStringList{u"organisation|1"_s});
}

void TestCommandAudit::devicesAreListedWithTheirLastSign()
{
    rig->start();
    HeartbeatRecord heartbeat;
    heartbeat.heartbeatId = newUuid7();
    heartbeat.surroundings = photoOf(1).question.attempt.surroundings;
    heartbeat.surroundings.device.deviceId = u"laptop\n\x1b[2J"_s; // whatever a client calls itself
    heartbeat.capturedMs = nowMs();
    QCOMPARE(rig->events({{heartbeat.heartbeatId, wire::MirrorEvent::Kind::Heartbeat, toJson(heartbeat)}}).json.value("applied"_L1).toInt(), 1);
    rig->stop();
    server::DatabaseThreads::Options options{.path = rig->options.dataFolder + u"/server.sqlite"_s, .postgres = rig->options.postgres, .writers = 1, .readers = 0};
    const auto database = DatabaseThreads::open(options);
    QVERIFY(database);

    QByteArray output;
    QVERIFY((*database)->writeAndWait([&output](Writing &writing) { return listDevices(writing, Command(), output); }));

    QVERIFY2(output.startsWith("laptop") && output.count('\n') == 1 && !output.contains('\x1b'), output.constData());
    QVERIFY2(output.contains("  user anna  app 0.1.0  last seen 20"), output.constData());
}

QTEST_GUILESS_MAIN(TestCommandAudit)
#include "tst_commandaudit.moc"
