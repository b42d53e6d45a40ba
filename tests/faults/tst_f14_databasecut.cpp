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
constexpr int Photos = 80; // enough for each cut to find new commits
constexpr int Cuts = 5;    // FAULTS: one in a hundred of the 200 that the row asks for, and five at least
}

/// F14: PostgreSQL, with all its flushing on, is cut off again and again while it commits.
class TestF14DatabaseCut : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void theServersCommitsAreOnDisk();
    void everyAcknowledgedRowIsThere();

private:
    OrganisationRun m_organisation;
    faults::FaultFolders m_folders;
};

void TestF14DatabaseCut::initTestCase()
{
    QVERIFY2(m_organisation.start(support::CephGateway::Daemons::One, support::PostgresRun::Durability::Real), qPrintable(m_organisation.failure()));
    QCOMPARE(m_organisation.sql(u"SHOW fsync"_s), u"on"_s);
    QCOMPARE(m_organisation.sql(u"SHOW full_page_writes"_s), u"on"_s);
}

/// Each login may be set up otherwise by an administrator; what the server does with it is asserted for every connection it opens.
void TestF14DatabaseCut::theServersCommitsAreOnDisk()
{
    for (const QString &login : {u"photolift_app"_s, u"photolift_worker"_s, u"photolift_retention"_s})
        QVERIFY2(m_organisation.tell(u"ALTER ROLE %1 SET synchronous_commit = off"_s.arg(login)), qPrintable(m_organisation.failure()));
    // Whatever one of its transactions was told at its commit: a trigger sees it as the connection has it.
    QVERIFY2(m_organisation.tell(u"CREATE TABLE seen_commits (setting text)"_s) && m_organisation.tell(u"GRANT INSERT ON seen_commits TO PUBLIC"_s)
                 && m_organisation.tell(u"CREATE FUNCTION see_commit() RETURNS trigger LANGUAGE plpgsql AS "
                                        "$$ BEGIN INSERT INTO seen_commits VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$"_s)
                 && m_organisation.tell(u"CREATE TRIGGER see_commit AFTER INSERT OR UPDATE ON server_uploads FOR EACH STATEMENT EXECUTE FUNCTION see_commit()"_s),
             qPrintable(m_organisation.failure()));
    QVERIFY2(m_organisation.startServer(), qPrintable(m_organisation.failure()));
    m_organisation.command({u"user"_s, u"add"_s, u"anna"_s, u"--role"_s, u"photographer"_s});
    QVERIFY(m_folders.writePhoto("first.jpg", 100'000));
    support::CliRun cli(m_folders.data());

    const CliAnswer answer = cli.run({u"upload"_s, m_folders.sourceText(), u"--server"_s, m_organisation.address().toString(), u"--token-file"_s,
                                      m_organisation.tokenFileFor(u"anna"_s)});

    QVERIFY2(answer.exitCode == 0 && answer.count("succeeded"_L1) == 1, qPrintable(answer.toText()));
    QCOMPARE(m_organisation.sql(u"SELECT string_agg(DISTINCT setting, ' ') FROM seen_commits"_s), u"on"_s);
    QVERIFY2(m_organisation.tell(u"DROP TRIGGER see_commit ON server_uploads"_s) && m_organisation.tell(u"DROP TABLE seen_commits"_s),
             qPrintable(m_organisation.failure()));
}

void TestF14DatabaseCut::everyAcknowledgedRowIsThere()
{
    const QString token = m_organisation.tokenFileFor(u"anna"_s);
    QVERIFY2(!token.isEmpty(), qPrintable(m_organisation.failure()));
    for (int i = 0; i < Photos; ++i)
        support::writeJpeg(m_folders.sourceText() + u"/IMG_%1.JPG"_s.arg(i), i, 150'000 + i);
    QVERIFY(m_folders.remember());
    const auto ended = [this] { return m_organisation.sql(u"SELECT count(*) FROM server_uploads WHERE committed_ms IS NOT NULL"_s).toInt(); };
    // What the client's list has as told by the server: its verification has ended well.
    const QString acknowledged = u"fact_upload_stages WHERE stage_name = 'verification' AND is_successful = 1"_s;
    support::CliRun cli(m_folders.data());
    QTemporaryFile tuning;
    QVERIFY(tuning.open() && tuning.write(faults::testTuning()) > 0 && tuning.flush());

    QVERIFY(cli.start({u"upload"_s, m_folders.sourceText(), u"--server"_s, m_organisation.address().toString(), u"--token-file"_s, token, u"--tuning"_s, tuning.fileName()}));
    int before = ended();
    for (int cut = 0; cut < Cuts; ++cut) {
        QTRY_VERIFY_WITH_TIMEOUT(ended() >= before + 5 || !cli.isRunning(), 60'000);
        QVERIFY2(cli.isRunning(), qPrintable(u"all was over at cut %1"_s.arg(cut)));
        before = ended();
        const qint64 told = m_folders.rows(acknowledged);
        QVERIFY2(m_organisation.postgres().cut(), qPrintable(m_organisation.postgres().failure()));
        // What anybody has seen committed is committed for good.
        const int after = ended();
        QVERIFY2(after >= before && after >= told, qPrintable(u"%1 rows; %2 before cut %3, %4 told"_s.arg(after).arg(before).arg(cut).arg(told)));
    }
    const CliAnswer answer = cli.finish(200'000);

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0 && answer.count("succeeded"_L1) == Photos, qPrintable(answer.toText()));
    // The last rows of a run that met a server without its database go with the next one.
    for (int runs = 0; m_folders.rows(u"outbox WHERE sent_ms IS NULL"_s) != 0 && runs < 3; ++runs)
        cli.run({u"retry"_s, u"--all"_s, u"--server"_s, m_organisation.address().toString(), u"--token-file"_s, m_organisation.tokenFileFor(u"anna"_s)});
    const QString copy = QString::fromUtf8(m_folders.root()) + u"/copy"_s;
    QCOMPARE(support::copyOrganisation(m_organisation, copy, u"anna"_s), QString());
    QCOMPARE(support::violations({m_folders.data()}, copy, m_folders.snapshot()), QStringList());
}

QTEST_GUILESS_MAIN(TestF14DatabaseCut)
#include "tst_f14_databasecut.moc"
