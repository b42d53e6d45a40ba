#include "models/wire/messages.h"
#include "tests/faults/proxiedworld.h"
#include "tests/support/flood.h"
#include "tests/support/nginxrun.h"
#include "tests/support/programprocesses.h"
#include "tests/support/rawclient.h"
#include "tests/support/smallorganisation.h"
#include "tests/support/smallphotos.h"

#include <QDir>
#include <QJsonDocument>
#include <QTemporaryFile>
#include <QTest>

#include <sys/resource.h>

#include <future>

using namespace Qt::StringLiterals;
using namespace photolift;
using support::CliAnswer;
using support::Flood;
using test::RawAnswer;
using test::RawClient;

namespace {

constexpr int Photos = 40;
constexpr qint64 HeadMs = 10'000;
constexpr qint64 StallMs = 60'000;          ///< `stall_seconds`, of those who have shown a token
constexpr qint64 StrangersStallMs = 10'000; ///< of all others
constexpr qint64 BusyMs = 6000;       ///< a busy machine's own share
constexpr qint64 LeastP99Ms = 100;    ///< below it, twice as long is the machine's noise
constexpr qint64 LeastWholeMs = 3000; ///< likewise
constexpr int MostConnections = 4000; ///< of the server
constexpr int MostOfAToken = 100;
constexpr int Newcomers = 200;
#ifdef PHOTOLIFT_SANITIZED
constexpr qint64 MostGrowthBytes = 450'000'000; // each block with its surroundings, and for a while after its end
#else
constexpr qint64 MostGrowthBytes = 150'000'000;
#endif

} // namespace

/// F53: who holds connections and says next to nothing, or takes nothing, and thousands of them at once; beside it people upload.
class TestF53Connections : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void tooMuchIsRefusedUnread_data();
    void tooMuchIsRefusedUnread();
    void aTokenHasAHundredConnections();
    void aStrangersBodyHasTenSeconds();
    void uploadsGoOnBesideTenThousand();

private:
    /// The head of a request with its blank line; `fields` each end with CRLF.
    QByteArray head(const QByteArray &line, const QByteArray &fields = {}) const
    {
        return line + " HTTP/1.1\r\nHost: 127.0.0.1:" + QByteArray::number(m_port) + "\r\n" + fields + "\r\n";
    }
    QByteArray withToken() const { return "Authorization: Bearer " + m_access + "\r\n"; }
    /// Further photos of anna arrive.
    struct Upload {
        qint64 p99Ms = -1;   ///< the slowest of a hundred of their ways through question, transfer and verification; -1: not all arrived
        qint64 wholeMs = 0;  ///< of the program
        qint64 troubles = 0; ///< that it met, such as being told to come later
    };
    Upload upload();
    int descriptors() const { return static_cast<int>(QDir(u"/proc/%1/fd"_s.arg(m_organisation.processId())).entryList(QDir::AllEntries | QDir::System).size()); }

    support::SmallOrganisation m_organisation;
    faults::FaultFolders m_folders;
    QTemporaryFile m_token;
    quint16 m_port = 0;
    QByteArray m_access; ///< eve's
    int m_runs = 0;
};

void TestF53Connections::initTestCase()
{
    rlimit files{};
    QVERIFY(::getrlimit(RLIMIT_NOFILE, &files) == 0);
    files.rlim_cur = files.rlim_max;
    QVERIFY(::setrlimit(RLIMIT_NOFILE, &files) == 0);
    QVERIFY2(files.rlim_cur >= 11'000, qPrintable(u"of %1 descriptors"_s.arg(files.rlim_cur)));
    QVERIFY2(m_organisation.start() && m_organisation.addPerson(u"anna"_s) && m_organisation.addPerson(u"eve"_s), qPrintable(m_organisation.failure()));
    QVERIFY(m_token.open() && m_token.write(m_organisation.tokenFor(u"anna"_s)) > 0 && m_token.flush());
    m_port = static_cast<quint16>(m_organisation.address().port());
    const QByteArray body = QJsonDocument(wire::toJson(wire::TokenRequest{QString::fromLatin1(m_organisation.tokenFor(u"eve"_s))})).toJson(QJsonDocument::Compact);
    const RawAnswer answer = RawClient(m_port).ask(
        QByteArray(head("POST /v1/token", "Content-Type: application/json\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n") + body));
    m_access = QJsonDocument::fromJson(answer.body)["access_token"_L1].toString().toLatin1();
    QVERIFY2(!m_access.isEmpty(), answer.body.constData());
}

void TestF53Connections::tooMuchIsRefusedUnread_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<QByteArray>("fields");
    QTest::addColumn<bool>("isKnown");
    QTest::addColumn<int>("status");
    QTest::newRow("a head of 17 KiB") << QByteArray("GET /v1/info") << QByteArray("X-Large: " + QByteArray(17 * 1024, 'x') + "\r\n") << true << 431;
    QTest::newRow("a question of 1 MiB and a byte") << QByteArray("POST /v1/uploads") << QByteArray("Content-Length: 1048577\r\n") << true << 413;
    QTest::newRow("records of 2 GiB") << QByteArray("POST /v1/events") << QByteArray("Content-Length: 2147483648\r\n") << true << 413;
    QTest::newRow("a stranger's token of 5,000 bytes") << QByteArray("POST /v1/token") << QByteArray("Content-Length: 5000\r\n") << false << 413;
    QTest::newRow("a stranger's records") << QByteArray("POST /v1/events") << QByteArray("Content-Length: 1000000\r\n") << false << 401;
}

