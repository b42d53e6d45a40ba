#include "app/server/objects/objectnames.h"
#include "app/server/objects/s3/s3bucket.h"
#include "tests/support/desktoprun.h"
#include "tests/support/organisationrun.h"
#include "tests/support/rawclient.h"
#include "tests/support/smallphotos.h"

#include <QFile>
#include <QTest>

#include <algorithm>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::support;

/// F42: of what has long been stored, one photo rots in the store, by one bit, one is gone, and of a third the file has left the desktop, too. The regular re-read
/// finds them, and the desktop that brought them brings again what it still has, asked by nobody. An organisation's real server, PostgreSQL and a RADOS Gateway.
class TestF42Reread : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void photosAreStored();
    void theReReadFindsWhatIsDamaged();
    void theDesktopBringsItAgain();
    void theStoreIsWholeAgain();

private:
    static constexpr int Photos = 12;
    static constexpr int Rotten = 0, Gone = 1, GoneTwice = 2;
    QString photo(int number) const { return m_folder.filePath(u"card/IMG_%1.JPG"_s.arg(number)); }
    QByteArray keyOf(int number) const { return m_keys.at(number); }
    bool startDesktop(const QStringList &paths);
    bool change(const char *method, const QByteArray &key, const QByteArray &body = {});
    qint64 rows(const QString &tableAndCondition) const { return m_desktop->rows(tableAndCondition); }

    OrganisationRun m_organisation;
    server::S3Account m_account;
    QTemporaryDir m_folder;
    std::unique_ptr<DesktopRun> m_desktop;
    QString m_token;
    QByteArrayList m_keys;
};

void TestF42Reread::initTestCase()
{
    QVERIFY2(m_organisation.start(), qPrintable(m_organisation.failure()));
    QVERIFY2(m_organisation.startServer(), qPrintable(m_organisation.failure()));
    m_organisation.command({u"user"_s, u"add"_s, u"anna"_s, u"--role"_s, u"photographer"_s});
    m_token = m_organisation.tokenFileFor(u"anna"_s);
    QVERIFY2(!m_token.isEmpty(), qPrintable(m_organisation.failure()));
    m_account.endpoint = m_organisation.store().endpoint();
    m_account.bucket = "photos";
    m_account.credentials = {CephGateway::accessKey(), CephGateway::secretKey(), CephGateway::region()};
}

bool TestF42Reread::startDesktop(const QStringList &paths)
{
    m_desktop.reset();
    const QString token = m_folder.filePath(u"token"_s);
    if (!QFile::exists(token) && !QFile::copy(m_token, token))
        return false;
    m_desktop = std::make_unique<DesktopRun>(m_folder.filePath(u"desktop"_s), m_organisation.address(), token);
    return m_desktop->start(paths);
}

bool TestF42Reread::change(const char *method, const QByteArray &key, const QByteArray &body)
{
    server::S3Client client(m_account);
    server::S3Request request;
    request.method = method;
    request.key = key;
    request.body = body;
    return bool(client.sendExpectingGood(request));
}

