#include "models/vocabulary/ids.h"
#include "tests/faults/checker/checkedworld.h"
#include "tests/faults/checker/checkrun.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QProcess>
#include <QTest>

#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

using namespace Qt::StringLiterals;
using namespace photolift;
using check::CheckedWorld;
using check::Verdict;

namespace {

QStringList violated(const CheckedWorld &world, const QJsonObject &figures = {}, const QStringList &search = {}, const QList<QByteArray> &secrets = {})
{
    check::Order order;
    order.clientFolders = {world.clientFolder()};
    order.snapshotFiles = {world.snapshotFile()};
    order.searchFolders = search;
    order.secrets = secrets;
    order.figures = figures;
    order.nowMs = nowMs();
    const Result<QList<Verdict>> verdicts = check::checkAll(order);
    if (!verdicts)
        return {verdicts.error().detail};
    QStringList names;
    for (const Verdict &verdict : *verdicts) {
        if (!verdict.holds())
            names.append(verdict.toJson().value(u"invariant"_s).toString());
    }
    return names;
}

void makeOld(const QString &path)
{
    utimbuf times = {};
    times.actime = times.modtime = nowMs() / 1000 - 25 * 3600;
    QCOMPARE(::utime(QFile::encodeName(path).constData(), &times), 0);
}

}

