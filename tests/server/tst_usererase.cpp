#include "models/wire/messages.h"
#include "tests/server/recordsearch.h"
#include "tests/support/clirun.h"
#include "tests/support/organisationrun.h"
#include "tests/support/rawclient.h"
#include "tests/support/serverrun.h"
#include "tests/support/smallphotos.h"

#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QTest>

#include <algorithm>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::support;

namespace {

/// A photo that crashes whoever opens it.
QString writeHostile(const QString &path, int seed)
{
    writeJpeg(path, seed);
    QFile file(path);
    if (!file.open(QIODevice::Append) || file.write("HOSTILE:crash") < 0)
        qFatal("%s", qPrintable(file.errorString()));
    return path;
}

/// The first one that ended so; there is one.
CliPhoto photoThat(const CliAnswer &answer, const QString &status)
{
    for (const CliPhoto &photo : answer.photos) {
        if (photo.status == status)
            return photo;
    }
    qFatal("%s", qPrintable(answer.toText()));
}

} // namespace

/// `user erase` as an administrator types it, on PostgreSQL and a real store: what it says, who is shut out, how it is taken back, and that it comes to its
/// end though the process that does it is killed.
class TestUserErase : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void whatIsWrongIsSaid_data();
    void whatIsWrongIsSaid();
    void whoIsErasedIsShutOutAtOnceAndMayComeBack();
    void aKilledErasureIsFinished_data();
    void aKilledErasureIsFinished();

private:
    enum Process { Serving, Tidy };
    QByteArray erase(const QString &who, const QStringList &how = {u"--yes"_s})
    {
        return m_organisation.command(QStringList{u"user"_s, u"erase"_s, who} + how);
    }
    CliAnswer run(const QString &who, const QStringList &command)
    {
        CliRun cli(m_folder.filePath(who));
        return cli.run(command + QStringList{u"--server"_s, m_organisation.address(Serving).toString(), u"--token-file"_s, m_organisation.path(u"token-"_s + who)});
    }
    void addPerson(const QString &name, const QString &role = u"photographer"_s);
    /// One photo and one file that is none, with the person's name wherever there is room for one; with a seed for it, one that goes into quarantine.
    CliAnswer bring(const QString &who, int seed, int hostileSeed = 0);
    QString hashOfHostile(int seed) const { return sha256OfFile(writeHostile(m_folder.filePath(u"hostile.JPG"_s), seed)); }
    /// What /v1/info answers to this access token.
    int statusOf(const QByteArray &accessToken) const;
    /// Of a device of its own: of one only so many exchanges a minute are allowed.
    QByteArray newAccessTokenOf(const QString &who);
    QStringList placesOf(const QStringList &words) const;
    /// Lines of both servers' logs in which one of the words stands, in whatever case.
    QStringList logLinesWith(const QStringList &words) const;
    QString sql(const QString &query) { return m_organisation.sql(query); }

    OrganisationRun m_organisation;
    QTemporaryDir m_folder;
};

void TestUserErase::initTestCase()
{
    QVERIFY2(m_organisation.start(), qPrintable(m_organisation.failure()));
    QVERIFY2(m_organisation.openPhotosWith(programFolder() + u"/hostilephoto"_s), qPrintable(m_organisation.failure()));
    QVERIFY2(m_organisation.startServer({u"api"_s, u"worker"_s}), qPrintable(m_organisation.failure()));
    QVERIFY2(m_organisation.startServer({u"retention"_s}), qPrintable(m_organisation.failure()));
    QCOMPARE(m_organisation.stopServer(Tidy), 0);
}

void TestUserErase::addPerson(const QString &name, const QString &role)
{
    m_organisation.command({u"user"_s, u"add"_s, name, u"--role"_s, role});
    QVERIFY2(m_organisation.lastExit() == 0, qPrintable(m_organisation.failure()));
    const QByteArray token = m_organisation.command({u"token"_s, u"create"_s, name, u"--label"_s, name + u"'s laptop"_s});
    QVERIFY2(m_organisation.lastExit() == 0 && m_organisation.writePrivate(u"token-"_s + name, token), qPrintable(m_organisation.failure()));
}

CliAnswer TestUserErase::bring(const QString &who, int seed, int hostileSeed)
{
    const QString card = m_folder.filePath(u"card of "_s + who);
    writeJpeg(card + u"/100%1/%1_0001.JPG"_s.arg(who), seed);
    QFile torn(card + u"/100%1/%1_0002.JPG"_s.arg(who));
    if (!torn.open(QIODevice::WriteOnly) || torn.write("\xff\xd8\xff no picture of " + who.toUtf8()) < 0)
        qFatal("%s", qPrintable(torn.errorString()));
    torn.close();
    if (hostileSeed > 0)
        (void)writeHostile(card + u"/100%1/%1_0003.JPG"_s.arg(who), hostileSeed);
    return run(who, {u"upload"_s, card, u"--project"_s, who + u"'s project"_s});
}

