#include "tests/faults/proxiedworld.h"
#include "tests/support/organisationcopy.h"
#include "tests/support/organisationrun.h"
#include "tests/support/smallphotos.h"

#include <QTemporaryFile>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using support::CliAnswer;
using support::OrganisationRun;

namespace {

constexpr int Photos = 24; ///< more than all the lives before the last one take
const QString ServersStages = u"'reception', 'validation', 'metadata_extraction', 'processing', 'storage', 'indexing'"_s;

/// Where each life but the last one ends: at the second photo that gets there, while others are under way.
const QStringList Markers{u"work.reception.after#2"_s, u"work.reception.committed#2"_s, u"work.validation.committed#2"_s, u"work.processing.after#2"_s,
                          u"store.promoted#2"_s, u"work.storage.after#2"_s, u"work.storage.committed#2"_s, u"work.indexing.after#2"_s,
                          u"work.indexing.committed#2"_s};

} // namespace

/// F12 on an organisation's server, PostgreSQL and a RADOS Gateway: killed where the effect of a stage is done and nothing is written down, and where it just
/// has been, life after life during one upload. Each marker of the embedded server by itself: tst_f12_killserver, tst_workkills.
class TestF12Organisation : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void eachEffectIsThereOnceThoughEveryLifeEnds();

private:
    /// A server that ends at this marker; in the place of the one before.
    bool startKilledAt(const QString &marker);
    int number(const QString &question) { return m_organisation.sql(question).toInt(); }
    QStringList server()
    {
        return {u"--server"_s, m_organisation.address().toString(), u"--token-file"_s, m_organisation.tokenFileFor(u"anna"_s), u"--tuning"_s, m_tuning.fileName(), u"--wait"_s, u"120s"_s};
    }

    OrganisationRun m_organisation;
    faults::FaultFolders m_folders;
    QTemporaryFile m_tuning;
    int m_lives = 0;
};

void TestF12Organisation::initTestCase()
{
    QVERIFY2(m_organisation.start(), qPrintable(m_organisation.failure()));
    m_organisation.command({u"user"_s, u"add"_s, u"anna"_s, u"--role"_s, u"photographer"_s});
    QVERIFY2(m_organisation.lastExit() == 0, qPrintable(m_organisation.failure()));
    QVERIFY(m_tuning.open() && m_tuning.write(faults::testTuning()) > 0 && m_tuning.flush());
    for (int i = 0; i < Photos; ++i)
        support::writeJpeg(m_folders.sourceText() + u"/IMG_%1.JPG"_s.arg(i), i, 100'000 + i);
    QVERIFY(m_folders.remember());
}

bool TestF12Organisation::startKilledAt(const QString &marker)
{
    qputenv("PHOTOLIFT_KILL_AT", marker.toLatin1());
    const bool isUp = m_lives++ == 0 ? m_organisation.startServer() : m_organisation.restartServer(0);
    qunsetenv("PHOTOLIFT_KILL_AT");
    return isUp;
}

void TestF12Organisation::eachEffectIsThereOnceThoughEveryLifeEnds()
{
    support::CliRun cli(m_folders.data());
    for (const QString &marker : Markers) {
        // What the life before left behind may lead to the marker at once, before the server has said where it listens.
        const bool isUp = startKilledAt(marker);
        QVERIFY2(isUp || (m_lives > 1 && m_organisation.processId() == 0), qPrintable(marker + u": "_s + m_organisation.failure()));
        if (m_lives == 1)
            QVERIFY(cli.start(QStringList{u"upload"_s, m_folders.sourceText()} + server()));
        QVERIFY2(QTest::qWaitFor([&] { return m_organisation.processId() == 0 || !cli.isRunning(); }, 60'000), qPrintable(marker));
        QVERIFY2(m_organisation.processId() == 0 && cli.isRunning(), qPrintable(marker + u" was not passed"_s));
    }
    QVERIFY(number(u"SELECT count(*) FROM server_uploads WHERE state = 'ended'"_s) < Photos);
    QVERIFY2(m_organisation.restartServer(0), qPrintable(m_organisation.failure()));
    const CliAnswer answer = cli.finish();

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0 && answer.count("succeeded"_L1) == Photos, qPrintable(answer.toText()));
    QTRY_COMPARE_WITH_TIMEOUT(number(u"SELECT count(*) FROM server_jobs"_s), 0, 30'000);
    for (const QString &once : {u"server_assets"_s, u"server_search"_s, u"server_uploads WHERE state = 'ended'"_s, u"fact_upload_attempts"_s,
                                u"fact_upload_attempts WHERE upload_status_key = 5"_s, u"dim_photos WHERE photo_key > 0"_s})
        QVERIFY2(number(u"SELECT count(*) FROM "_s + once) == Photos, qPrintable(once));
    const QString stages = u"SELECT count(*) FROM fact_upload_stages WHERE stage_name IN (%1)"_s.arg(ServersStages);
    QCOMPARE(number(stages), 6 * Photos);
    QCOMPARE(number(stages + u" AND is_successful AND stage_end_timestamp IS NOT NULL"_s), 6 * Photos);
    QCOMPARE(number(u"SELECT count(*) FROM fact_upload_errors WHERE is_fatal"_s), 0);
    // The last rows of a run that met a server in its start go with the next one.
    for (int runs = 0; m_folders.rows(u"outbox WHERE sent_ms IS NULL"_s) != 0 && runs < 3; ++runs)
        cli.run(QStringList{u"retry"_s, u"--all"_s} + server());
    const QString copy = QString::fromUtf8(m_folders.root()) + u"/copy"_s;
    QCOMPARE(support::copyOrganisation(m_organisation, copy, u"anna"_s), QString());
    QCOMPARE(faults::FaultFolders::filesBelow(QFile::encodeName(copy + u"/objects"_s)).size(), Photos);
    QCOMPARE(support::violations({m_folders.data()}, copy, m_folders.snapshot()), QStringList());
}

QTEST_GUILESS_MAIN(TestF12Organisation)
#include "tst_f12_organisation.moc"
