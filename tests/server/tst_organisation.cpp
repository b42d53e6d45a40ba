#include "tests/support/clirun.h"
#include "tests/support/organisationrun.h"
#include "tests/support/smallphotos.h"

#include <QFile>
#include <QSet>
#include <QTest>
#include <QUuid>

using namespace Qt::StringLiterals;
using namespace photolift::support;

/// The whole installation of an organisation, set up by its commands and used by the real command line program.
class TestOrganisation : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void commandsSayWhatIsWrong_data();
    void commandsSayWhatIsWrong();
    void photosArriveThroughTheStore();
    void asManyPhotosAreOpenedAtOnceAsTheFileSays();
    void projectsAreListedAndSet();
    void coordinatorsSeeProjectsAndSetThem();
    void whatIsRetiredIsWrittenDown();
    void retiredAppVersionIsToldBeforeAnyPhoto();
    void retiredPhotoTypeIsSkipped();
    void groupsAreKept();
    void fullQuotaIsTold();
    void revokedTokenHoldsTheQueue();
    void roleThatMayNotUploadIsTold();
    void theServersLoginMayDoLittle_data();
    void theServersLoginMayDoLittle();
    void onlyToMigrateTheOwnersPasswordIsNeeded();
    void stopsInOrder();

private:
    QStringList upload(const QStringList &more) const
    {
        return QStringList{u"upload"_s, m_photos} + more;
    }
    /// Each run with a device token of its own: of one only so many exchanges a minute are allowed, and whoever has used them up waits.
    QStringList serverFor(const QString &user)
    {
        return {u"--server"_s, m_organisation.address().toString(), u"--token-file"_s, m_organisation.tokenFileFor(user)};
    }

    OrganisationRun m_organisation;
    QTemporaryDir m_folder;
    QString m_photos;
};

void TestOrganisation::initTestCase()
{
    QVERIFY2(m_organisation.start(), qPrintable(m_organisation.failure()));
    QVERIFY2(m_organisation.startServer(), qPrintable(m_organisation.failure()));
    m_photos = m_folder.filePath(u"photos"_s);
    for (int i = 0; i < 6; ++i)
        writeJpeg(m_photos + u"/100CANON/IMG_%1.JPG"_s.arg(i, 4, 10, QChar(u'0')), i);
    QFile large(m_photos + u"/100CANON/IMG_0000.JPG"_s); // of three parts: the zeros are behind the picture's end
    QVERIFY(large.resize(40 * 1024 * 1024));
    m_organisation.command({u"user"_s, u"add"_s, u"anna"_s, u"--role"_s, u"photographer"_s});
    QVERIFY2(m_organisation.lastExit() == 0, qPrintable(m_organisation.failure()));
}

