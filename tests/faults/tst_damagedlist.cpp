#include "tests/faults/proxiedworld.h"
#include "tests/faults/serverlives.h"

#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::FaultFolders;
using support::CliAnswer;
using support::CliRun;

namespace {

constexpr int Photos = 6;
constexpr qint64 PageBytes = 4096;
const QStringList RetryAll{u"retry"_s, u"--all"_s};

/// What a bad disk makes of a database.
enum class Damage { Header, NoDatabase, Middle, Truncated };

bool scribble(QFile &file, qint64 from, qint64 bytes)
{
    QByteArray noise(bytes, '\0');
    for (qsizetype at = 0; at < noise.size(); ++at)
        noise[at] = static_cast<char>(at * 31 + 7);
    return file.seek(from) && file.write(noise) == bytes;
}

bool damage(const QString &path, Damage how)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadWrite))
        return false;
    const qint64 pages = file.size() / PageBytes;
    switch (how) {
    case Damage::Header:
        return scribble(file, 0, 60);
    case Damage::NoDatabase:
        return scribble(file, 0, file.size());
    case Damage::Middle:
        return scribble(file, pages / 4 * PageBytes, pages / 4 * PageBytes);
    case Damage::Truncated:
        return file.resize(pages * 9 / 10 * PageBytes - 100);
    }
    return false;
}

QStringList keptBeside(const QString &path)
{
    const QFileInfo info(path);
    QStringList kept = info.dir().entryList({info.fileName() + u".damaged-*"_s}, QDir::Files);
    kept.removeIf([](const QString &name) { return name.endsWith("-wal"_L1) || name.endsWith("-shm"_L1); });
    return kept;
}

QJsonObject eventNamed(const CliAnswer &answer, QLatin1StringView name)
{
    for (const QJsonObject &event : answer.others) {
        if (event.value("event"_L1).toString() == name)
            return event;
    }
    return {};
}

} // namespace

Q_DECLARE_METATYPE(Damage)

/// LOCAL_LIST_DAMAGED: a list or a server's database that is broken is kept beside a new one, the folders are walked again, and nothing
/// is sent twice.
class TestDamagedList : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aDamagedListIsMadeAnewAndItsFoldersAreWalkedAgain_data();
    void aDamagedListIsMadeAnewAndItsFoldersAreWalkedAgain();
    void aListDamagedInTheMiddleOfTheWorkGoesOn();
    void partsThatTheServerHoldsForALostListAreNotSentAgain();
    void whatAPersonCancelledStaysCancelled();
    void aDamagedServerKeepsItsObjectsAndIsToldEverythingAgain_data();
    void aDamagedServerKeepsItsObjectsAndIsToldEverythingAgain();
    void aServerDamagedUnderAttemptsGoesOnWithThem_data();
    void aServerDamagedUnderAttemptsGoesOnWithThem();
};

void TestDamagedList::aDamagedListIsMadeAnewAndItsFoldersAreWalkedAgain_data()
{
    QTest::addColumn<Damage>("how");
    QTest::addColumn<bool>("areFoldersKnown");
    QTest::newRow("header") << Damage::Header << true;
    QTest::newRow("truncated") << Damage::Truncated << true;
    QTest::newRow("pages in the middle") << Damage::Middle << true;
    QTest::newRow("nothing of it is left") << Damage::NoDatabase << false;
}

void TestDamagedList::aDamagedListIsMadeAnewAndItsFoldersAreWalkedAgain()
{
    QFETCH(Damage, how);
    QFETCH(bool, areFoldersKnown);
    FaultFolders folders;
    for (int i = 0; i < Photos; ++i)
        QVERIFY(folders.writePhoto("photo" + QByteArray::number(i) + ".jpg", i));
    QVERIFY(folders.remember());
    CliRun cli(folders.data());
    QCOMPARE(cli.run({u"upload"_s, folders.sourceText()}).exitCode, 0);
    const QString list = folders.data() + u"/photolift.db"_s;
    QVERIFY(damage(list, how));

    const CliAnswer answer = cli.run(RetryAll);

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
    const QJsonObject event = eventNamed(answer, "list_repaired"_L1);
    QCOMPARE(event.value("error_code"_L1).toString(), u"LOCAL_LIST_DAMAGED"_s);
    QCOMPARE(event.value("folders"_L1).toInt(), areFoldersKnown ? 1 : 0);
    QVERIFY(QFile::exists(event.value("kept_as"_L1).toString()));
    QCOMPARE(answer.summary->duplicate, areFoldersKnown ? Photos : 0);
    QCOMPARE(answer.summary->bytes, 0);
    QCOMPARE(keptBeside(list).size(), 1);

    const CliAnswer again = cli.run({u"upload"_s, folders.sourceText()});

    QVERIFY2(again.faults.isEmpty() && again.exitCode == 0, qPrintable(again.toText()));
    QCOMPARE(again.summary->duplicate, Photos);
    QCOMPARE(again.summary->bytes, 0);
    QVERIFY(again.others.isEmpty()); // said once
    QCOMPARE(FaultFolders::filesBelow(QFile::encodeName(folders.server() + u"/objects"_s)).size(), Photos);
    QVERIFY(folders.drain());
    const QString violations = folders.violations();
    QVERIFY2(violations.isEmpty(), qPrintable(violations));
}

