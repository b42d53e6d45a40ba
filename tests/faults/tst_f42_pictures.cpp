#include "app/server/objects/s3/s3bucket.h"
#include "tests/faults/faultfolders.h"
#include "tests/support/organisationrun.h"
#include "tests/support/smallphotos.h"

#include <QFile>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using support::CephGateway;
using support::CliAnswer;
using support::CliRun;
using support::OrganisationRun;

/// F42: bytes that are gone behind validation, when their pictures have been made. The photo is given back to its client, and its pictures leave the store, unless
/// it comes again. An organisation's real server, PostgreSQL and a RADOS Gateway; tst_purge has the rows one by one.
class TestF42Pictures : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void picturesOfWhatWasGivenBackLeaveTheStore_data();
    void picturesOfWhatWasGivenBackLeaveTheStore();

private:
    QStringList upload(const faults::FaultFolders &folders, const QString &patience)
    {
        return {u"upload"_s, folders.sourceText(), u"--server"_s, m_organisation.address().toString(), u"--token-file"_s, m_token, u"--wait"_s, patience};
    }
    QByteArrayList listed(const QByteArray &prefix);
    /// The keys of what was made from these bytes.
    QByteArrayList picturesOf(const QString &sha256);
    /// Once more, with a round of retention at its start.
    bool restart() { return m_organisation.stopServer(0) == 0 && m_organisation.restartServer(0); }

    OrganisationRun m_organisation;
    server::S3Account m_account;
    QString m_token;
    faults::FaultFolders m_others;
    QByteArrayList m_picturesOfOthers; ///< of a photo that is stored and stays
    int m_photos = 0;
};

void TestF42Pictures::initTestCase()
{
    QVERIFY2(m_organisation.start(), qPrintable(m_organisation.failure()));
    QVERIFY2(m_organisation.startServer(), qPrintable(m_organisation.failure()));
    m_organisation.command({u"user"_s, u"add"_s, u"anna"_s, u"--role"_s, u"photographer"_s});
    m_token = m_organisation.tokenFileFor(u"anna"_s);
    QVERIFY2(!m_token.isEmpty(), qPrintable(m_organisation.failure()));
    m_account.endpoint = m_organisation.store().endpoint();
    m_account.bucket = "photos";
    m_account.credentials = {CephGateway::accessKey(), CephGateway::secretKey(), CephGateway::region()};

    support::writeJpeg(m_others.sourceText() + u"/IMG_1.JPG"_s, ++m_photos, 300'000);
    const CliAnswer answer = CliRun(m_others.data()).run(upload(m_others, u"60s"_s));
    QVERIFY2(answer.exitCode == 0, qPrintable(answer.toText()));
    m_picturesOfOthers = listed("derived/");
    QVERIFY(!m_picturesOfOthers.isEmpty());
}

QByteArrayList TestF42Pictures::listed(const QByteArray &prefix)
{
    server::S3Client client(m_account);
    server::S3Bucket bucket(client, false, {});
    QByteArrayList keys;
    const auto note = [&keys](const server::S3Listed &entry) {
        keys.append(entry.key);
        return Result<>();
    };
    return bucket.eachObject(prefix, note) ? keys : QByteArrayList{"no list"};
}

QByteArrayList TestF42Pictures::picturesOf(const QString &sha256)
{
    QByteArrayList keys = listed("derived/");
    keys.removeIf([&sha256](const QByteArray &key) { return !key.contains(sha256.toLatin1()) && key != "no list"; });
    return keys;
}

void TestF42Pictures::picturesOfWhatWasGivenBackLeaveTheStore_data()
{
    QTest::addColumn<bool>("isRemoved");
    QTest::newRow("its object is removed") << true;
    QTest::newRow("its object is another, and shorter") << false;
}

void TestF42Pictures::picturesOfWhatWasGivenBackLeaveTheStore()
{
    QFETCH(const bool, isRemoved);
    faults::FaultFolders folders;
    const QString photo = folders.sourceText() + u"/IMG_1.JPG"_s;
    support::writeJpeg(photo, ++m_photos, 300'000);
    QVERIFY(folders.remember());
    const QString sha256 = support::sha256OfFile(photo);
    // A life that ends when the pictures are made and the photo lies below incoming/ alone.
    QCOMPARE(m_organisation.stopServer(0), 0);
    qputenv("PHOTOLIFT_KILL_AT", "work.processing.committed");
    const bool isUp = m_organisation.restartServer(0);
    qunsetenv("PHOTOLIFT_KILL_AT");
    QVERIFY2(isUp, qPrintable(m_organisation.failure()));
    CliRun cli(folders.data());
    QVERIFY(cli.start(upload(folders, u"5s"_s)));
    QVERIFY(QTest::qWaitFor([this] { return m_organisation.processId() == 0; }, 60'000));
    (void)cli.finish();
    const QString pictures = QString::fromLatin1(picturesOf(sha256).join(' '));
    QVERIFY2(pictures.contains(sha256), qPrintable(pictures));
    const QByteArrayList incoming = listed("incoming/");
    QCOMPARE(incoming.size(), 1);

    server::S3Client client(m_account);
    server::S3Request damage;
    damage.method = isRemoved ? "DELETE" : "PUT";
    damage.key = incoming.first();
    damage.body = isRemoved ? QByteArray() : QByteArray("what is left of it");
    QVERIFY(client.sendExpectingGood(damage));
    QVERIFY2(m_organisation.restartServer(0), qPrintable(m_organisation.failure()));
    const QString state = u"SELECT state FROM server_uploads WHERE sha256 = '%1'"_s.arg(sha256);
    QTRY_COMPARE_WITH_TIMEOUT(m_organisation.sql(state), u"returned"_s, 60'000);
    QCOMPARE(m_organisation.sql(u"SELECT count(*) FROM fact_upload_errors WHERE error_code = 'STORAGE_COPY_DAMAGED'"_s).toInt(), m_photos - 1);
    QVERIFY2(restart(), qPrintable(m_organisation.failure()));

    QVERIFY2(QTest::qWaitFor([&] { return picturesOf(sha256).isEmpty(); }, 30'000), qPrintable(QString::fromLatin1(picturesOf(sha256).join(' '))));
    QTRY_COMPARE_WITH_TIMEOUT(m_organisation.sql(u"SELECT count(*) FROM server_removals"_s), u"0"_s, 10'000);
    for (const QByteArray &kept : std::as_const(m_picturesOfOthers))
        QVERIFY2(listed("derived/").contains(kept), kept.constData());

    // Its client has it still, and brings it: with its pictures.
    const CliAnswer answer = CliRun(folders.data()).run(upload(folders, u"60s"_s));
    QVERIFY2(answer.exitCode == 0 && answer.count("succeeded"_L1) == 1, qPrintable(answer.toText()));
    QVERIFY(restart());
    QCOMPARE(QString::fromLatin1(picturesOf(sha256).join(' ')), pictures);
    QCOMPARE(m_organisation.sql(u"SELECT count(*) FROM server_assets"_s).toInt(), m_photos);
    QCOMPARE(listed("incoming/"), QByteArrayList());
    m_picturesOfOthers += picturesOf(sha256);
}

QTEST_GUILESS_MAIN(TestF42Pictures)
#include "tst_f42_pictures.moc"