void TestOrganisation::commandsSayWhatIsWrong_data()
{
    QTest::addColumn<QStringList>("words");
    QTest::addColumn<int>("exitCode");
    QTest::addColumn<QString>("says");
    QTest::newRow("no such command") << QStringList{u"dance"_s} << 2 << u"no such command: dance"_s;
    QTest::newRow("no role") << QStringList{u"user"_s, u"add"_s, u"ben"_s} << 2 << u"--role is needed"_s;
    QTest::newRow("no such role") << QStringList{u"user"_s, u"add"_s, u"ben"_s, u"--role"_s, u"owner"_s} << 2 << u"--role is needed"_s;
    QTest::newRow("a name taken") << QStringList{u"user"_s, u"add"_s, u"anna"_s, u"--role"_s, u"admin"_s} << 1 << u"there is a user of this name"_s;
    QTest::newRow("no such user") << QStringList{u"token"_s, u"create"_s, u"nobody"_s} << 1 << u"there is no user nobody"_s;
    QTest::newRow("no such account") << QStringList{u"user"_s, u"add"_s, u"ben"_s, u"--role"_s, u"admin"_s, u"--account"_s, u"x"_s} << 1
                                     << u"there is no account x"_s;
    QTest::newRow("no quota said") << QStringList{u"account"_s, u"quota"_s, u"default"_s} << 2 << u"--quota is needed"_s;
    QTest::newRow("no account may keep anything like this") << QStringList{u"account"_s, u"quota"_s, u"default"_s, u"--quota"_s, u"much"_s} << 2
                                                            << u"--quota is a number of bytes"_s;
    QTest::newRow("no such state") << QStringList{u"project"_s, u"set"_s, u"x"_s, u"--state"_s, u"lost"_s} << 2 << u"--state is open"_s;
    QTest::newRow("no such project") << QStringList{u"project"_s, u"set"_s, u"x"_s, u"--state"_s, u"complete"_s} << 1 << u"there is no project x"_s;
    QTest::newRow("nothing to set") << QStringList{u"project"_s, u"set"_s, u"x"_s} << 2 << u"--state or --purge-after is needed"_s;
    QTest::newRow("what is offered for an archive") << QStringList{u"project"_s, u"set"_s, u"x"_s} << 2 << u"for an archive 7 days are the offered default"_s;
    for (const QString &days : {u"0"_s, u"-1"_s, u"36501"_s, u"soon"_s})
        QTest::addRow("purge after %s", qPrintable(days)) << QStringList{u"project"_s, u"set"_s, u"x"_s, u"--purge-after"_s, days} << 2 << u"--purge-after is a number of days"_s;
    QTest::newRow("purge of no such project") << QStringList{u"project"_s, u"set"_s, u"x"_s, u"--purge-after"_s, u"7"_s} << 1 << u"there is no project x"_s;
    QTest::newRow("purge by hand") << QStringList{u"purge"_s} << 2 << u"--dry-run is needed"_s;
    QTest::newRow("purge undone of no such project") << QStringList{u"purge"_s, u"undo"_s, u"x"_s} << 1 << u"there is no project x"_s;
    QTest::newRow("no such version") << QStringList{u"app"_s, u"retire"_s, u"9.9"_s} << 1 << u"there is no app_version 9.9"_s;
    QTest::newRow("no such group") << QStringList{u"group"_s, u"retire"_s, u"Bern"_s} << 1 << u"there is no group Bern"_s;
    const QStringList memberAdd{u"group"_s, u"member"_s, u"add"_s, u"Bern"_s};
    QTest::newRow("no member") << memberAdd << 2 << u"--user or --device is needed"_s;
    QTest::newRow("no day") << memberAdd + QStringList{u"--user"_s, u"anna"_s, u"--from"_s, u"soon"_s} << 2 << u"--from and --until are days"_s;
    QTest::newRow("a membership that ends before it begins")
        << memberAdd + QStringList{u"--user"_s, u"anna"_s, u"--from"_s, u"2026-05-02"_s, u"--until"_s, u"2026-05-02"_s} << 2 << u"--until is a day after"_s;
    QTest::newRow("nothing to set") << QStringList{u"group"_s, u"set"_s, u"Bern"_s} << 2 << u"--name or --region is needed"_s;
    QTest::newRow("no such photo type") << QStringList{u"type"_s, u"retire"_s, u"MP3"_s} << 1 << u"there is no photo_type MP3"_s;
    QTest::newRow("no such token") << QStringList{u"token"_s, u"revoke"_s, u"x"_s} << 1 << u"there is no token x"_s;
    QTest::newRow("prepared and migrated again") << QStringList{u"store"_s, u"prepare"_s} << 0 << QString();
    QTest::newRow("migrated again") << QStringList{u"migrate"_s} << 0 << QString();
}

void TestOrganisation::commandsSayWhatIsWrong()
{
    QFETCH(const QStringList, words);
    QFETCH(const QString, says);

    const QByteArray output = m_organisation.command(words);

    QTEST(m_organisation.lastExit(), "exitCode");
    QVERIFY2(m_organisation.failure().contains(says), qPrintable(m_organisation.failure()));
    QVERIFY(output.isEmpty());
}

