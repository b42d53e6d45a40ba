#include "app/server/objects/s3/s3bucket.h"
#include "app/server/objects/s3/s3store.h"
#include "models/vocabulary/ids.h"
#include "tests/faults/faultfolders.h"
#include "tests/support/organisationrun.h"
#include "tests/support/smallphotos.h"

#include <QFile>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using support::CephGateway;
using support::CliAnswer;
using support::OrganisationRun;

/// Days in which no worker works, and the bucket's own rules do (FAULTS C-13): a photo that was told safe lies below incoming/ alone until its storage stage.
class TestBucketDays : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void aSafePhotoOutlivesTheRulesOfTheBucket_data();
    void aSafePhotoOutlivesTheRulesOfTheBucket();

private:
    QByteArrayList listed(const QByteArray &prefix, bool isUnfinished);

    OrganisationRun m_organisation;
    server::S3Account m_account;
    int m_lives = 0;
};

void TestBucketDays::initTestCase()
{
    QVERIFY2(m_organisation.start(), qPrintable(m_organisation.failure()));
    m_organisation.command({u"user"_s, u"add"_s, u"anna"_s, u"--role"_s, u"photographer"_s});
    QVERIFY2(m_organisation.lastExit() == 0, qPrintable(m_organisation.failure()));
    m_account.endpoint = m_organisation.store().endpoint();
    m_account.bucket = "photos";
    m_account.credentials = {CephGateway::accessKey(), CephGateway::secretKey(), CephGateway::region()};
}

/// The keys of unfinished uploads or of whole objects.
QByteArrayList TestBucketDays::listed(const QByteArray &prefix, bool isUnfinished)
{
    server::S3Client client(m_account);
    server::S3Bucket bucket(client, false, {});
    QByteArrayList keys;
    const auto note = [&keys](const server::S3Listed &entry) {
        keys.append(entry.key);
        return Result<>();
    };
    return (isUnfinished ? bucket.eachUpload(prefix, note) : bucket.eachObject(prefix, note)) ? keys : QByteArrayList{"no list"};
}

void TestBucketDays::aSafePhotoOutlivesTheRulesOfTheBucket_data()
{
    QTest::addColumn<QString>("marker");
    QTest::newRow("just told safe") << u"work.validation.committed"_s;
    QTest::newRow("before its pictures") << u"work.processing.before"_s;
    QTest::newRow("before it is stored") << u"work.storage.before"_s;
}

void TestBucketDays::aSafePhotoOutlivesTheRulesOfTheBucket()
{
    QFETCH(const QString, marker);
    const faults::FaultFolders folders;
    const QString photo = folders.sourceText() + u"/IMG_1.JPG"_s;
    ++m_lives;
    support::writeJpeg(photo, m_lives, 300'000);
    const QString sha256 = support::sha256OfFile(photo);
    QFile source(photo);
    QVERIFY(source.open(QIODevice::ReadOnly));
    const QByteArray bytes = source.readAll();
    qputenv("PHOTOLIFT_KILL_AT", marker.toLatin1());
    const bool isUp = m_lives == 1 ? m_organisation.startServer() : m_organisation.restartServer(0);
    qunsetenv("PHOTOLIFT_KILL_AT");
    QVERIFY2(isUp, qPrintable(m_organisation.failure()));
    support::CliRun cli(folders.data());
    QVERIFY(cli.start({u"upload"_s, folders.sourceText(), u"--server"_s, m_organisation.address().toString(), u"--token-file"_s,
                       m_organisation.tokenFileFor(u"anna"_s), u"--wait"_s, u"5s"_s}));
    QVERIFY2(QTest::qWaitFor([this] { return m_organisation.processId() == 0; }, 60'000), qPrintable(marker));
    (void)cli.finish();
    QCOMPARE(m_organisation.sql(u"SELECT told_json::json ->> 'is_safe' FROM server_uploads WHERE sha256 = '%1'"_s.arg(sha256)), u"true"_s);
    QVERIFY(source.remove()); // who is told that it is safe may do so
    const QByteArrayList only = listed("incoming/", false);
    QCOMPARE(only.size(), 1);
    QVERIFY(!listed("objects/", false).join().contains(sha256.toLatin1()));

    // By what is younger and may go it is seen that the rules have been through.
    const auto another = std::make_unique<server::S3Store>(server::S3Store::Options{m_account, folders.root()});
    QVERIFY(another->begin(newUuid7(), 1, 1));
    QCOMPARE(listed("incoming/", true).size(), 1);
    const auto isThrough = [this] { return m_organisation.store().runLifecycle(1) && listed("incoming/", true).isEmpty(); };
    QVERIFY2(QTest::qWaitFor(isThrough, 120'000), qPrintable(m_organisation.store().failure()));
    QCOMPARE(listed("incoming/", false), only);

    QVERIFY2(m_organisation.restartServer(0), qPrintable(m_organisation.failure()));
    const QString state = u"SELECT state FROM server_uploads WHERE sha256 = '%1'"_s.arg(sha256);
    QTRY_COMPARE_WITH_TIMEOUT(m_organisation.sql(state), u"ended"_s, 60'000);
    QTRY_COMPARE_WITH_TIMEOUT(listed("incoming/", false), QByteArrayList(), 30'000);
    const QByteArrayList stored = listed("objects/", false);
    const auto key = std::ranges::find_if(stored, [&sha256](const QByteArray &each) { return each.contains(sha256.toLatin1()); });
    QVERIFY(key != stored.end());
    server::S3Client client(m_account);
    server::S3Request look;
    look.key = *key;
    const auto answer = client.sendExpectingGood(look);
    QVERIFY(answer && answer->body == bytes);
    QCOMPARE(m_organisation.stopServer(0), 0);
}

QTEST_GUILESS_MAIN(TestBucketDays)
#include "tst_bucketdays.moc"