void TestDamagedList::aListDamagedInTheMiddleOfTheWorkGoesOn()
{
    FaultFolders folders;
    for (int i = 0; i < Photos; ++i)
        QVERIFY(folders.writePhoto("photo" + QByteArray::number(i) + ".jpg", i));
    QVERIFY(folders.remember());
    CliRun cli(folders.data());
    cli.setEnvironment({u"PHOTOLIFT_KILL_AT=pipeline.commit.answered#3"_s});
    QVERIFY(cli.run({u"upload"_s, folders.sourceText(), u"--jobs"_s, u"1"_s}).wasKilled);
    cli.setEnvironment({u"PHOTOLIFT_KILL_AT=store.set_aside"_s});
    const QString list = folders.data() + u"/photolift.db"_s;
    QVERIFY(faults::change(list, u"PRAGMA wal_checkpoint(TRUNCATE)"_s)); // a whole first page in the journal would heal the header
    QVERIFY(damage(list, Damage::Header));
    QVERIFY(cli.run(RetryAll).wasKilled); // between the two names
    cli.setEnvironment({});

    const CliAnswer answer = cli.run(RetryAll);

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
    // What was committed under the lost list travels no second time, wherever the server is with it.
    QCOMPARE(answer.summary->duplicate, 3);
    QCOMPARE(answer.summary->succeeded, Photos - 3);
    QVERIFY(folders.drain());
    const QString violations = folders.violations();
    QVERIFY2(violations.isEmpty(), qPrintable(violations));
}

void TestDamagedList::partsThatTheServerHoldsForALostListAreNotSentAgain()
{
    faults::ProxiedWorld world; // its server lives on
    QVERIFY(world.start());
    for (int i = 0; i < Photos; ++i)
        QVERIFY(world.folders.writePhoto("photo" + QByteArray::number(i) + ".jpg", i));
    world.client.setEnvironment({u"PHOTOLIFT_KILL_AT=pipeline.commit.before#3"_s}); // one photo has arrived and is not committed
    QVERIFY(world.client.run(world.upload(world.folders.source(), {u"--jobs"_s, u"1"_s})).wasKilled);
    QCOMPARE(world.proxy.count("PUT"), 3);
    const QString list = world.client.dataFolder() + u"/photolift.db"_s;
    QVERIFY(faults::change(list, u"PRAGMA wal_checkpoint(TRUNCATE)"_s));
    QVERIFY(damage(list, Damage::Header));
    world.client.setEnvironment({});
    QStringList retry = world.upload({});
    retry.replace(0, RetryAll[0]);
    retry.replace(1, RetryAll[1]);

    const CliAnswer answer = world.client.run(retry);

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
    QCOMPARE(answer.summary->succeeded + answer.summary->duplicate, Photos);
    QCOMPARE(world.proxy.count("PUT"), Photos);
    QCOMPARE(world.objects(), Photos);
}

void TestDamagedList::whatAPersonCancelledStaysCancelled()
{
    FaultFolders folders;
    for (int i = 0; i < Photos; ++i)
        QVERIFY(folders.writePhoto("photo" + QByteArray::number(i) + ".jpg", i));
    QVERIFY(folders.remember());
    CliRun cli(folders.data());
    QCOMPARE(cli.run({u"upload"_s, folders.sourceText()}).exitCode, 0);
    const QString list = folders.data() + u"/photolift.db"_s;
    QVERIFY(faults::change(list, u"UPDATE queue_items SET state = 'cancelled' WHERE ordinal = 3"_s));
    QVERIFY(damage(list, Damage::Header));

    const CliAnswer answer = cli.run(RetryAll);

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
    QCOMPARE(answer.summary->duplicate, Photos - 1);
    QCOMPARE(folders.rows(u"queue_items WHERE state = 'cancelled'"_s), 1);
    QVERIFY(folders.drain());
    const QString violations = folders.violations();
    QVERIFY2(violations.isEmpty(), qPrintable(violations));
}

void TestDamagedList::aDamagedServerKeepsItsObjectsAndIsToldEverythingAgain_data()
{
    QTest::addColumn<Damage>("how");
    QTest::newRow("header") << Damage::Header;
    QTest::newRow("pages in the middle") << Damage::Middle;
}