void TestOrganisation::photosArriveThroughTheStore()
{
    CliRun cli(m_folder.filePath(u"anna"_s));

    const CliAnswer first = cli.run(upload(serverFor(u"anna"_s)));
    QVERIFY2(first.faults.isEmpty(), qPrintable(first.toText()));
    QVERIFY2(first.exitCode == 0 && first.count("succeeded"_L1) == 6, qPrintable(first.toText()));
    const CliAnswer second = cli.run(upload(serverFor(u"anna"_s)));
    QVERIFY2(second.exitCode == 0 && second.count("duplicate"_L1) == 6, qPrintable(second.toText()));
    QCOMPARE(second.summary->bytes, 0);

    QCOMPARE(m_organisation.sql(u"SELECT count(*) FROM server_assets"_s), u"6"_s);
    QCOMPARE(m_organisation.sql(u"SELECT count(*) FROM fact_upload_attempts WHERE upload_status_key IN (5, 6)"_s), u"12"_s);
    QCOMPARE(m_organisation.sql(u"SELECT count(DISTINCT u.user_name) FROM fact_upload_attempts a JOIN dim_users d ON d.user_key = a.user_key"
                                " JOIN server_users u ON u.user_id = d.user_id WHERE u.user_name = 'anna'"_s),
             u"1"_s);
}

void TestOrganisation::asManyPhotosAreOpenedAtOnceAsTheFileSays()
{
    QFile log(m_organisation.path(u"server-0.log"_s));
    QVERIFY(log.open(QIODevice::ReadOnly));
    QVERIFY(log.readAll().contains("photos opened at a time: 3"));
}

void TestOrganisation::projectsAreListedAndSet()
{
    const QByteArray open = m_organisation.command({u"project"_s, u"list"_s}); // of photosArriveThroughTheStore: two drops of six
    QVERIFY2(open.contains("  open  expected 12 photos, "), open.constData());
    QVERIFY2(open.contains("missing 0 photos, 0 bytes  anna: Photos\n"), open.constData());

    m_organisation.command({u"project"_s, u"set"_s, QString::fromLatin1(open.first(36)), u"--state"_s, u"delivered"_s});

    QCOMPARE(m_organisation.lastExit(), 0);
    QVERIFY(m_organisation.command({u"project"_s, u"list"_s}).contains("  delivered  expected 12 photos, "));
}