/// Each invariant is broken once, and the checker has to see it; what is sound has to pass.
class TestChecker : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_world = std::make_unique<CheckedWorld>();
        QVERIFY(m_world->isMade());
    }

    void aSoundWorldPasses() { QCOMPARE(violated(*m_world), QStringList()); }

    void brokenRows_data()
    {
        QTest::addColumn<QString>("onClient");
        QTest::addColumn<QString>("onServer");
        QTest::addColumn<QStringList>("found");
        const QString none;
        QTest::newRow("a safe item with the hash of other bytes -> I1")
            << u"UPDATE queue_items SET sha256 = '%1' WHERE item_row = 1"_s.arg(QString(64, u'0')) << none << QStringList{u"I1"_s};
        QTest::newRow("a failed photo shown as safe -> I1")
            << u"UPDATE queue_items SET is_safe = 1, sha256 = '%1' WHERE item_row = 3"_s.arg(QString(64, u'0')) << none << QStringList{u"I1"_s};
        QTest::newRow("a success without verification -> I2")
            << u"UPDATE fact_upload_stages SET is_successful = 0 WHERE stage_name = 'verification'"_s
            << u"UPDATE fact_upload_stages SET is_successful = 0 WHERE stage_name = 'verification'"_s << QStringList{u"I2"_s};
        QTest::newRow("a success with a stage that goes on -> I2")
            << u"UPDATE fact_upload_stages SET stage_end_timestamp = NULL WHERE stage_name = 'indexing'"_s
            << u"UPDATE fact_upload_stages SET stage_end_timestamp = NULL WHERE stage_name = 'indexing'"_s << QStringList{u"I2"_s};
        QTest::newRow("a success with a fatal error -> I2") << u"UPDATE fact_upload_errors SET is_fatal = 1"_s
                                                            << u"UPDATE fact_upload_errors SET is_fatal = 1"_s << QStringList{u"I2"_s};
        QTest::newRow("a success the server never heard of -> I2")
            << none << u"DELETE FROM server_uploads WHERE state = 'duplicate'"_s << QStringList{u"I2"_s};
        QTest::newRow("an item called done, its attempt failed -> I2")
            << u"UPDATE fact_upload_attempts SET upload_status_key = 7 WHERE upload_id = 1"_s
            << u"UPDATE fact_upload_attempts SET upload_status_key = 7 WHERE upload_id = 1"_s << QStringList{u"I2"_s};
        const QString bothSent = u"UPDATE server_uploads SET relative_path = 'a.jpg'; UPDATE fact_upload_attempts SET upload_status_key = 5; "
                                 "INSERT INTO fact_upload_stages (upload_id, stage_name, stage_start_timestamp, stage_end_timestamp, is_successful, date_key) "
                                 "SELECT 2, stage_name, 1, 2, 1, date_key FROM fact_upload_stages WHERE upload_id = 1 "
                                 "AND stage_name NOT IN ('selection', 'preprocessing', 'initiation');"_s;
        QTest::newRow("the same bytes sent again into one slot -> I3")
            << none
            << QString(bothSent + u"UPDATE fact_upload_stages SET stage_start_timestamp = 3 WHERE upload_id = 2 AND stage_name = 'initiation'"_s)
            << QStringList{u"I3"_s, u"I4"_s};
        QTest::newRow("the same bytes sent at the same time by two clients -> only that the client knows nothing of it") << none << bothSent << QStringList{u"I4"_s};
        QTest::newRow("an event that never left -> I4") << u"UPDATE outbox SET sent_ms = NULL"_s << none << QStringList{u"I4"_s};
        QTest::newRow("a stage missing on the server -> I4")
            << none << u"DELETE FROM fact_upload_stages WHERE stage_name = 'indexing'"_s << QStringList{u"I4"_s};
        QTest::newRow("an error missing on the client -> I4") << u"DELETE FROM fact_upload_errors"_s << none << QStringList{u"I4"_s};
        QTest::newRow("a duration that differs -> I4")
            << u"UPDATE fact_upload_attempts SET total_duration_ms = 7 WHERE upload_id = 1"_s << none << QStringList{u"I4"_s};
        QTest::newRow("a key of metadata that differs -> I4")
            << none << u"UPDATE fact_upload_attempts SET upload_metadata = '{\"queued_ms\":2}' WHERE upload_id = 1"_s << QStringList{u"I4"_s};
        QTest::newRow("another network on the two sides -> I4")
            << none << u"UPDATE fact_upload_attempts SET network_connection_key = 0 WHERE upload_id = 1"_s << QStringList{u"I4"_s};
        QTest::newRow("another photo -> I4") << none << u"UPDATE dim_photos SET width_pixels = 1 WHERE upload_id = 1"_s << QStringList{u"I4"_s};
        QTest::newRow("another number of photos in the drop -> I4") << none << u"UPDATE dim_batches SET num_photos = 4 WHERE batch_key = 1"_s << QStringList{u"I4"_s};
        QTest::newRow("a heartbeat lost -> I4") << none << u"DELETE FROM fact_client_heartbeats"_s << QStringList{u"I4"_s};
        QTest::newRow("a placeholder left -> I4") << none << u"UPDATE fact_upload_stages SET row_version = 0 WHERE stage_name = 'storage'"_s << QStringList{u"I4"_s};
        QTest::newRow("an unreadable batch set aside -> I4")
            << none << u"INSERT INTO staging_batch (batch_id, received_at, payload, error) VALUES ('b', 1, 'x', 'no JSON')"_s << QStringList{u"I4"_s};
        QTest::newRow("an upload open since yesterday morning -> I7")
            << none << u"UPDATE server_uploads SET state = 'open' WHERE state = 'duplicate'"_s << QStringList{u"I7"_s};
        QTest::newRow("a link in a database -> I9")
            << u"INSERT INTO settings VALUES ('last', 'http://h/x?X-Amz-Signature=0123456789abcdef0123456789abcdef')"_s << none << QStringList{u"I9"_s};
        QTest::newRow("JSON written in another order is the same -> nothing")
            << u"UPDATE fact_upload_attempts SET upload_metadata = '{\"waited_ms\":2,\"queued_ms\":1}'"_s
            << u"UPDATE fact_upload_attempts SET upload_metadata = '{ \"queued_ms\" : 1, \"waited_ms\" : 2 }'"_s << QStringList();
    }
    void brokenRows()
    {
        QFETCH(QString, onClient);
        QFETCH(QString, onServer);
        QFETCH(QStringList, found);
        QVERIFY(onClient.isEmpty() || m_world->onClient(onClient));
        QVERIFY(onServer.isEmpty() || m_world->onServer(onServer));

        QCOMPARE(violated(*m_world), found);
    }

    void whatALostListKnewMayBeOnTheServerOnly()
    {
        QVERIFY(m_world->onClient(u"DELETE FROM fact_client_heartbeats"_s));
        QCOMPARE(violated(*m_world), QStringList{u"I4"_s});

        QVERIFY(m_world->write(u"client/photolift.db.damaged-2026-11-21"_s, "no database any more"));
        QCOMPARE(violated(*m_world), QStringList());

        QVERIFY(m_world->onServer(u"UPDATE fact_upload_attempts SET total_duration_ms = 7 WHERE upload_id = 1"_s)); // what both know is equal
        QCOMPARE(violated(*m_world), QStringList{u"I4"_s});
    }

    void anObjectThatRottedIsI1AndI2()
    {
        QVERIFY(QFile::remove(m_world->objectFile()));
        QFile rotten(m_world->objectFile());
        QVERIFY(rotten.open(QIODevice::WriteOnly));
        rotten.write("the bytes of A photo"); // as long as before
        rotten.close();

        QCOMPARE(violated(*m_world), (QStringList{u"I1"_s, u"I2"_s}));
    }

    void anObjectThatIsGoneIsI1AndI2()
    {
        QVERIFY(QFile::remove(m_world->objectFile()));

        QCOMPARE(violated(*m_world), (QStringList{u"I1"_s, u"I2"_s}));
    }

    void oneAssetTwiceIsI3()
    {
        // The unique key of the table forbids it: a table that lost its key does not.
        QVERIFY(m_world->onServer(u"DROP TABLE server_search; CREATE TABLE copies AS SELECT * FROM server_assets; DROP TABLE server_assets; "
                                  "ALTER TABLE copies RENAME TO server_assets; INSERT INTO server_assets SELECT * FROM server_assets"_s));

        QCOMPARE(violated(*m_world), QStringList{u"I3"_s});
    }

    void aTouchedSourceIsI5()
    {
        const QString file = m_world->sourceFolder() + u"/notes.txt"_s;
        const QByteArray path = QFile::encodeName(file);
        QCOMPARE(::chmod(path.constData(), 0600), 0);
        QCOMPARE(violated(*m_world), QStringList{u"I5"_s});
        QCOMPARE(::chmod(path.constData(), 0644), 0);
        QCOMPARE(violated(*m_world), QStringList());

        makeOld(file);
        QCOMPARE(violated(*m_world), QStringList{u"I5"_s});
    }

    void aSourceWithOtherBytesOrGoneIsI5()
    {
        QVERIFY(m_world->write(u"source/notes.txt"_s, "NO photo"));
        QCOMPARE(violated(*m_world), QStringList{u"I5"_s});

        QVERIFY(QFile::remove(m_world->sourceFolder() + u"/notes.txt"_s));
        QCOMPARE(violated(*m_world), QStringList{u"I5"_s});
    }

    void aFileLeftAmongTheSourcesIsI5()
    {
        QVERIFY(m_world->write(u"source/.photolift-cache"_s, "x"));

        QCOMPARE(violated(*m_world), QStringList{u"I5"_s});
    }

    void aSlowRestartIsI6()
    {
        QCOMPARE(violated(*m_world, {{u"resume_seconds"_s, QJsonArray{0.5, 9.9}}}), QStringList());
        QCOMPARE(violated(*m_world, {{u"resume_seconds"_s, QJsonArray{0.5, 10.1}}}), QStringList{u"I6"_s});
        QCOMPARE(violated(*m_world, {{u"resume_seconds"_s, QJsonArray{u"never"_s}}}), QStringList{u"I6"_s});
    }

    void anOldPartInIncomingIsI7()
    {
        QVERIFY(m_world->write(u"client/server/incoming/u1/1"_s, "part"));
        makeOld(m_world->serverFolder() + u"/incoming/u1"_s);
        QCOMPARE(violated(*m_world), QStringList()); // its part is young

        makeOld(m_world->serverFolder() + u"/incoming/u1/1"_s);
        makeOld(m_world->serverFolder() + u"/incoming/u1"_s);
        QCOMPARE(violated(*m_world), QStringList{u"I7"_s});
    }

    void aStalledWindowIsI8()
    {
        QJsonArray quick;
        for (int i = 0; i < 199; ++i)
            quick.append(16);
        QJsonArray oneSlowTurn = quick;
        oneSlowTurn.append(250); // of the wall clock: below the 99th percentile, and somebody else may have had the processor
        QCOMPARE(violated(*m_world, {{u"ui_turn_cpu_ms"_s, quick}, {u"ui_turn_wall_ms"_s, oneSlowTurn}}), QStringList());
        QCOMPARE(violated(*m_world, {{u"ui_turn_cpu_ms"_s, oneSlowTurn}, {u"ui_turn_wall_ms"_s, quick}}), QStringList{u"I8"_s});
        QJsonArray slow{101, 102, 103};
        for (const QJsonValue &value : std::as_const(quick))
            slow.append(value);
        QCOMPARE(violated(*m_world, {{u"ui_turn_cpu_ms"_s, quick}, {u"ui_turn_wall_ms"_s, slow}}), QStringList{u"I8"_s});
    }

    void secretsInFiles_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<bool>("isFound");
        const QByteArray signature(64, 'e');
        QTest::newRow("a link in a log") << u"client/logs/photolift.1.log"_s << QByteArray("PUT ?X-Amz-Signature=" + signature) << true;
        QTest::newRow("a link, percent-encoded") << u"client/logs/photolift.1.log"_s << QByteArray("?u=%3Fx-amz-signature%3D" + signature) << true;
        QTest::newRow("a link across two megabytes") << u"client/crash.dump"_s
                                                     << QByteArray(QByteArray((1 << 20) - 20, 'x') + "X-Amz-Signature=" + signature) << true;
        QTest::newRow("a bearer token") << u"client/server/server.log"_s << QByteArray("Authorization: Bearer abcdefghijklmnopqrstuvwxyz") << true;
        QTest::newRow("a known secret") << u"client/notes"_s << QByteArray("... correct horse ...") << true;
        QTest::newRow("the token of the token file, elsewhere too") << u"client/logs/x.log"_s << QByteArray("tok-3n") << true;
        QTest::newRow("a redacted link") << u"client/logs/photolift.1.log"_s << QByteArray("PUT ?X-Amz-Signature=***&x=1 Bearer ***") << false;
        QTest::newRow("the bytes of a photo") << u"client/server/objects/aa/bb/x"_s << QByteArray("X-Amz-Signature=" + signature) << false;
    }
    void secretsInFiles()
    {
        QFETCH(QString, file);
        QFETCH(QByteArray, content);
        QFETCH(bool, isFound);
        QVERIFY(m_world->write(u"client/server/token"_s, "tok-3n\n"));
        QCOMPARE(::chmod(QFile::encodeName(m_world->serverFolder() + u"/token"_s).constData(), 0600), 0);
        QVERIFY(m_world->write(file, content));

        QCOMPARE(violated(*m_world, {}, {}, {"correct horse"}), isFound ? QStringList{u"I9"_s} : QStringList());
    }

    void aTokenFileForEverybodyIsI9()
    {
        QVERIFY(m_world->write(u"client/server/token"_s, "tok-3n\n"));
        QCOMPARE(::chmod(QFile::encodeName(m_world->serverFolder() + u"/token"_s).constData(), 0644), 0);

        QCOMPARE(violated(*m_world), QStringList{u"I9"_s});
    }

    void whatKeepsNothingIsNotSearched()
    {
        const QByteArray pipe = QFile::encodeName(m_world->filePath(u"client/window.socket"_s));
        QCOMPARE(::mkfifo(pipe.constData(), 0600), 0);

        QCOMPARE(violated(*m_world), QStringList());
    }

    void furtherPlacesAreSearched()
    {
        QVERIFY(m_world->write(u"captured/stderr"_s, "Bearer abcdefghijklmnopqrstuvwxyz"));

        QCOMPARE(violated(*m_world, {}, {m_world->filePath(u"captured"_s)}), QStringList{u"I9"_s});
    }

    void namesThatAreNoUtf8AreSnapshotted()
    {
        const QByteArray name = QFile::encodeName(m_world->sourceFolder()) + "/\xff\xfe.jpg";
        QVERIFY(::mknod(name.constData(), S_IFREG | 0644, 0) == 0);
        QCOMPARE(violated(*m_world), QStringList{u"I5"_s});
        QCOMPARE(::unlink(name.constData()), 0); // QTemporaryDir cannot
    }

    void theProgramPrintsNineLinesAndSaysWhetherAllHold()
    {
        const QString program = qEnvironmentVariable("PHOTOLIFT_BIN") + u"/photolift-check"_s;
        const QStringList arguments{u"--client"_s, m_world->clientFolder(), u"--snapshot"_s, m_world->snapshotFile()};
        QProcess sound;
        sound.start(program, arguments);
        QVERIFY(sound.waitForFinished());
        QCOMPARE(sound.exitCode(), 0);
        const QList<QByteArray> lines = sound.readAllStandardOutput().trimmed().split('\n');
        QCOMPARE(lines.size(), 9);
        const QJsonObject first = QJsonDocument::fromJson(lines[0]).object();
        QCOMPARE(first.value(u"invariant"_s), u"I1"_s);
        QCOMPARE(first.value(u"n"_s), 2);
        QCOMPARE(first.value(u"figures"_s).toObject().value(u"sources_compared"_s), 2);
        QVERIFY(QJsonDocument::fromJson(lines[5]).object().contains(u"unchecked"_s)); // I6: nobody gave figures

        QVERIFY(QFile::remove(m_world->objectFile()));
        QProcess broken;
        broken.start(program, arguments);
        QVERIFY(broken.waitForFinished());
        QCOMPARE(broken.exitCode(), 1);
        QCOMPARE(QJsonDocument::fromJson(broken.readAllStandardOutput().split('\n')[0]).object().value(u"violations"_s), 2);
    }

    void theProgramMakesSnapshotsAndRefusesNonsense()
    {
        const QString program = qEnvironmentVariable("PHOTOLIFT_BIN") + u"/photolift-check"_s;
        const auto exitCode = [&program](const QStringList &arguments) {
            QProcess process;
            process.start(program, arguments);
            return process.waitForFinished() && process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
        };
        const QString file = m_world->filePath(u"again.snapshot"_s);
        QCOMPARE(exitCode({u"snapshot"_s, u"--out"_s, file, m_world->sourceFolder()}), 0);
        QCOMPARE(exitCode({u"--client"_s, m_world->clientFolder(), u"--snapshot"_s, file}), 0);
        QCOMPARE(exitCode({}), 2);
        QCOMPARE(exitCode({u"--what"_s}), 2);
        QCOMPARE(exitCode({u"--client"_s, m_world->sourceFolder()}), 3);
        QCOMPARE(exitCode({u"--client"_s, m_world->clientFolder(), u"--snapshot"_s, m_world->sourceFolder() + u"/notes.txt"_s}), 3);
    }

private:
    std::unique_ptr<CheckedWorld> m_world;
};

QTEST_GUILESS_MAIN(TestChecker)
#include "tst_checker.moc"