void TestDamagedList::aDamagedServerKeepsItsObjectsAndIsToldEverythingAgain()
{
    QFETCH(Damage, how);
    FaultFolders folders;
    for (int i = 0; i < Photos; ++i)
        QVERIFY(folders.writePhoto("photo" + QByteArray::number(i) + ".jpg", i));
    CliRun cli(folders.data());
    QCOMPARE(cli.run({u"upload"_s, folders.sourceText()}).exitCode, 0);
    const QString database = folders.server() + u"/server.sqlite"_s;
    const QByteArray objects = QFile::encodeName(folders.server() + u"/objects"_s);
    const QList<QByteArray> before = FaultFolders::filesBelow(objects);
    QVERIFY(faults::change(database, u"PRAGMA wal_checkpoint(TRUNCATE)"_s));
    QVERIFY(damage(database, how));
    QVERIFY(folders.writePhoto("later.jpg", 100) && folders.remember());

    const CliAnswer answer = cli.run({u"upload"_s, folders.sourceText()});

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
    QCOMPARE(answer.summary->found, Photos + 1);
    QCOMPARE(keptBeside(database).size(), 1);
    const QList<QByteArray> after = FaultFolders::filesBelow(objects);
    for (const QByteArray &object : before)
        QVERIFY2(after.contains(object), object.constData());
    // The rows of the first run are there again, too.
    QCOMPARE(faults::numberFrom(database, u"SELECT count(DISTINCT client_upload_id) FROM fact_upload_attempts"_s), 2 * Photos + 1);
    // Also what only the server had written: the client told its copies. What it asked before it had told of it came once more.
    QVERIFY2(answer.summary->succeeded >= 1 && answer.summary->succeeded + answer.summary->duplicate == Photos + 1, qPrintable(answer.toText()));
    QCOMPARE(faults::numberFrom(database, u"SELECT count(*) FROM fact_upload_stages WHERE stage_name = 'indexing' AND is_successful"_s),
             Photos + answer.summary->succeeded);
    QCOMPARE(faults::numberFrom(database, u"SELECT count(*) FROM server_assets"_s), Photos + 1);
    // The checker, who knows nothing of the damage, may name these, and nothing else.
    const QString twice = u"(I3: \\d+ of \\d+: ([0-9a-f]{64} was sent 2 times into one slot(; )?){0,%1})?"_s.arg(answer.summary->succeeded - 1);
    const QString violations = folders.violations();
    QVERIFY2(QRegularExpression(QRegularExpression::anchoredPattern(twice)).match(violations).hasMatch(), qPrintable(violations));
}

/// Whatever the server was at when it died and its database broke.
void TestDamagedList::aServerDamagedUnderAttemptsGoesOnWithThem_data()
{
    QTest::addColumn<QString>("killedAt");
    QTest::newRow("a question is answered") << u"api.ask.after_commit#2"_s;
    QTest::newRow("a part is kept") << u"store.part.acknowledged#3"_s;
    QTest::newRow("a commit is accepted") << u"api.commit.after_commit#3"_s;
    QTest::newRow("a photo is being checked") << u"work.validation.before#3"_s;
    QTest::newRow("a photo is in its place") << u"store.promoted#3"_s;
}

void TestDamagedList::aServerDamagedUnderAttemptsGoesOnWithThem()
{
    QFETCH(QString, killedAt);
    FaultFolders folders;
    for (int i = 0; i < Photos; ++i)
        QVERIFY(folders.writePhoto("photo" + QByteArray::number(i) + ".jpg", i));
    QVERIFY(folders.remember());
    const QByteArray database = QFile::encodeName(folders.server() + u"/server.sqlite"_s);
    const faults::ServerLives lives;
    // The journal could heal it, so that goes, too.
    QVERIFY(lives.killAt(1, killedAt) && lives.before(2, "rm -f '" + database + "-wal' '" + database + "-shm'\nhead -c 4096 /dev/zero | tr '\\0' x | dd of='"
                                                             + database + "' conv=notrunc status=none"));

    const CliAnswer answer = CliRun(folders.data(), lives.client()).run({u"upload"_s, folders.sourceText(), u"--wait"_s, u"60s"_s});

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
    QCOMPARE(lives.count(), 2);
    QCOMPARE(keptBeside(QString::fromUtf8(database)).size(), 1);
    QCOMPARE(answer.summary->succeeded + answer.summary->duplicate, Photos);
    QVERIFY(folders.drain());
    const QString violations = folders.violations();
    QVERIFY2(violations.isEmpty(), qPrintable(violations));
}

QTEST_GUILESS_MAIN(TestDamagedList)
#include "tst_damagedlist.moc"