void TestOrganisation::coordinatorsSeeProjectsAndSetThem()
{
    m_organisation.command({u"user"_s, u"add"_s, u"cora"_s, u"--role"_s, u"coordinator"_s});
    QVERIFY2(m_organisation.lastExit() == 0, qPrintable(m_organisation.failure()));
    CliRun cli(m_folder.filePath(u"cora"_s));
    const auto run = [&](const QStringList &words, const QString &who = u"cora"_s) {
        // Each with a token of its own: of one only so many exchanges a minute are allowed, and whoever has used them up waits.
        return cli.run(words + QStringList{u"--server"_s, m_organisation.address().toString(), u"--token-file"_s, m_organisation.tokenFileFor(who)});
    };

    const CliAnswer seen = run({u"projects"_s});
    QVERIFY2(seen.exitCode == 0 && seen.others.size() == 1, qPrintable(seen.toText()));
    const QJsonObject project = seen.others.first();
    QCOMPARE(project.value("event"_L1).toString(), u"project"_s);
    QCOMPARE(project.value("state"_L1).toString(), u"delivered"_s);
    QCOMPARE(project.value("owner"_L1).toString(), u"anna"_s);
    QCOMPARE(project.value("expected"_L1)["photos"_L1].toInt(), 12);
    QCOMPARE(project.value("arrived"_L1)["photos"_L1].toInt(), 12);
    QCOMPARE(project.value("missing"_L1)["photos"_L1].toInt(), 0);
    QVERIFY(project.value("expected"_L1)["bytes"_L1].toInteger() > 2 * 40 * 1024 * 1024);

    const QString id = project.value("project_id"_L1).toString();
    for (const QString &state : {u"complete"_s, u"open"_s, u"delivered"_s}) {
        const CliAnswer set = run({u"projects"_s, u"set"_s, id, state});
        QVERIFY2(set.exitCode == 0, qPrintable(set.toText()));
        QCOMPARE(m_organisation.sql(u"SELECT state FROM dim_projects WHERE project_id = '%1'"_s.arg(id)), state);
    }
    QVERIFY(m_organisation.tell(u"INSERT INTO dim_projects (project_id, project_name, owner_user_key, state) SELECT gen_random_uuid(), 'further ' || i,"
                                " p.owner_user_key, 'open' FROM dim_projects p, generate_series(1, 250) i WHERE p.project_id = '%1'"_s.arg(id)));
    const CliAnswer many = run({u"projects"_s}); // of three pages
    QVERIFY(m_organisation.tell(u"DELETE FROM dim_projects WHERE project_name LIKE 'further %'"_s));
    QCOMPARE(many.exitCode, 0);
    QCOMPARE(many.others.size(), 251);
    QSet<QString> names;
    for (const QJsonObject &line : many.others)
        names.insert(line.value("name"_L1).toString());
    QCOMPARE(names.size(), 251);
    QCOMPARE(many.others.first().value("state"_L1).toString(), u"open"_s);
    QCOMPARE(many.others.last().value("project_id"_L1).toString(), id); // the one that is delivered
    const CliAnswer unknown = run({u"projects"_s, u"set"_s, QUuid::createUuid().toString(QUuid::WithoutBraces), u"open"_s});
    QVERIFY2(unknown.exitCode == 1 && unknown.errorOutput.contains("there is no such project"), qPrintable(unknown.toText()));
    const CliAnswer refused = run({u"projects"_s}, u"anna"_s);
    QVERIFY2(refused.exitCode == 1 && refused.errorOutput.contains("for coordinators"), qPrintable(refused.toText()));
    QTRY_COMPARE(m_organisation.sql(u"SELECT count(*) FROM server_audit WHERE action = 'access.refused' AND detail_json LIKE '%\"projects\"%'"_s), u"1"_s);
}

void TestOrganisation::whatIsRetiredIsWrittenDown()
{
    const QString project = QString::fromLatin1(m_organisation.command({u"project"_s, u"list"_s}).first(36));
    const QString version = m_organisation.sql(u"SELECT max(app_version_number) FROM dim_app_versions WHERE app_version_key > 0"_s);
    for (const auto &[what, name] : {std::pair(u"project"_s, project), std::pair(u"app"_s, version), std::pair(u"type"_s, u"JPEG"_s), std::pair(u"location"_s, u"s3"_s)}) {
        m_organisation.command({what, u"retire"_s, name});
        QVERIFY2(m_organisation.lastExit() == 0, qPrintable(m_organisation.failure()));
    }
    QVERIFY(m_organisation.command({u"project"_s, u"list"_s}).contains("delivered, retired"));
    QCOMPARE(m_organisation.sql(u"SELECT string_agg(action, ' ' ORDER BY action) FROM server_audit WHERE action LIKE '%.retired'"_s),
             u"app_version.retired photo_type.retired project.retired storage_location.retired"_s);

    for (const auto &[what, name] : {std::pair(u"project"_s, project), std::pair(u"app"_s, version), std::pair(u"type"_s, u"JPEG"_s), std::pair(u"location"_s, u"s3"_s)})
        m_organisation.command({what, u"restore"_s, name});

    QCOMPARE(m_organisation.sql(u"SELECT count(*) FROM server_audit WHERE action LIKE '%.restored'"_s), u"4"_s);
    QVERIFY(!m_organisation.command({u"project"_s, u"list"_s}).contains("retired"));
}