int TestUserErase::statusOf(const QByteArray &accessToken) const
{
    test::RawClient client(static_cast<quint16>(m_organisation.address(Serving).port()));
    return client.ask(QByteArray("GET /v1/info HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + accessToken + "\r\n\r\n")).status;
}

QByteArray TestUserErase::newAccessTokenOf(const QString &who)
{
    const QByteArray token = m_organisation.command({u"token"_s, u"create"_s, who}).trimmed();
    test::RawClient client(static_cast<quint16>(m_organisation.address(Serving).port()));
    const QByteArray body = QJsonDocument(wire::toJson(wire::TokenRequest{QString::fromLatin1(token)})).toJson(QJsonDocument::Compact);
    const QByteArray lines = "POST /v1/token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: "
        + QByteArray::number(body.size()) + "\r\n\r\n" + body;
    const test::RawAnswer answer = client.ask(lines);
    if (answer.status != 200)
        qWarning("no access token: %d %s", answer.status, answer.body.constData());
    return QJsonDocument::fromJson(answer.body).object().value("access_token"_L1).toString().toLatin1();
}

QStringList TestUserErase::placesOf(const QStringList &words) const
{
    QStringList found;
    {
        const QSqlDatabase database = m_organisation.openDatabase(u"search"_s);
        found = test::placesOf(database, words);
    }
    QSqlDatabase::removeDatabase(u"search"_s);
    return found;
}

QStringList TestUserErase::logLinesWith(const QStringList &words) const
{
    QStringList found;
    for (const Process process : {Serving, Tidy}) {
        QFile log(m_organisation.path(u"server-%1.log"_s.arg(int(process))));
        if (!log.open(QIODevice::ReadOnly))
            qFatal("%s", qPrintable(log.errorString()));
        const QStringList lines = QString::fromUtf8(log.readAll()).split(u'\n');
        for (const QString &line : lines) {
            if (std::any_of(words.begin(), words.end(), [&line](const QString &word) { return line.contains(word, Qt::CaseInsensitive); }))
                found.append(line);
        }
    }
    return found;
}

void TestUserErase::whatIsWrongIsSaid_data()
{
    QTest::addColumn<QStringList>("words");
    QTest::addColumn<int>("exitCode");
    QTest::addColumn<QString>("says");
    QTest::newRow("nobody named") << QStringList{u"erase"_s} << 2 << u"no such command"_s;
    QTest::newRow("without --yes") << QStringList{u"erase"_s, u"walter"_s} << 2 << u"--yes is needed"_s;
    QTest::newRow("both") << QStringList{u"erase"_s, u"walter"_s, u"--yes"_s, u"--dry-run"_s} << 2 << u"--yes is needed"_s;
    QTest::newRow("unknown") << QStringList{u"erase"_s, u"nobody"_s, u"--yes"_s} << 1 << u"there is no user nobody"_s;
    QTest::newRow("unknown, tried dry") << QStringList{u"erase"_s, u"nobody"_s, u"--dry-run"_s} << 1 << u"there is no user nobody"_s;
    QTest::newRow("unknown to be taken back") << QStringList{u"erase"_s, u"undo"_s, u"nobody"_s} << 1 << u"there is no user nobody"_s;
    QTest::newRow("nothing to be taken back") << QStringList{u"erase"_s, u"undo"_s, u"walter"_s} << 1 << u"nobody erases walter"_s;
}

void TestUserErase::whatIsWrongIsSaid()
{
    QFETCH(const QStringList, words);
    QFETCH(const QString, says);
    if (sql(u"SELECT count(*) FROM server_users WHERE user_name = 'walter'"_s) == u"0"_s)
        addPerson(u"walter"_s);

    QCOMPARE(m_organisation.command(QStringList{u"user"_s} + words), QByteArray());

    QTEST(m_organisation.lastExit(), "exitCode");
    QVERIFY2(m_organisation.failure().contains(says), qPrintable(m_organisation.failure()));
    QCOMPARE(sql(u"SELECT count(*) FROM server_erasures"_s), u"0"_s);
    QCOMPARE(sql(u"SELECT count(*) FROM server_audit WHERE action LIKE 'user.erase%'"_s), u"0"_s);
}

void TestUserErase::whoIsErasedIsShutOutAtOnceAndMayComeBack()
{
    addPerson(u"ottilie"_s, u"admin"_s);
    const CliAnswer brought = bring(u"ottilie"_s, 1);
    QVERIFY2(brought.count("succeeded"_L1) == 1, qPrintable(brought.toText()));
    const QByteArray accessToken = newAccessTokenOf(u"ottilie"_s);
    QCOMPARE(statusOf(accessToken), 200);
    const QString user = sql(u"SELECT user_id FROM server_users WHERE user_name = 'ottilie'"_s);

    const QByteArray dry = erase(u"ottilie"_s, {u"--dry-run"_s});
    QVERIFY2(dry.startsWith("1 photos, 0 under way, 2 device tokens: would be shut out now, and go from 20") && dry.endsWith("\nthe account has no other administrator\n"),
             dry.constData());
    QCOMPARE(sql(u"SELECT count(*) FROM server_erasures"_s), u"0"_s);
    const QByteArray said = erase(u"ottilie"_s);
    QVERIFY2(m_organisation.lastExit() == 0, qPrintable(m_organisation.failure()));
    QVERIFY2(said.startsWith("1 photos, 0 under way, 2 device tokens: shut out now, going from 20"), said.constData());
    const QByteArray listed = m_organisation.command({u"purge"_s, u"--dry-run"_s});
    QVERIFY2(listed.startsWith("ottilie  to be erased from 20") && listed.contains("\nhow long backups are kept"), listed.constData());

    const CliAnswer refused = run(u"ottilie"_s, {u"restore"_s, brought.photos.first().clientUploadId});
    QVERIFY2(refused.exitCode != 0 && refused.errorOutput.contains("API_ACCOUNT_CLOSED"), qPrintable(refused.toText()));
    QTRY_COMPARE_WITH_TIMEOUT(statusOf(accessToken), 401, 30'000); // every server looks each 15 s
    for (const QStringList &words : {QStringList{u"user"_s, u"erase"_s, u"ottilie"_s, u"--yes"_s}, QStringList{u"user"_s, u"open"_s, u"ottilie"_s},
                                     QStringList{u"user"_s, u"close"_s, u"ottilie"_s}, QStringList{u"token"_s, u"create"_s, u"ottilie"_s}}) {
        m_organisation.command(words);
        QCOMPARE(m_organisation.lastExit(), 1);
        QVERIFY2(m_organisation.failure().contains(u"is being erased"_s), qPrintable(m_organisation.failure()));
    }

    m_organisation.command({u"user"_s, u"erase"_s, u"undo"_s, u"ottilie"_s});
    QVERIFY2(m_organisation.lastExit() == 0, qPrintable(m_organisation.failure()));
    QCOMPARE(m_organisation.command({u"purge"_s, u"--dry-run"_s}), QByteArray());
    QTRY_COMPARE_WITH_TIMEOUT(statusOf(accessToken), 200, 30'000);
    const CliAnswer back = run(u"ottilie"_s, {u"download"_s, u"--into"_s, m_folder.filePath(u"back"_s), brought.photos.first().clientUploadId});
    QVERIFY2(back.exitCode == 0, qPrintable(back.toText()));
    QCOMPARE(sql(u"SELECT string_agg(actor || ' ' || action, ', ' ORDER BY number) FROM server_audit WHERE subject = '%1' AND action LIKE 'user.erase%'"_s.arg(user)),
             u"command user.erased, command user.erase_undone"_s);
}

void TestUserErase::aKilledErasureIsFinished_data()
{
    QTest::addColumn<QString>("point");
    for (const char *point : {"erasures_begun", "recorded", "erased", "named", "claimed", "removed"})
        QTest::newRow(point) << u"purge."_s + QLatin1StringView(point);
}

void TestUserErase::aKilledErasureIsFinished()
{
    QFETCH(const QString, point);
    static int turn = 0;
    const QString name = u"irmgard%1"_s.arg(++turn);
    addPerson(name);
    addPerson(u"other%1"_s.arg(turn));
    const CliAnswer brought = bring(name, 10 + turn, 200 + turn);
    QVERIFY2(brought.count("succeeded"_L1) == 1, qPrintable(brought.toText()));
    const CliAnswer others = bring(u"other%1"_s.arg(turn), 10 + turn, 200 + turn); // the same bytes
    QVERIFY2(others.count("duplicate"_L1) == 1, qPrintable(others.toText()));
    const CliAnswer own = [&] {
        writeJpeg(m_folder.filePath(u"second card of %1/%1.JPG"_s.arg(name)), 100 + turn);
        (void)writeHostile(m_folder.filePath(u"second card of %1/hostile %1.JPG"_s.arg(name)), 300 + turn);
        return run(name, {u"upload"_s, m_folder.filePath(u"second card of "_s + name), u"--project"_s, name + u"'s project"_s});
    }();
    QVERIFY2(own.count("succeeded"_L1) == 1, qPrintable(own.toText()));
    const QString shared = hashOfHostile(200 + turn);
    const QString alone = hashOfHostile(300 + turn);
    const auto isKept = [this](const QString &sha256) {
        return sql(u"SELECT count(*) FROM server_objects WHERE state = 'quarantined' AND sha256 = '%1'"_s.arg(sha256)) == u"1"_s;
    };
    QVERIFY(isKept(shared) && isKept(alone));
    const QString user = sql(u"SELECT user_id FROM server_users WHERE user_name = '%1'"_s.arg(name));
    const QString attempts = u"SELECT string_agg(s || ' ' || n, ', ' ORDER BY s) FROM (SELECT upload_status_key AS s, count(*) AS n FROM fact_upload_attempts"
                             " WHERE user_key = (SELECT user_key FROM dim_users WHERE user_id = '%1') GROUP BY 1) AS c"_s.arg(user);
    const QString counted = sql(attempts);
    QVERIFY(!counted.isEmpty() && placesOf({name}).size() > 10);
    erase(name);
    QVERIFY2(m_organisation.lastExit() == 0, qPrintable(m_organisation.failure()));
    QVERIFY(m_organisation.tell(u"UPDATE server_erasures SET erased_ms = erased_ms - 86400000"_s));

    qputenv("PHOTOLIFT_KILL_AT", point.toLatin1());
    (void)m_organisation.restartServer(Tidy); // it may be killed before it says its address
    qunsetenv("PHOTOLIFT_KILL_AT");
    QVERIFY(QTest::qWaitFor([this] { return m_organisation.processId(Tidy) == 0; }, 30'000));
    QVERIFY(m_organisation.tell(u"UPDATE server_removals SET claimed_ms = 1 WHERE claimed_ms IS NOT NULL"_s)); // its minutes have passed
    QCOMPARE(sql(u"SELECT begun_ms IS NOT NULL FROM server_erasures WHERE user_id = '%1'"_s.arg(user)), u"true"_s);
    QVERIFY2(m_organisation.restartServer(Tidy), qPrintable(m_organisation.failure()));

    const auto isOver = [&] {
        return sql(u"SELECT count(*) FROM server_erasures WHERE user_id = '%1' AND done_ms IS NOT NULL"_s.arg(user)) == u"1"_s
            && sql(u"SELECT count(*) FROM server_removals"_s) == u"0"_s
            && sql(u"SELECT count(*) FROM dim_batches WHERE batch_name LIKE '%%1%'"_s.arg(name)) == u"0"_s;
    };
    QVERIFY(QTest::qWaitFor(isOver, 60'000));
    QCOMPARE(m_organisation.stopServer(Tidy), 0);
    const QString gone = photoThat(own, u"succeeded"_s).sha256;
    QCOMPARE(placesOf({name, gone, alone}).join(u'\n'), QString());
    QVERIFY(isKept(shared)); // the other one's, too
    // Logs are not rewritten: no name, path or hash may have come there. What they are found by is the attempt.
    QVERIFY(!logLinesWith({photoThat(own, u"succeeded"_s).clientUploadId}).isEmpty());
    QCOMPARE(logLinesWith({name, gone, alone, shared, photoThat(brought, u"succeeded"_s).sha256, photoThat(others, u"duplicate"_s).sha256}).join(u'\n'), QString());
    QCOMPARE(sql(attempts), counted);
    QCOMPARE(sql(u"SELECT count(*) FROM server_audit WHERE action = 'user.erased' AND subject = '%1' AND actor = 'command'"_s.arg(user)), u"1"_s);
    // The others have what is theirs.
    const CliAnswer theirs = run(u"other%1"_s.arg(turn), {u"download"_s, u"--into"_s, m_folder.filePath(u"theirs%1"_s.arg(turn)), photoThat(others, u"duplicate"_s).clientUploadId});
    QVERIFY2(theirs.exitCode == 0, qPrintable(theirs.toText()));
    // And the name is free.
    erase(name);
    QVERIFY2(m_organisation.lastExit() == 1 && m_organisation.failure().contains(u"there is no user "_s + name), qPrintable(m_organisation.failure()));
    addPerson(name);
    m_organisation.command({u"user"_s, u"open"_s, u"erased "_s + user});
    QVERIFY2(m_organisation.lastExit() == 1 && m_organisation.failure().contains(u"this person was erased"_s), qPrintable(m_organisation.failure()));
}

QTEST_GUILESS_MAIN(TestUserErase)
#include "tst_usererase.moc"