void TestF53Connections::tooMuchIsRefusedUnread()
{
    QFETCH(const QByteArray, line);
    QFETCH(QByteArray, fields);
    QFETCH(const bool, isKnown);
    RawClient client(m_port);

    // Nothing of the body is sent: the answer waits for none of it.
    const RawAnswer answer = client.ask(head(line, (isKnown ? withToken() : QByteArray()) + fields));

    QTEST(answer.status, "status");
    QVERIFY(client.isClosedWithin(std::chrono::seconds(10)));
}

void TestF53Connections::aTokenHasAHundredConnections()
{
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < MostOfAToken; ++i) {
        clients.push_back(std::make_unique<RawClient>(m_port));
        QCOMPARE(clients.back()->ask(head("GET /v1/info", withToken())).status, 200);
    }

    const RawAnswer refused = RawClient(m_port).ask(head("GET /v1/info", withToken()));

    QCOMPARE(refused.status, 429);
    QVERIFY(refused.headers.contains("retry-after"));
    QVERIFY(upload().p99Ms >= 0); // anna has her own
}

/// While there is room for everybody: nobody has to go for the sake of others.
void TestF53Connections::aStrangersBodyHasTenSeconds()
{
    constexpr int Sockets = 5;
    const QByteArray body = "Content-Type: application/json\r\nContent-Length: 4000\r\n";
    Flood flood(m_port);
    flood.begin({{.name = "stranger", .sockets = Sockets, .address = 21, .opening = head("POST /v1/token", body), .drip = ' '},
                 {.name = "known", .sockets = Sockets, .address = 22, .opening = head("POST /v1/uploads", withToken() + body + "Idempotency-Key: 1\r\n"), .drip = ' '}});

    QTRY_VERIFY_WITH_TIMEOUT(flood.tally("stranger").cut >= Sockets, int(StrangersStallMs + BusyMs));

    const Flood::Tally known = flood.tally("known");
    QCOMPARE(known.cut, 0); // a hole in a network may last a minute
    QCOMPARE(known.now, Sockets);
}

