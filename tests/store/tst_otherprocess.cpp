#include "models/store/database.h"
#include "models/store/recorder.h"

#include "tests/store/queuesamples.h"
#include "tests/store/starfixture.h"

#include <QElapsedTimer>
#include <QProcess>
#include <QSignalSpy>
#include <QtTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::store;
using samples::resultOf;

/// What a second process can do to the list: be killed while it writes (F2, F10), hold its lock (F15).
class OtherProcessTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void killedWriterLeavesWholeRowsOrNone_data();
    void killedWriterLeavesWholeRowsOrNone();
    void lockHeldByAnotherIsWaitedFor();
    void whoEndsUnderALockTakesLeaveWithinSeconds();

private:
    static QString victim() { return QStringLiteral(STORE_VICTIM); }
};

void OtherProcessTest::killedWriterLeavesWholeRowsOrNone_data()
{
    QTest::addColumn<QString>("point");
    for (const char *point : {"store.migrate.before", "store.migrate.after", "store.commit.before", "store.commit.after"})
        QTest::newRow(point) << QString::fromLatin1(point);
}

void OtherProcessTest::killedWriterLeavesWholeRowsOrNone()
{
    QFETCH(QString, point);
    const QStringList steps{u"accepted"_s, u"found"_s, u"counted"_s, u"begun"_s, u"failed"_s};
    int kills = 0;

    for (int pass = 1;; ++pass) { // every passage of this point, until a run gets through
        QTemporaryDir folder;
        const QString path = folder.filePath(u"photolift.sqlite"_s);
        QProcess process;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(u"PHOTOLIFT_KILL_AT"_s, point + u'#' + QString::number(pass));
        process.setProcessEnvironment(environment);
        process.start(victim(), {u"queue"_s, path});
        QVERIFY(process.waitForFinished(30000));
        const QStringList durable = QString::fromUtf8(process.readAllStandardOutput()).split(u'\n', Qt::SkipEmptyParts);
        const bool isKilled = process.exitStatus() == QProcess::CrashExit;
        kills += isKilled;

        // The next start of the program takes what is there.
        const auto recorder = Recorder::open(path);
        VERIFY_OK(recorder);
        const auto connection = Connection::open(path, Connection::Use::Read);
        VERIFY_OK(connection);
        const auto value = [&](const QString &sql) { return StarFixture::rowsOf((*connection)->database(), sql).value(0); };

        QCOMPARE(value(u"PRAGMA integrity_check"_s), u"ok"_s);
        QStringList present;
        if (value(u"SELECT count(*) FROM queue_batches"_s) == u"1"_s)
            present << u"accepted"_s;
        const QString items = value(u"SELECT count(*) FROM queue_items"_s);
        QVERIFY2(items == u"0"_s || items == u"5"_s, qPrintable(u"half a folder: "_s + items));
        QCOMPARE(value(u"SELECT coalesce(sum(num_items), 0) FROM queue_counts"_s), items);
        if (items == u"5"_s)
            present << u"found"_s;
        if (value(u"SELECT is_counted FROM queue_batches"_s) == u"1"_s) {
            present << u"counted"_s;
            QCOMPARE(value(u"SELECT num_photos FROM dim_batches WHERE batch_key > 0"_s), u"-"_s); // four are not judged
        }
        const QString state = value(u"SELECT a.row_version || ' ' || i.state || ' ' || (SELECT count(*) FROM fact_upload_errors) "
                                    "FROM fact_upload_attempts a JOIN queue_items i USING (client_upload_id)"_s);
        QVERIFY2(state.isEmpty() || state == u"1 running 0"_s || state == u"2 needs_you 1"_s, qPrintable(state));
        if (!state.isEmpty())
            present << u"begun"_s;
        if (state.startsWith(u'2'))
            present << u"failed"_s;

        // In order, nothing between left out, and everything that was called durable.
        QCOMPARE(present, steps.first(present.size()));
        QCOMPARE(durable, steps.first(durable.size()));
        QVERIFY2(present.size() >= durable.size(), qPrintable(u"lost: "_s + durable.mid(present.size()).join(u' ')));
        QVERIFY(present.size() <= durable.size() + 1);
        // Each mirrored fact has its outbox row, and no row is without a fact (F10's half of the store).
        QCOMPARE(value(u"SELECT count(*) FROM outbox"_s),
                 value(u"SELECT (SELECT count(*) FROM fact_upload_attempts) + (SELECT count(*) FROM fact_upload_stages) "
                       "+ (SELECT count(*) FROM fact_upload_errors) + (SELECT count(*) FROM dim_projects WHERE project_key > 0) "
                       "+ (SELECT count(*) FROM dim_batches WHERE batch_key > 0)"_s));
        if (!isKilled) {
            QCOMPARE(durable, steps);
            break;
        }
    }
    QVERIFY2(kills >= 2, "the point was not passed as often as it should");
}