void TestOrganisation::retiredAppVersionIsToldBeforeAnyPhoto()
{
    const QString version = m_organisation.sql(u"SELECT max(app_version_number) FROM dim_app_versions WHERE app_version_key > 0"_s);
    const QString attempts = u"SELECT count(*) FROM fact_upload_attempts"_s;
    const QString before = m_organisation.sql(attempts);
    m_organisation.command({u"app"_s, u"retire"_s, version});
    CliRun cli(m_folder.filePath(u"old"_s));

    const CliAnswer told = cli.run(upload(serverFor(u"anna"_s) + QStringList{u"--wait"_s, u"3s"_s}));
    QCOMPARE(told.count("succeeded"_L1), 0);
    QVERIFY2(!told.photos.isEmpty(), qPrintable(told.toText()));
    for (const CliPhoto &photo : told.photos)
        QVERIFY2(photo.errorCode == u"API_CLIENT_TOO_OLD"_s, qPrintable(told.toText()));
    QCOMPARE(m_organisation.sql(attempts), before);

    m_organisation.command({u"app"_s, u"restore"_s, version});
    const CliAnswer taken = cli.run(upload(serverFor(u"anna"_s)));
    QVERIFY2(taken.exitCode == 0, qPrintable(taken.toText()));
}

void TestOrganisation::retiredPhotoTypeIsSkipped()
{
    m_organisation.command({u"type"_s, u"retire"_s, u"JPEG"_s});
    CliRun cli(m_folder.filePath(u"jpegs"_s));

    const CliAnswer skipped = cli.run(upload(serverFor(u"anna"_s)));

    QVERIFY2(skipped.faults.isEmpty() && !skipped.photos.isEmpty(), qPrintable(skipped.toText()));
    for (const CliPhoto &photo : skipped.photos)
        QVERIFY2(photo.errorCode == u"SELECTION_NOT_ACCEPTED"_s, qPrintable(skipped.toText()));
    m_organisation.command({u"type"_s, u"restore"_s, u"JPEG"_s});
}

void TestOrganisation::groupsAreKept()
{
    const auto command = [this](const QStringList &words) {
        const QByteArray output = m_organisation.command(QStringList{u"group"_s} + words);
        return m_organisation.lastExit() == 0 ? output : QByteArray("refused");
    };
    const QString device = m_organisation.sql(u"SELECT device_id FROM dim_devices WHERE device_key > 0 LIMIT 1"_s);

    QCOMPARE(command({u"add"_s, u"rental"_s, u"--region"_s, u"eu"_s}), QByteArray());
    QCOMPARE(command({u"member"_s, u"add"_s, u"rental"_s, u"--user"_s, u"anna"_s, u"--from"_s, u"2026-01-05"_s, u"--until"_s, u"2026-02-01"_s}), QByteArray());
    QCOMPARE(command({u"member"_s, u"add"_s, u"rental"_s, u"--device"_s, device, u"--from"_s, u"2026-01-05"_s}), QByteArray());
    QCOMPARE(command({u"member"_s, u"remove"_s, u"rental"_s, u"--device"_s, device, u"--until"_s, u"2026-03-01"_s}), QByteArray());
    QCOMPARE(command({u"member"_s, u"remove"_s, u"rental"_s, u"--device"_s, device}), QByteArray("refused"));
    QCOMPARE(command({u"set"_s, u"rental"_s, u"--name"_s, u"rental laptops"_s}), QByteArray());

    const QByteArray listed = command({u"list"_s});
    QVERIFY2(listed.startsWith("rental laptops  region eu\n"), listed.constData());
    QVERIFY2(listed.contains("  user anna  from 2026-01-05T00:00:00+00:00  until 2026-02-01T00:00:00+00:00\n"), listed.constData());
    QVERIFY2(listed.contains(QByteArray("  device " + device.toUtf8() + "  from 2026-01-05T00:00:00+00:00  until 2026-03-01T00:00:00+00:00\n")), listed.constData());
    QCOMPARE(command({u"retire"_s, u"rental laptops"_s}), QByteArray());
    QCOMPARE(command({u"retire"_s, u"rental laptops"_s}), QByteArray()); // it is; nothing is written
    QCOMPARE(command({u"list"_s}), QByteArray());
    QCOMPARE(command({u"list"_s, u"--retired"_s}), listed);
    QCOMPARE(command({u"member"_s, u"add"_s, u"rental laptops"_s, u"--user"_s, u"anna"_s}), QByteArray("refused"));
    QCOMPARE(command({u"restore"_s, u"rental laptops"_s}), QByteArray());
    QCOMPARE(m_organisation.sql(u"SELECT string_agg(action, ' ' ORDER BY number) FROM server_audit WHERE action LIKE 'group.%'"_s),
             u"group.added group.member_added group.member_added group.member_removed group.changed group.retired group.restored"_s);
    QCOMPARE(m_organisation.sql(u"SELECT count(*) FROM server_audit WHERE action LIKE 'group.%' AND detail_json LIKE '%anna%'"_s), u"0"_s);
}