TestF53Connections::Upload TestF53Connections::upload()
{
    const QString run = QString::number(++m_runs);
    const QString photos = m_folders.sourceText() + u'/' + run;
    for (int i = 0; i < Photos; ++i)
        support::writeJpeg(photos + u"/IMG_%1.JPG"_s.arg(i), m_runs * Photos + i, 100'000);
    support::CliRun cli(m_folders.data() + run);
    const CliAnswer answer = cli.run({u"upload"_s, photos, u"--server"_s, m_organisation.address().toString(), u"--token-file"_s, m_token.fileName()});
    Upload upload{.wholeMs = answer.durationMs};
    if (answer.exitCode != 0 || answer.count("succeeded"_L1) != Photos) {
        qWarning().noquote() << answer.toText();
        return upload;
    }
    const QString database = cli.dataFolder() + u"/photolift.db"_s;
    const QString ways = u"(SELECT sum(stage_duration_ms) AS ms FROM fact_upload_stages WHERE stage_name IN ('initiation', 'transfer', 'verification') GROUP BY upload_id)"_s;
    upload.p99Ms = faults::numberFrom(database, u"SELECT ms FROM %1 ORDER BY ms LIMIT 1 OFFSET (SELECT count(*) * 99 / 100 FROM %1)"_s.arg(ways));
    upload.troubles = faults::numberFrom(database, u"SELECT count(*) FROM fact_upload_errors"_s);
    return upload;
}

void TestF53Connections::uploadsGoOnBesideTenThousand()
{
    const Upload quiet = upload();
    QVERIFY(quiet.p99Ms > 0);
    const int descriptorsBefore = descriptors();
    const qint64 memoryBefore = support::peakResidentBytes(m_organisation.processId());

    // A request that is answered and then ever the same cheap one: 404. Nobody takes the answers.
    const QByteArray requests = head("GET /v1/info", withToken()) + head("GET /nothing", withToken()).repeated(4000);
    const QByteArray slowBody = "Content-Type: application/json\r\nContent-Length: 4000\r\n";
    const std::vector<Flood::Attack> attacks{
        {.name = "silent", .sockets = 6500, .address = 2},
        {.name = "silent", .sockets = 1000, .address = 1}, // from where the honest ones are
        {.name = "silent", .sockets = 1000, .address = 1},
        {.name = "silent", .sockets = 500, .address = 1},
        {.name = "slow head", .sockets = 600, .address = 20, .opening = head("GET /v1/info").chopped(2) + "X-Slow: ", .drip = 'x'},
        {.name = "stranger's slow body", .sockets = 330, .address = 21, .opening = head("POST /v1/token", slowBody), .drip = ' '},
        {.name = "slow body", .sockets = 40, .address = 22, .opening = head("POST /v1/uploads", withToken() + slowBody + "Idempotency-Key: 1\r\n"), .drip = ' '},
        {.name = "slow reader", .sockets = 30, .address = 23, .opening = requests, .isReading = false},
    };
    support::NginxRun nginx; // our site: those who say nothing are its own to cut
    QVERIFY2(nginx.start({m_port}), qPrintable(nginx.failure()));
    auto isSilentCut = std::async(std::launch::async, [port = static_cast<quint16>(nginx.address().port())] {
        return RawClient(port).isClosedWithin(std::chrono::milliseconds(HeadMs + BusyMs));
    });
    {
        Flood flood(m_port);
        flood.begin(attacks);
        const auto hasBegun = [&] {
            return std::all_of(attacks.begin(), attacks.end(), [&](const Flood::Attack &attack) { return flood.tally(attack.name).opened >= attack.sockets; })
                && flood.tally("silent").opened >= 9000;
        };
        QTRY_VERIFY_WITH_TIMEOUT(hasBegun(), 60'000);

        // Whoever comes now is let in, also from the address that most of them have.
        int letIn = 0;
        for (int i = 0; i < Newcomers; ++i)
            letIn += RawClient(m_port).ask(head("GET /v1/info", withToken())).status == 200 ? 1 : 0;
        QVERIFY2(letIn >= Newcomers * 99 / 100, qPrintable(QString::number(letIn)));
        const Upload beside = upload();
        const int mostDescriptors = descriptors();

        qInfo() << "p99 of a photo and whole upload in ms, before:" << quiet.p99Ms << quiet.wholeMs << "beside it:" << beside.p99Ms << beside.wholeMs
                << "descriptors:" << descriptorsBefore << mostDescriptors;
        QVERIFY(beside.p99Ms > 0);
        QCOMPARE(beside.troubles, 0);
        QVERIFY2(beside.p99Ms <= 2 * std::max(quiet.p99Ms, LeastP99Ms), qPrintable(QString::number(beside.p99Ms)));
        QVERIFY2(beside.wholeMs <= 2 * std::max(quiet.wholeMs, LeastWholeMs), qPrintable(QString::number(beside.wholeMs)));
        QVERIFY2(mostDescriptors > MostConnections / 2, qPrintable(QString::number(mostDescriptors))); // it was an attack
        QVERIFY2(mostDescriptors <= MostConnections + 200 + descriptorsBefore, qPrintable(QString::number(mostDescriptors)));

        // Whoever holds on is cut, and in time.
        for (const Flood::Attack &attack : attacks) {
            if (attack.name.startsWith("slow"))
                QTRY_VERIFY2_WITH_TIMEOUT(flood.tally(attack.name).cut >= attack.sockets, attack.name.constData(), int(HeadMs + StallMs + BusyMs));
        }
        for (const char *name : {"silent", "slow head", "stranger's slow body", "slow body", "slow reader"}) {
            const Flood::Tally tally = flood.tally(name);
            qInfo().noquote() << name << "opened" << tally.opened << "cut" << tally.cut << "longest ms" << tally.longestMs;
            QVERIFY2(tally.cut > 0, name);
            const bool isOfHead = qstrcmp(name, "silent") == 0 || qstrcmp(name, "slow head") == 0;
            const qint64 mostMs = isOfHead ? HeadMs : qstrcmp(name, "stranger's slow body") == 0 ? StrangersStallMs
                                                                                                 : HeadMs + StallMs;
            QVERIFY2(tally.longestMs <= mostMs + BusyMs, qPrintable(u"%1 %2"_s.arg(QLatin1StringView(name)).arg(tally.longestMs)));
        }
    }
    QVERIFY(isSilentCut.get());
    const qint64 growth = support::peakResidentBytes(m_organisation.processId()) - memoryBefore;
    qInfo() << "memory before:" << memoryBefore << "more at most:" << growth;
    QVERIFY2(growth <= MostGrowthBytes, qPrintable(QString::number(growth)));
    // And nothing is left of it.
    QTRY_VERIFY_WITH_TIMEOUT(descriptors() <= descriptorsBefore + 20, 30'000);
    QCOMPARE(RawClient(m_port).ask(head("GET /v1/info", withToken())).status, 200);
}

QTEST_GUILESS_MAIN(TestF53Connections)
#include "tst_f53_connections.moc"
