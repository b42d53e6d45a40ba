#include "app/server/http/httpserver.h"
#include "app/server/metrics/servermetrics.h"
#include "tests/server/apitest.h"
#include "tests/support/rawclient.h"

#include <QRegularExpression>
#include <QSet>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;
using namespace std::chrono_literals;
using server::Exposition;
using server::ServerMetrics;
using server::StageEnd;

namespace {

/// The value of one line of a page; -1 when it is not there.
double valueOf(const QByteArray &page, const QByteArray &series)
{
    for (const QByteArray &line : page.split('\n')) {
        if (line.startsWith(QByteArray(series + ' ')))
            return line.sliced(series.size() + 1).toDouble();
    }
    return -1;
}

/// What Prometheus would complain of: samples without HELP and TYPE right before their family, lines it cannot read, series twice.
QByteArray complaintAbout(const QByteArray &page)
{
    static const QRegularExpression Sample(
        uR"(^([a-z_]+?)(_bucket|_sum|_count)?(\{[a-z_]+="[^"\\]*"(,[a-z_]+="[^"\\]*")*\})? [-+0-9.e]+$)"_s);
    QSet<QByteArray> helped;
    QSet<QByteArray> seen;
    QByteArray family;
    QByteArray type;
    if (!page.endsWith('\n'))
        return "no line feed at the end";
    for (const QByteArray &line : page.chopped(1).split('\n')) {
        const QList<QByteArray> words = line.split(' ');
        if (line.startsWith("# HELP ")) {
            family = words.value(2);
            if (words.size() < 4 || helped.contains(family))
                return "HELP: " + line;
            helped.insert(family);
            type.clear();
        } else if (line.startsWith("# TYPE ")) {
            type = words.value(3);
            if (words.value(2) != family || (type == "counter") != family.endsWith("_total"))
                return "TYPE: " + line;
        } else {
            const QRegularExpressionMatch match = Sample.match(QString::fromLatin1(line));
            const QByteArray name = match.captured(1).toLatin1();
            const bool isPart = !match.captured(2).isEmpty();
            if (!match.hasMatch() || type.isEmpty() || name != family || isPart != (type == "histogram"))
                return "sample: " + line;
            const QByteArray series = line.first(line.lastIndexOf(' '));
            if (seen.contains(series))
                return "twice: " + line;
            seen.insert(series);
        }
    }
    return {};
}

}

/// What an administrator's tools ask: does it live, may it get work, and how does it do.
class TestHealth : public ApiTest
{
    Q_OBJECT

private Q_SLOTS:
    void requestsAreCountedByRouteAndStatus();
    void livesAlsoWhenItCannotWork();
    void readyWhileAllAnswer();
    void oneLookIsGoodForASecond();
    void pageIsOneThatPrometheusReads();
    void photosAreCountedStageByStage();
    void countersAreThereWhileTheDatabaseIsTooBusy();
    void countersAreThereWithoutTheDatabase();
    void listenerOfItsOwnServesMetricsWithoutAToken();

private:
    void prepare() override { }
    QByteArray page();
};

QByteArray TestHealth::page()
{
    server::HttpServer http({}, rig->api->metricsRoutes(), [](QByteArrayView) { return std::nullopt; });
    const Result<quint16> port = http.start();
    return RawClient(*port).ask(QByteArray("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:" + QByteArray::number(*port) + "\r\n\r\n")).body;
}

void TestHealth::requestsAreCountedByRouteAndStatus()
{
    ServerMetrics metrics({"GET /a", "POST /b"});

    metrics.countRequest("GET /a", 200, 2ms);
    metrics.countRequest("GET /a", 200, 3s);
    metrics.countRequest("GET /a", 503, 300s);
    metrics.countRequest("GET /etc/passwd", 401, 1ms);
    Exposition written;
    metrics.writeTo(written);

    const QByteArray text = written.page();
    QCOMPARE(complaintAbout(text), QByteArray());
    QCOMPARE(valueOf(text, "photolift_http_requests_total{route=\"GET /a\",status=\"200\"}"), 2);
    QCOMPARE(valueOf(text, "photolift_http_requests_total{route=\"GET /a\",status=\"503\"}"), 1);
    QCOMPARE(valueOf(text, "photolift_http_requests_total{route=\"other\",status=\"401\"}"), 1);
    QVERIFY(!text.contains("passwd"));
    const QByteArray buckets = "photolift_http_request_duration_seconds_bucket{route=\"GET /a\",le=";
    QCOMPARE(valueOf(text, buckets + "\"0.001\"}"), 0);
    QCOMPARE(valueOf(text, buckets + "\"0.0025\"}"), 1);
    QCOMPARE(valueOf(text, buckets + "\"5\"}"), 2);
    QCOMPARE(valueOf(text, buckets + "\"120\"}"), 2);
    QCOMPARE(valueOf(text, buckets + "\"+Inf\"}"), 3);
    QCOMPARE(valueOf(text, "photolift_http_request_duration_seconds_count{route=\"GET /a\"}"), 3);
    QCOMPARE(valueOf(text, "photolift_http_request_duration_seconds_sum{route=\"GET /a\"}"), 303.002);
}

void TestHealth::livesAlsoWhenItCannotWork()
{
    rig->start();
    QCOMPARE(rig->call("GET", "/healthz").status, 200);
    rig->store.setBroken(true);

    QCOMPARE(rig->call("GET", "/healthz").status, 200);
}

void TestHealth::readyWhileAllAnswer()
{
    rig->start();
    QCOMPARE(rig->call("GET", "/readyz").status, 200);

    rig->store.setBroken(true);
    ApiRig::Answer answer;
    QTRY_VERIFY((answer = rig->call("GET", "/readyz")).status == 503); // the earlier answer is good for a second
    QCOMPARE(answer.code(), u"STORAGE_NOT_READY"_s);
    rig->store.setBroken(false);
    QTRY_COMPARE(rig->call("GET", "/readyz").status, 200);
    QVERIFY(valueOf(page(), "photolift_store_errors_total") >= 1);
}

void TestHealth::oneLookIsGoodForASecond()
{
    rig->start();
    const int before = rig->store.asked();
    const auto begin = std::chrono::steady_clock::now();

    for (int i = 0; i < 200; ++i)
        QCOMPARE(rig->call("GET", "/readyz").status, 200);

    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begin).count();
    QVERIFY(rig->store.asked() - before <= 1 + seconds);
}