void TestF42Reread::photosAreStored()
{
    for (int i = 0; i < Photos; ++i) {
        writeJpeg(photo(i), i + 1, 300'000);
        m_keys.append("objects/" + server::objectPath(sha256OfFile(photo(i)), QFile(photo(i)).size()).value_or(QByteArray()));
    }
    QVERIFY(startDesktop({m_folder.filePath(u"card"_s)}));
    QVERIFY(QTest::qWaitFor([this] { return m_desktop->hasEnded(u"(SELECT count(*) FROM queue_items WHERE is_safe = 1) = %1"_s.arg(Photos)); }, 120'000));
    m_desktop.reset();
}

void TestF42Reread::theReReadFindsWhatIsDamaged()
{
    QCOMPARE(m_organisation.stopServer(0), 0);
    QFile file(photo(Rotten));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QByteArray bytes = file.readAll();
    bytes[bytes.size() / 2] = char(bytes[bytes.size() / 2] ^ 1);
    QVERIFY(change("GET", keyOf(Rotten))); // the names are right
    QVERIFY(change("PUT", keyOf(Rotten), bytes));
    QVERIFY(change("DELETE", keyOf(Gone)));
    QVERIFY(change("DELETE", keyOf(GoneTwice)));
    QVERIFY(QFile::remove(photo(GoneTwice)));
    QVERIFY2(m_organisation.tell(u"UPDATE server_rereads SET begun_ms = begun_ms - 28 * 86400000::bigint"_s), qPrintable(m_organisation.failure()));

    qputenv("PHOTOLIFT_KILL_AT", "rereads.read"); // behind the first one
    (void)m_organisation.restartServer(0); // it may be dead before it has said its address
    qunsetenv("PHOTOLIFT_KILL_AT");
    QVERIFY(QTest::qWaitFor([this] { return m_organisation.processId() == 0; }, 60'000));
    QVERIFY2(m_organisation.restartServer(0), qPrintable(m_organisation.failure()));

    QTRY_VERIFY_WITH_TIMEOUT(!m_organisation.sql(u"SELECT ended_ms FROM server_rereads WHERE ended_ms IS NOT NULL"_s).isEmpty(), 60'000);
    QCOMPARE(m_organisation.sql(u"SELECT count(*) FROM server_objects WHERE state = 'lost'"_s), u"3"_s);
    QCOMPARE(m_organisation.sql(u"SELECT count(*) FROM server_objects WHERE state = 'stored'"_s), QString::number(Photos - 3));
    const bool wasFirst = m_keys.indexOf(*std::ranges::min_element(m_keys)) <= GoneTwice; // found in the life that was killed
    test::RawClient client(static_cast<quint16>(m_organisation.metrics().port()));
    const test::RawAnswer page = client.ask("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
    for (const auto &[outcome, count] : {std::pair("whole", Photos - 3), std::pair("damaged", wasFirst ? 2 : 3), std::pair("unread", 0)}) {
        const QByteArray line = QByteArray("\nphotolift_rereads_total{outcome=\"") + outcome + "\"} " + QByteArray::number(count) + '\n';
        QVERIFY2(page.body.contains(line), page.body.constData());
    }
}

void TestF42Reread::theDesktopBringsItAgain()
{
    QVERIFY(startDesktop({}));

    QVERIFY(QTest::qWaitFor([this] { return m_desktop->hasEnded(u"(SELECT count(*) FROM queue_items WHERE attempt_number = 2) = 3"_s); }, 180'000));

    QCOMPARE(rows(u"queue_items WHERE state = 'succeeded' AND is_safe = 1 AND attempt_number = 2"_s), 2);
    QCOMPARE(rows(u"queue_items WHERE state = 'needs_you' AND is_safe = 0 AND error_code = 'SELECTION_FILE_MISSING'"_s), 1);
    QCOMPARE(rows(u"queue_items WHERE is_safe = 1"_s), Photos - 1);
}

void TestF42Reread::theStoreIsWholeAgain()
{
    QCOMPARE(m_organisation.sql(u"SELECT count(*) FROM server_objects WHERE state = 'stored'"_s), QString::number(Photos - 1));
    server::S3Client client(m_account);
    server::S3Bucket bucket(client, false, {});
    for (int i = 0; i < Photos; ++i) {
        const QByteArray name = keyOf(i).mid(keyOf(i).lastIndexOf('/') + 1);
        const Result<bool> holds = bucket.holds(keyOf(i), QString::fromLatin1(name.first(64)), name.mid(65).toLongLong());
        QVERIFY(holds);
        QCOMPARE(*holds, i != GoneTwice);
    }
    // Nobody asks for what its person cannot bring: the next heartbeat changes nothing.
    const qint64 attempts = rows(u"fact_upload_attempts"_s);
    const qint64 heartbeats = rows(u"fact_client_heartbeats"_s);
    QVERIFY(startDesktop({}));
    QVERIFY(QTest::qWaitFor([&] { return m_desktop->hasEnded(u"(SELECT count(*) FROM fact_client_heartbeats) > %1"_s.arg(heartbeats)); }, 120'000));
    QCOMPARE(rows(u"fact_upload_attempts"_s), attempts);
}

QTEST_GUILESS_MAIN(TestF42Reread)
#include "tst_f42_reread.moc"