void TestOrganisation::fullQuotaIsTold()
{
    const auto list = [this] { return m_organisation.command({u"account"_s, u"list"_s}); };
    m_organisation.command({u"account"_s, u"add"_s, u"small"_s, u"--quota"_s, u"1k"_s});
    m_organisation.command({u"user"_s, u"add"_s, u"sam"_s, u"--role"_s, u"photographer"_s, u"--account"_s, u"small"_s});
    QCOMPARE(m_organisation.lastExit(), 0);
    QVERIFY(list().contains("small  organisation  0 of 1000 bytes\n"));
    CliRun cli(m_folder.filePath(u"sam"_s));

    const CliAnswer refused = cli.run(upload(serverFor(u"sam"_s) + QStringList{u"--wait"_s, u"3s"_s}));
    QCOMPARE(refused.count("succeeded"_L1), 0);
    QVERIFY2(std::any_of(refused.photos.begin(), refused.photos.end(),
                         [](const CliPhoto &photo) { return photo.errorCode == u"INITIATION_QUOTA_FULL"_s; }),
             qPrintable(refused.toText()));

    m_organisation.command({u"account"_s, u"quota"_s, u"small"_s, u"--quota"_s, u"none"_s});
    const CliAnswer taken = cli.run(upload(serverFor(u"sam"_s)));
    QVERIFY2(taken.exitCode == 0, qPrintable(taken.toText()));
    QVERIFY(list().contains("small  organisation  no quota\n"));
    QCOMPARE(m_organisation.sql(u"SELECT count(*) FROM server_audit WHERE action = 'account.quota_changed'"_s), u"1"_s);
}

void TestOrganisation::revokedTokenHoldsTheQueue()
{
    const QString token = m_organisation.tokenFileFor(u"anna"_s);
    const QString id = m_organisation.sql(u"SELECT token_id FROM server_device_tokens ORDER BY created_ms DESC LIMIT 1"_s);
    m_organisation.command({u"token"_s, u"revoke"_s, id});
    QCOMPARE(m_organisation.lastExit(), 0);
    QVERIFY(m_organisation.command({u"token"_s, u"list"_s, u"anna"_s}).contains("revoked"));

    CliRun cli(m_folder.filePath(u"revoked"_s));
    const CliAnswer answer = cli.run(upload({u"--server"_s, m_organisation.address().toString(), u"--token-file"_s, token, u"--wait"_s, u"3s"_s}));

    QVERIFY2(answer.exitCode == 1 || answer.exitCode == 3, qPrintable(answer.toText()));
    QCOMPARE(answer.count("succeeded"_L1), 0);
    for (const CliPhoto &photo : answer.photos)
        QCOMPARE(photo.errorCode, u"INITIATION_TOKEN_EXPIRED"_s);
}