void TestHealth::pageIsOneThatPrometheusReads()
{
    rig->start();
    rig->upload(photoOf(1));

    const QByteArray text = page();

    QCOMPARE(complaintAbout(text), QByteArray());
    for (const char *family : {"http_requests_total", "http_request_duration_seconds", "stages_total", "rereads_total", "store_errors_total", "queue_jobs",
                               "queue_known", "queue_oldest_age_seconds", "database_waiting", "process_start_time_seconds"})
        QVERIFY2(text.contains(QByteArray(QByteArray("# HELP photolift_") + family + ' ')), family);
}

void TestHealth::photosAreCountedStageByStage()
{
    rig->start();
    rig->script->held = std::make_shared<std::latch>(1);
    const Photo photo = photoOf(1);
    const wire::Offer offer = rig->ask(photo);
    rig->put(offer, photo);
    QCOMPARE(rig->commit(offer.uploadId, photo).status, 202);
    QTRY_COMPARE(valueOf(page(), "photolift_stages_total{stage=\"reception\",outcome=\"passed\"}"), 1);
    QCOMPARE(valueOf(page(), "photolift_queue_jobs"), 1);
    QTRY_VERIFY(valueOf(page(), "photolift_queue_oldest_age_seconds") > 0);

    rig->script->held->count_down();
    rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &status) { return isTerminal(status.status); });

    QTRY_COMPARE(valueOf(page(), "photolift_queue_jobs"), 0);
    QCOMPARE(valueOf(page(), "photolift_queue_oldest_age_seconds"), 0);
    for (const char *stage : {"reception", "validation", "metadata_extraction", "processing", "storage", "indexing"})
        QTRY_COMPARE(valueOf(page(), QByteArray("photolift_stages_total{stage=\"") + stage + "\",outcome=\"passed\"}"), 1);
}

void TestHealth::countersAreThereWhileTheDatabaseIsTooBusy()
{
    rig->options.waitingRequests = 0;
    rig->start();
    QByteArray text;
    QTRY_COMPARE(valueOf(text = page(), "photolift_database_waiting{kind=\"read\"}"), 0); // the first rounds of the chores wait for each other

    QCOMPARE(complaintAbout(text), QByteArray());
    QCOMPARE(valueOf(text, "photolift_store_errors_total"), 0);
    QCOMPARE(valueOf(text, "photolift_queue_known"), 0);
    QVERIFY(!text.contains("photolift_queue_jobs"));
}

void TestHealth::countersAreThereWithoutTheDatabase()
{
    rig->start();
    rig->store.setBroken(true);
    QTRY_COMPARE(rig->call("GET", "/readyz").status, 503);
    QCOMPARE(valueOf(page(), "photolift_queue_known"), 1);
    if (!rig->options.postgres)
        return; // a file beside us does not go away

    QVERIFY2(engines.postgres().stop(), qPrintable(engines.failure()));
    const QByteArray text = page();
    QVERIFY2(engines.postgres().start(), qPrintable(engines.failure()));

    QCOMPARE(complaintAbout(text), QByteArray());
    QVERIFY(valueOf(text, "photolift_store_errors_total") >= 1);
    QCOMPARE(valueOf(text, "photolift_queue_known"), 0);
    QVERIFY(!text.contains("photolift_queue_jobs"));
    QTRY_COMPARE(valueOf(page(), "photolift_queue_known"), 1);
    QCOMPARE(valueOf(page(), "photolift_queue_jobs"), 0);
}

void TestHealth::listenerOfItsOwnServesMetricsWithoutAToken()
{
    rig->start();
    const auto recognise = [](QByteArrayView) { return std::optional<server::Caller>(); };
    server::HttpServer::Options options;
    options.onAnswered = rig->api->countRequests();
    server::HttpServer open(options, rig->api->routes(), recognise);
    const Result<quint16> port = open.start();
    QVERIFY(port);
    const auto get = [&port](const QByteArray &path) {
        return RawClient(*port).ask(QByteArray("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + QByteArray::number(*port) + "\r\n\r\n")).status;
    };

    QCOMPARE(get("/metrics"), 401); // where everybody comes there is none
    QCOMPARE(get("/readyz"), 200);

    // An answer is counted when it has left, so its reader may be here before.
    QTRY_COMPARE(valueOf(page(), "photolift_http_requests_total{route=\"other\",status=\"401\"}"), 1);
    QTRY_COMPARE(valueOf(page(), "photolift_http_requests_total{route=\"GET /readyz\",status=\"200\"}"), 1);
}

QTEST_GUILESS_MAIN(TestHealth)
#include "tst_health.moc"
