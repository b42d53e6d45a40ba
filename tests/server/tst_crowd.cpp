#include "app/server/objects/objectnames.h"
#include "app/server/objects/s3/s3bucket.h"
#include "tests/support/crowdorganisation.h"
#include "tests/support/nginxrun.h"
#include "tests/support/simulateddesktop.h"
#include "tests/support/smallphotos.h"

#include <QFile>
#include <QSqlError>
#include <QSqlQuery>
#include <QTest>

#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace photolift::support;
using namespace photolift;

/// Hundreds of desktops at once, each with a token of its own, at one real server behind nginx with PostgreSQL and an
/// S3 store: they upload, wait and mirror for a while. They are told nothing but successes and "later", and everything
/// they were told holds.
class TestCrowd : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void nobodyIsToldMoreThanLater();
    void everyAcceptedPhotoIsInTheStore();
    void everyRowIsThereOnce_data();
    void everyRowIsThereOnce();
    void everyPhotoHasGoneThroughAllStages();

private:
    int number(const QString &sql) { return m_organisation.sql(sql).toInt(); }

    OrganisationRun m_organisation;
    NginxRun m_nginx;
    QTemporaryDir m_folder;
    QByteArrayList m_tokens;
    CrowdTally m_tally;
};

namespace
{

int fromEnvironment(const char *name, int otherwise)
{
    bool isGiven = false;
    const int value = qEnvironmentVariableIntValue(name, &isGiven); // the long form has 500 for a minute
    return isGiven ? value : otherwise;
}

QStringList sorted(QStringList list)
{
    list.sort();
    return list;
}

} // namespace

void TestCrowd::initTestCase()
{
    QVERIFY2(m_organisation.start(), qPrintable(m_organisation.failure()));
    QString failure;
    m_tokens = addDevices(m_organisation, fromEnvironment("PHOTOLIFT_CLIENTS", 40), failure);
    QVERIFY2(!m_tokens.isEmpty(), qPrintable(failure));
    QVERIFY2(m_organisation.startServer(), qPrintable(m_organisation.failure()));
    QVERIFY2(m_nginx.start({m_organisation.address().port()}), qPrintable(m_nginx.failure()));
}

void TestCrowd::nobodyIsToldMoreThanLater()
{
    Crowd crowd(m_nginx.certificate().pem);
    std::vector<std::unique_ptr<SimulatedDesktop>> desktops;
    const Crowd::Clock::time_point begin = Crowd::Clock::now();
    const Crowd::Clock::time_point end = begin + std::chrono::seconds(fromEnvironment("PHOTOLIFT_SECONDS", 6));
    for (int i = 0; i < m_tokens.size(); ++i) {
        desktops.push_back(std::make_unique<SimulatedDesktop>(crowd, m_nginx.address(), m_tokens[i], i, m_tally));
        desktops.back()->live(end);
    }
    crowd.run();

    const std::chrono::duration<double> took = Crowd::Clock::now() - begin;
    qInfo("%lld desktops, %.1f s, %lld photos, %lld events", static_cast<long long>(m_tokens.size()), took.count(),
          static_cast<long long>(m_tally.accepted.size()), static_cast<long long>(m_tally.applied));
    for (const auto &[what, count] : m_tally.answers.asKeyValueRange())
        qInfo("%6d x %s", count, what.constData());
    QVERIFY2(m_tally.faults.isEmpty(), qPrintable(m_tally.faults.join(u'\n')));
    QCOMPARE(crowd.mostAtOnce(), m_tokens.size());
    QCOMPARE(m_tally.answers.value("429 POST /v1/token"), 0); // all of them are right, and come from one office
    QVERIFY(m_tally.accepted.size() >= m_tokens.size());
}

void TestCrowd::everyAcceptedPhotoIsInTheStore()
{
    server::S3Account account;
    account.endpoint = m_organisation.store().endpoint();
    account.bucket = "photos";
    account.credentials = {CephGateway::accessKey(), CephGateway::secretKey(), CephGateway::region()};
    server::S3Client client(account);
    server::S3Bucket bucket(client, false, QFile::encodeName(m_folder.path()));
    for (const auto &[sha256, size] : m_tally.accepted.asKeyValueRange()) {
        QVERIFY2(m_tally.verified.contains(sha256), qPrintable(sha256));
        const Result<int> bytes = bucket.spool("objects/" + *server::objectPath(sha256, size));
        QVERIFY2(bytes, qPrintable(sha256));
        const QString stored = sha256OfFile(u"/proc/self/fd/%1"_s.arg(*bytes));
        ::close(*bytes);
        QCOMPARE(stored, sha256);
    }
}

void TestCrowd::everyRowIsThereOnce_data()
{
    QTest::addColumn<QString>("sql");
    QTest::addColumn<QStringList>("told");
    QTest::newRow("attempts") << u"SELECT client_upload_id::text FROM fact_upload_attempts"_s << m_tally.attempts;
    QTest::newRow("stages")
        << u"SELECT a.client_upload_id || ' ' || s.stage_name FROM fact_upload_stages s JOIN fact_upload_attempts a"
           " USING (upload_id) WHERE s.stage_name IN ('selection', 'preprocessing', 'initiation', 'transfer',"
           " 'verification') AND s.is_successful"_s
        << m_tally.stages;
    QTest::newRow("errors") << u"SELECT error_uid::text FROM fact_upload_errors"_s << m_tally.errors;
    QTest::newRow("photos")
        << u"SELECT a.client_upload_id::text FROM dim_photos p JOIN fact_upload_attempts a USING (upload_id)"_s
        << m_tally.photos;
    QTest::newRow("heartbeats") << u"SELECT heartbeat_id::text FROM fact_client_heartbeats"_s << m_tally.heartbeats;
}

void TestCrowd::everyRowIsThereOnce()
{
    QFETCH(QString, sql);
    QFETCH(QStringList, told);
    QVERIFY(!told.isEmpty());
    QStringList rows;
    QString trouble;
    {
        QSqlQuery query(m_organisation.openDatabase(u"rows"_s));
        if (!query.exec(sql))
            trouble = query.lastError().text();
        while (query.next())
            rows.append(query.value(0).toString());
    }
    QSqlDatabase::removeDatabase(u"rows"_s);
    QVERIFY2(trouble.isEmpty(), qPrintable(trouble));
    QCOMPARE(rows.size(), told.size());
    QVERIFY(sorted(rows) == sorted(told)); // too long to be printed
    QVERIFY(m_tally.replayed > 0);
    QCOMPARE(m_tally.repeated, m_tally.replayed);
}

void TestCrowd::everyPhotoHasGoneThroughAllStages()
{
    const auto photos = static_cast<int>(m_tally.accepted.size());
    QCOMPARE(number(u"SELECT count(*) FROM fact_upload_attempts WHERE upload_status_key = 5"_s), photos);
    QCOMPARE(number(u"SELECT count(*) FROM fact_upload_attempts WHERE upload_status_key <> 5"_s), 0);
    QCOMPARE(number(u"SELECT count(*) FROM fact_upload_stages WHERE stage_name IN ('reception', 'validation', "
                    u"'metadata_extraction', 'processing',"
                    " 'storage', 'indexing') AND is_successful"_s),
             6 * photos);
    QCOMPARE(number(u"SELECT count(*) FROM server_assets"_s), photos);
    QCOMPARE(number(u"SELECT count(*) FROM server_jobs"_s), 0);
    QCOMPARE(number(u"SELECT count(*) FROM staging.batch"_s), 0);
}

QTEST_GUILESS_MAIN(TestCrowd)
#include "tst_crowd.moc"