void TestOrganisation::roleThatMayNotUploadIsTold()
{
    m_organisation.command({u"user"_s, u"add"_s, u"mara"_s, u"--role"_s, u"analyst"_s});
    const QString token = m_organisation.tokenFileFor(u"mara"_s);
    CliRun cli(m_folder.filePath(u"mara"_s));

    const CliAnswer answer = cli.run(upload({u"--server"_s, m_organisation.address().toString(), u"--token-file"_s, token, u"--wait"_s, u"5s"_s}));

    QCOMPARE(answer.exitCode, 1);
    QCOMPARE(answer.count("failed"_L1), 6);
    for (const CliPhoto &photo : answer.photos)
        QCOMPARE(photo.errorCode, u"API_NOT_ALLOWED"_s);
}

void TestOrganisation::theServersLoginMayDoLittle_data()
{
    QTest::addColumn<QString>("role");
    QTest::addColumn<QString>("statement");
    const auto row = [](const char *name, const QString &role, const QString &statement) { QTest::newRow(name) << role << statement; };
    row("app makes a table", u"app"_s, u"CREATE TABLE mine (x int)"_s);
    row("app drops one", u"app"_s, u"DROP TABLE server_assets"_s);
    row("app changes the audit log", u"app"_s, u"UPDATE server_audit SET actor = 'x'"_s);
    row("app empties the audit log", u"app"_s, u"TRUNCATE server_audit"_s);
    row("app removes facts", u"app"_s, u"DELETE FROM fact_upload_attempts"_s);
    row("app becomes the owner", u"app"_s, u"SET ROLE photolift_owner"_s);
    row("worker reads tokens", u"worker"_s, u"SELECT * FROM server_device_tokens"_s);
    row("analyst reads a table", u"analyst"_s, u"SELECT * FROM public.fact_upload_attempts"_s);
    row("analyst writes", u"analyst"_s, u"CREATE TABLE public.mine (x int)"_s);
}

void TestOrganisation::theServersLoginMayDoLittle()
{
    QFETCH(const QString, role);
    QFETCH(const QString, statement);
    QVERIFY(!m_organisation.tell(statement, u"photolift_"_s + role));
    QVERIFY2(m_organisation.failure().contains(u"42501"_s) || m_organisation.failure().contains(u"permission denied"_s)
                 || m_organisation.failure().contains(u"must be owner"_s),
             qPrintable(m_organisation.failure()));
}

void TestOrganisation::onlyToMigrateTheOwnersPasswordIsNeeded()
{
    const QString password = m_organisation.path(u"owner"_s);
    QVERIFY(QFile::rename(password, password + u".away"_s));

    for (const QStringList &words : {QStringList{u"check"_s}, QStringList{u"store"_s, u"prepare"_s}, QStringList{u"device"_s, u"list"_s}}) {
        m_organisation.command(words);
        QVERIFY2(m_organisation.lastExit() == 0, qPrintable(m_organisation.failure()));
    }
    QVERIFY2(m_organisation.startServer(), qPrintable(m_organisation.failure()));
    QCOMPARE(m_organisation.stopServer(1), 0);
    m_organisation.command({u"migrate"_s});
    QCOMPARE(m_organisation.lastExit(), 2);
    QVERIFY2(m_organisation.failure().contains(u"database.owner_password_file"_s), qPrintable(m_organisation.failure()));

    QVERIFY(QFile::rename(password + u".away"_s, password));
    m_organisation.command({u"migrate"_s});
    QVERIFY2(m_organisation.lastExit() == 0, qPrintable(m_organisation.failure()));
}

void TestOrganisation::stopsInOrder()
{
    QCOMPARE(m_organisation.stopServer(0), 0);
    QCOMPARE(m_organisation.sql(u"SELECT count(*) FROM server_jobs"_s), u"0"_s);
}

QTEST_GUILESS_MAIN(TestOrganisation)
#include "tst_organisation.moc"
