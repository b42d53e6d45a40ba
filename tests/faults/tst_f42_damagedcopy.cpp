#include "tests/faults/checker/rows.h"
#include "tests/faults/faultfolders.h"
#include "tests/faults/proxiedworld.h"
#include "tests/faults/serverlives.h"

#include <QSqlDatabase>
#include <QSqlQuery>
#include <QTemporaryFile>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::FaultFolders;
using faults::ServerLives;
using support::CliAnswer;
using support::CliRun;

namespace {

/// What happens to the file named by $bytes. The byte in the middle of a small JPEG is picture data, and no 'X' in this one.
const QByteArray Flip = "printf X | dd of=\"$bytes\" bs=1 seek=400 conv=notrunc 2>/dev/null";
const QByteArray Cut = "truncate -s -10 \"$bytes\"";
const QByteArray Remove = "rm \"$bytes\"";

}

/// F42 in short form: the server's copy rots while the upload is on its way, or after it. The bytes come again, and the copy is whole.
class TestF42DamagedCopy : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(m_tuning.open());
        QVERIFY(m_tuning.write(faults::testTuning()) > 0);
        QVERIFY(m_tuning.flush());
    }
    void copyThatRotsOnItsWayComesAgain_data();
    void copyThatRotsOnItsWayComesAgain();
    void copyThatRotsEachTimeNeedsSomebody();
    void storedCopyThatIsGoneIsSentAgain_data();
    void storedCopyThatIsGoneIsSentAgain();

private:
    QStringList upload(const FaultFolders &folders) const
    {
        return {u"upload"_s, folders.sourceText(), u"--tuning"_s, m_tuning.fileName(), u"--wait"_s, u"60s"_s};
    }
    static QByteArray toIncoming(const FaultFolders &folders, const QByteArray &damage)
    {
        return "for bytes in '" + QFile::encodeName(folders.server()) + "'/incoming/*/bytes-*; do " + damage + "; done";
    }
    static qint64 onServer(const FaultFolders &folders, const QString &question)
    {
        return faults::numberFrom(folders.server() + u"/server.sqlite"_s, question);
    }
    static void checkCopyIsWhole(const FaultFolders &folders)
    {
        QCOMPARE(FaultFolders::filesBelow(QFile::encodeName(folders.server() + u"/objects"_s)).size(), 1);
        QCOMPARE(FaultFolders::filesBelow(QFile::encodeName(folders.server() + u"/incoming"_s)).size(), 0);
        QVERIFY(folders.drain());
        QCOMPARE(folders.violations(), QString()); // I1 hashes source and object
    }

    QTemporaryFile m_tuning;
    ServerLives m_lives;
};

/// What went wrong besides that a killed server was not reached for a moment.
static QStringList errorsBesideTheConnection(const FaultFolders &folders)
{
    QStringList codes;
    const auto rows = check::Rows::open(folders.data() + u"/photolift.db"_s);
    if (rows)
        (*rows)->each(u"SELECT error_code FROM fact_upload_errors WHERE error_code NOT IN "
                      "('NETWORK_CONNECT_FAILED', 'TRANSFER_CONNECTION_LOST', 'API_UNAVAILABLE')"_s,
                      [&codes](const QSqlQuery &row) { codes.append(row.value(0).toString()); });
    return codes;
}

/// As `reprocess --stage validation` does it with what it reads (tst_reprocessprogram); the embedded server has no such command.
static bool markLost(const FaultFolders &folders)
{
    int marked = 0;
    {
        QSqlDatabase database = QSqlDatabase::addDatabase(u"QSQLITE"_s, u"mark"_s);
        database.setDatabaseName(folders.server() + u"/server.sqlite"_s);
        const bool isOpen = database.open();
        QSqlQuery query(database);
        if (isOpen && query.exec(u"UPDATE server_objects SET state = 'lost' WHERE state = 'stored'"_s))
            marked = query.numRowsAffected();
    }
    QSqlDatabase::removeDatabase(u"mark"_s);
    return marked == 1;
}

void TestF42DamagedCopy::copyThatRotsOnItsWayComesAgain_data()
{
    QTest::addColumn<QString>("killedAt");
    QTest::addColumn<QByteArray>("damage");
    QTest::addColumn<QString>("code");
    QTest::newRow("a bit, before the re-read") << u"work.reception.before"_s << Flip << u"VERIFICATION_HASH_MISMATCH"_s;
    QTest::newRow("its end, before the re-read") << u"work.reception.before"_s << Cut << u"RECEPTION_PARTS_MISSING"_s;
    QTest::newRow("a bit, before the check") << u"work.validation.before"_s << Flip << u"STORAGE_COPY_DAMAGED"_s;
    QTest::newRow("its end, before the check") << u"work.validation.before"_s << Cut << u"STORAGE_COPY_DAMAGED"_s;
    QTest::newRow("all of it, before the check") << u"work.validation.before"_s << Remove << u"STORAGE_COPY_DAMAGED"_s;
    QTest::newRow("all of it, before the pictures") << u"work.processing.before"_s << Remove << u"STORAGE_COPY_DAMAGED"_s;
    QTest::newRow("its end, before it is stored") << u"work.storage.before"_s << Cut << u"STORAGE_COPY_DAMAGED"_s;
    QTest::newRow("all of it, before it is stored") << u"work.storage.before"_s << Remove << u"STORAGE_COPY_DAMAGED"_s;
}

