#include "tests/faults/proxiedworld.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::FaultFolders;
using faults::ProxiedWorld;
using support::CliAnswer;
using support::CliRun;

namespace {
constexpr int Trials = 5; ///< of each of four cases: n = 20
constexpr int Photos = 3;
}

/// F44: the same photos given twice, 20 times. One row in the queue per file, one object, one asset.
class TestF44Twice : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void oneCommandNamesThemTwice_data()
    {
        QTest::addColumn<QList<QByteArray>>("names"); // below the photos' folder
        QTest::newRow("a folder twice") << QList<QByteArray>{"", ""};
        QTest::newRow("a folder and its parent") << QList<QByteArray>{"day", ""};
        QTest::newRow("a folder and a file in it") << QList<QByteArray>{"day", "day/photo0.jpg"};
    }

    void oneCommandNamesThemTwice()
    {
        QFETCH(const QList<QByteArray>, names);
        ProxiedWorld world;
        QVERIFY(world.start());
        for (int trial = 0; trial < Trials; ++trial) {
            const QByteArray folder = "trial" + QByteArray::number(trial);
            for (int i = 0; i < Photos; ++i)
                QVERIFY(world.folders.writePhoto(folder + "/day/photo" + QByteArray::number(i) + ".jpg", trial * Photos + i));
            QVERIFY(world.folders.remember());
            QStringList command = world.upload(world.folders.path(folder + '/' + names.first()));
            command.insert(2, QFile::decodeName(world.folders.path(folder + '/' + names.last())));
            const CliAnswer answer = world.client.run(command);

            QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
            QCOMPARE(answer.summary->found, Photos);
            QCOMPARE(answer.summary->succeeded, Photos);
            const int all = (trial + 1) * Photos;
            QCOMPARE(world.clientNumber(u"SELECT count(*) FROM queue_items"_s), all);
            QCOMPARE(world.clientNumber(u"SELECT count(*) FROM fact_upload_attempts"_s), all);
            QCOMPARE(world.serverNumber(u"SELECT count(*) FROM server_assets"_s), all);
            QCOMPARE(world.objects(), all);
        }
        QCOMPARE(world.violations(), QString());
    }

    void twoClientsSendTheSamePhotosAtOnce()
    {
        ProxiedWorld world;
        QVERIFY(world.start());
        CliRun other(QString::fromUtf8(world.folders.root()) + u"/other"_s);
        for (int trial = 0; trial < Trials; ++trial) {
            const QByteArray folder = "trial" + QByteArray::number(trial);
            for (int i = 0; i < Photos; ++i)
                QVERIFY(world.folders.writePhoto(folder + "/photo" + QByteArray::number(i) + ".jpg", trial * Photos + i));
            QVERIFY(world.folders.remember());
            const QStringList command = world.upload(world.folders.path(folder));
            QVERIFY(world.client.start(command) && other.start(command));
            const CliAnswer mine = world.client.finish();
            const CliAnswer theirs = other.finish();

            QVERIFY2(mine.faults.isEmpty() && mine.exitCode == 0, qPrintable(mine.toText()));
            QVERIFY2(theirs.faults.isEmpty() && theirs.exitCode == 0, qPrintable(theirs.toText()));
            const int all = (trial + 1) * Photos;
            QCOMPARE(world.clientNumber(u"SELECT count(*) FROM queue_items"_s), all);
            QCOMPARE(faults::numberFrom(other.dataFolder() + u"/photolift.db"_s, u"SELECT count(*) FROM queue_items"_s), all);
            QCOMPARE(world.objects(), all);
            QCOMPARE(world.serverNumber(u"SELECT count(*) FROM server_assets"_s), all); // each client made the project for itself
        }
        QVERIFY(world.drain(world.client) && world.drain(other));
        QCOMPARE(world.serverNumber(u"SELECT count(*) FROM dim_projects WHERE project_key > 0"_s), 1);
        QCOMPARE(support::violations({world.client.dataFolder(), other.dataFolder()}, world.serverFolder(), world.folders.snapshot()).join(u'\n'), QString());
    }
};

QTEST_GUILESS_MAIN(TestF44Twice)
#include "tst_f44_twice.moc"