void OtherProcessTest::lockHeldByAnotherIsWaitedFor() // F15
{
    QTemporaryDir folder;
    const QString path = folder.filePath(u"photolift.sqlite"_s);
    auto opened = Recorder::open(path);
    VERIFY_OK(opened);
    Recorder &recorder = **opened;
    QSignalSpy troubled(&recorder, &Recorder::troubled);
    QSignalSpy recovered(&recorder, &Recorder::recovered);
    QProcess other;
    other.start(victim(), {u"hold"_s, path});
    QVERIFY(other.waitForReadyRead(10000));
    QCOMPARE(other.readAll().trimmed(), "held");

    for (int i = 0; i < 100; ++i)
        recorder.record({SettingChanged{QString::number(i), u"written"_s}});
    auto waiting = recorder.recordDurably({SettingChanged{u"last"_s, u"written"_s}});
    QTRY_VERIFY_WITH_TIMEOUT(!troubled.isEmpty(), 20000); // 5 s of patience come first
    QCOMPARE(troubled.first().first().value<Error>().code, ErrorCode::LocalListBusy);
    QVERIFY(!waiting.isFinished());
    other.closeWriteChannel();
    QVERIFY(other.waitForFinished(10000));

    VERIFY_OK(resultOf(waiting));
    QTRY_COMPARE(recovered.size(), 1);
    QCOMPARE(troubled.size(), 1);
    const auto connection = Connection::open(path, Connection::Use::Read);
    VERIFY_OK(connection);
    QCOMPARE(StarFixture::rowsOf((*connection)->database(), u"SELECT count(*) FROM settings"_s), QStringList{u"101"_s});
}

void OtherProcessTest::whoEndsUnderALockTakesLeaveWithinSeconds() // F15
{
    QTemporaryDir folder;
    const QString path = folder.filePath(u"photolift.sqlite"_s);
    auto opened = Recorder::open(path);
    VERIFY_OK(opened);
    QProcess other;
    other.start(victim(), {u"hold"_s, path});
    QVERIFY(other.waitForReadyRead(10000));
    const auto waiting = (*opened)->recordDurably({SettingChanged{u"a"_s, u"lost"_s}});
    const auto asked = (*opened)->outbox().markSent({1});
    const auto behind = (*opened)->recordDurably({SettingChanged{u"b"_s, u"lost"_s}});

    QElapsedTimer leaving;
    leaving.start();
    opened->reset();

    QVERIFY2(leaving.elapsed() < 4000, qPrintable(u"%1 ms"_s.arg(leaving.elapsed()))); // one of patience, a quarter for each last try
    // Everybody who waited was told that it is not written.
    QVERIFY(waiting.isFinished() && !waiting.result());
    QCOMPARE(waiting.result().error().code, ErrorCode::LocalListBusy);
    QVERIFY(asked.isFinished() && !asked.result());
    QVERIFY(behind.isFinished() && !behind.result());
    other.closeWriteChannel();
    QVERIFY(other.waitForFinished(10000));
}

QTEST_GUILESS_MAIN(OtherProcessTest)
#include "tst_otherprocess.moc"