void TestF42DamagedCopy::copyThatRotsOnItsWayComesAgain()
{
    QFETCH(QString, killedAt);
    QFETCH(QByteArray, damage);
    QFETCH(QString, code);
    m_lives.reset();
    FaultFolders folders;
    QVERIFY(folders.writePhoto("photo.jpg", 1) && folders.remember());
    QVERIFY(m_lives.killAt(1, killedAt) && m_lives.before(2, toIncoming(folders, damage)));

    const CliAnswer answer = CliRun(folders.data(), m_lives.client()).run(upload(folders));

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
    QCOMPARE(m_lives.count(), 2);
    QCOMPARE(folders.rows(u"fact_upload_errors WHERE error_code = '%1'"_s.arg(code)), 1);
    QCOMPARE(errorsBesideTheConnection(folders).join(u' '), code);
    QCOMPARE(folders.rows(u"fact_upload_attempts"_s), 1); // restart_file keeps the attempt
    checkCopyIsWhole(folders);
}

void TestF42DamagedCopy::copyThatRotsEachTimeNeedsSomebody()
{
    m_lives.reset();
    FaultFolders folders;
    QVERIFY(folders.writePhoto("photo.jpg", 1) && folders.remember());
    QVERIFY(m_lives.killAt(1, u"work.validation.before"_s));
    for (int life = 2; life <= 4; ++life) // the file starts again three times
        QVERIFY(m_lives.before(life, toIncoming(folders, Cut) + "\nexport PHOTOLIFT_KILL_AT=work.validation.before#2"));
    QVERIFY(m_lives.before(5, toIncoming(folders, Cut)));

    const CliAnswer answer = CliRun(folders.data(), m_lives.client()).run(upload(folders));

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 1, qPrintable(answer.toText()));
    QCOMPARE(answer.photos.first().errorCode, u"STORAGE_COPY_DAMAGED"_s);
    QCOMPARE(folders.rows(u"fact_upload_errors WHERE error_code = 'STORAGE_COPY_DAMAGED' AND is_fatal = 1"_s), 1);
    QCOMPARE(FaultFolders::filesBelow(QFile::encodeName(folders.server() + u"/objects"_s)).size(), 0);

    // "Choose Retry", says the advice.
    const CliAnswer again = CliRun(folders.data()).run({u"retry"_s, u"--all"_s, u"--tuning"_s, m_tuning.fileName(), u"--wait"_s, u"60s"_s});
    QVERIFY2(again.exitCode == 0, qPrintable(again.toText()));
    checkCopyIsWhole(folders);
}

void TestF42DamagedCopy::storedCopyThatIsGoneIsSentAgain_data()
{
    QTest::addColumn<QByteArray>("damage");
    QTest::addColumn<bool>("isFound"); ///< a reading of the copy has found it damaged before
    QTest::addColumn<QByteArray>("killedAt");
    QTest::newRow("its end") << Cut << false << QByteArray();
    QTest::newRow("all of it") << Remove << false << QByteArray();
    QTest::newRow("a bit") << Flip << true << QByteArray();
    QTest::newRow("a bit, killed before it is replaced") << Flip << true << QByteArray("store.promoting");
    QTest::newRow("a bit, killed when it is replaced") << Flip << true << QByteArray("store.promoted");
}

void TestF42DamagedCopy::storedCopyThatIsGoneIsSentAgain()
{
    QFETCH(QByteArray, damage);
    QFETCH(bool, isFound);
    QFETCH(QByteArray, killedAt);
    m_lives.reset();
    FaultFolders folders;
    QVERIFY(folders.writePhoto("photo.jpg", 1) && folders.remember());
    QCOMPARE(CliRun(folders.data()).run(upload(folders)).exitCode, 0);
    QByteArray first = "bytes=$(find '" + QFile::encodeName(folders.server()) + "/objects' -type f)\n" + damage;
    if (!killedAt.isEmpty())
        first += "\nexport PHOTOLIFT_KILL_AT=" + killedAt;
    QVERIFY(m_lives.before(1, first));
    if (isFound)
        QVERIFY(markLost(folders));

    const CliAnswer answer = CliRun(folders.data(), m_lives.client()).run(upload(folders));

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
    QCOMPARE(m_lives.count(), killedAt.isEmpty() ? 1 : 2);
    const qint64 notes = folders.rows(u"fact_upload_errors WHERE error_code = 'STORAGE_COPY_DAMAGED' AND is_fatal = 0"_s);
    if (isFound) { // the drop before hears that its photo is lost: it may bring it as well, or even before this one
        QCOMPARE(answer.count("succeeded"_L1) + answer.count("duplicate"_L1), 1);
        QVERIFY(notes == 1 || notes == 2);
    } else {
        QCOMPARE(answer.summary->succeeded, 1); // no duplicate of what is not there
        QVERIFY(answer.summary->bytes > 0);
        QCOMPARE(notes, 1);
    }
    QCOMPARE(onServer(folders, u"SELECT count(*) FROM server_assets"_s), 1);
    checkCopyIsWhole(folders);
}

QTEST_GUILESS_MAIN(TestF42DamagedCopy)
#include "tst_f42_damagedcopy.moc"
