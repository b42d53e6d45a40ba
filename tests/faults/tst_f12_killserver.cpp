#include "tests/faults/faultfolders.h"
#include "tests/faults/proxiedworld.h"
#include "tests/faults/serverlives.h"

#include <QTemporaryFile>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::FaultFolders;
using faults::ServerLives;
using support::CliAnswer;
using support::CliRun;

namespace {
constexpr int Photos = 3;
}

/// F12 from the client's side: the embedded server is killed at each of its markers in the middle of an upload, the client starts it
/// again, and every photo arrives once: n = 24. The server's own effects, one photo at a time: tst_workkills.
class TestF12KillServer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(m_tuning.open());
        QVERIFY(m_tuning.write(faults::testTuning()) > 0);
        QVERIFY(m_tuning.flush());
    }
    void everyPhotoArrivesAcrossAKill_data();
    void everyPhotoArrivesAcrossAKill();

private:
    QTemporaryFile m_tuning;
    ServerLives m_lives;
};

void TestF12KillServer::everyPhotoArrivesAcrossAKill_data()
{
    QTest::addColumn<QString>("point");
    QStringList points{u"api.ask.before_commit"_s,   u"api.ask.after_commit"_s,    u"api.ask.linked"_s,     u"api.commit.before_commit"_s,
                       u"api.commit.after_commit"_s, u"api.events.before_commit"_s, u"api.events.after_commit"_s, u"store.begun"_s,
                       u"store.part.written"_s,      u"store.part.synced"_s,        u"store.part.acknowledged"_s, u"store.assembled"_s,
                       u"store.promoting"_s,         u"store.promoted"_s};
    for (const QString &stage : {u"reception"_s, u"validation"_s, u"metadata_extraction"_s, u"processing"_s, u"storage"_s, u"indexing"_s})
        points.append(u"work."_s + stage + u".after"_s); // done, and nobody knows
    for (const QString &stage : {u"reception"_s, u"validation"_s, u"storage"_s, u"indexing"_s})
        points.append(u"work."_s + stage + u".committed"_s);
    // Alternately at the first and at the second photo: once with nothing behind it, once with others under way.
    for (qsizetype i = 0; i < points.size(); ++i) {
        const QString point = i % 2 == 0 ? points[i] : points[i] + u"#2"_s;
        QTest::newRow(qPrintable(point)) << point;
    }
}

void TestF12KillServer::everyPhotoArrivesAcrossAKill()
{
    QFETCH(QString, point);
    m_lives.reset();
    QVERIFY(m_lives.killAt(1, point));
    FaultFolders folders;
    for (int i = 0; i < Photos; ++i)
        QVERIFY(folders.writePhoto("photo" + QByteArray::number(i) + ".jpg", i));
    QVERIFY(folders.remember());
    CliRun client(folders.data(), m_lives.client());

    const CliAnswer answer = client.run({u"upload"_s, folders.sourceText(), u"--tuning"_s, m_tuning.fileName(), u"--wait"_s, u"60s"_s});

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
    QCOMPARE(m_lives.count(), 2); // the marker was passed, and nobody else died
    QCOMPARE(answer.summary->succeeded, Photos);
    QCOMPARE(faults::numberFrom(folders.server() + u"/server.sqlite"_s, u"SELECT count(*) FROM server_assets"_s), Photos);
    QCOMPARE(faults::numberFrom(folders.server() + u"/server.sqlite"_s, u"SELECT count(*) FROM server_jobs"_s), 0);
    QCOMPARE(folders.rows(u"fact_upload_attempts"_s), Photos); // a restart of the server is no end of an attempt
    QCOMPARE(folders.rows(u"fact_upload_errors WHERE is_fatal = 1"_s), 0);
    QVERIFY(folders.drain());
    QCOMPARE(folders.violations(), QString());
}

QTEST_GUILESS_MAIN(TestF12KillServer)
#include "tst_f12_killserver.moc"
