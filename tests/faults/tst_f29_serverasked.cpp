#include "models/vocabulary/ids.h"
#include "tests/faults/faultfolders.h"
#include "tests/support/nginxrun.h"
#include "tests/support/smallorganisation.h"
#include "tests/support/smallphotos.h"

#include <QDateTime>
#include <QFile>
#include <QLocale>
#include <QTemporaryFile>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using support::CliAnswer;

namespace {

constexpr qint64 LeastMs = 1000;     ///< what FAULTS clamps to
constexpr qint64 QuickMostMs = 6000; ///< of the quarter of an hour that it clamps to (tst_retrypolicy): a test waits for this
constexpr qint64 BusyMs = 10'000;    ///< a busy machine's own share; a second too early is never one

/// In front of the server: while FOLDER/later is there, calls of one kind are refused as nginx refuses. Each call is written down.
const QString Site = uR"(log_format calls '$msec $request_time $status $request_method $uri $http_photolift_correlation';
map "$request_method $uri" $is_meant { default ""; "~%4" meant; }
server {
    listen LISTEN;
    access_log FOLDER/calls calls;
    client_max_body_size 17m;
    proxy_request_buffering off;
    location / {
        set $later $is_meant;
        if (-f FOLDER/later) { set $later "$later now"; }
        if ($later = "meant now") { return %2; }
        proxy_pass %1;
        proxy_set_header Host $http_host;
    }
    error_page %2 = @later;
    location @later {
        internal;
        default_type text/html;
        add_header Retry-After "%3" always;
        return %2 "<html><title>%2</title></html>";
    }
}
)"_s;

/// One line of what nginx writes down.
struct Call {
    qint64 fromMs = 0;
    qint64 toMs = 0; ///< when nginx was done with it: what it refused may have been read to the end first, long after it had answered
    int status = 0;
    QByteArray what; ///< method and path
    QByteArray attempt; ///< that it belongs to
};

QList<Call> callsIn(const QString &folder)
{
    QFile file(folder + u"/calls"_s);
    QList<Call> calls;
    if (!file.open(QIODevice::ReadOnly))
        return calls;
    const QByteArrayList lines = file.readAll().split('\n');
    for (const QByteArray &line : lines) {
        const QByteArrayList words = line.split(' ');
        if (words.size() != 6)
            continue;
        const qint64 toMs = qRound64(words[0].toDouble() * 1000);
        calls.append({toMs - qRound64(words[1].toDouble() * 1000), toMs, words[2].toInt(), words[3] + ' ' + words[4], words[5]});
    }
    return calls;
}

QList<Call> refused(const QList<Call> &calls, int status)
{
    QList<Call> found;
    std::copy_if(calls.begin(), calls.end(), std::back_inserter(found), [status](const Call &call) { return call.status == status; });
    return found;
}

} // namespace

/// F29: a real nginx before the server says "later", in each way there is to say when.
class TestF29ServerAsked : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void nothingIsAskedBeforeTheTime_data();
    void nothingIsAskedBeforeTheTime();
    void severalThatWereToldAtOnceComeBackSpread();

private:
    bool startNginx(support::NginxRun &nginx, int status, const QString &retryAfter, const QString &meant) const;
    static bool setLater(const support::NginxRun &nginx, bool isOn);
    /// A fresh device token: of one only five exchanges a minute are allowed, and whoever has used them up is told "later" by the server itself.
    bool writeToken(QTemporaryFile &file);
    static QStringList upload(const faults::FaultFolders &folders, const support::NginxRun &nginx, const QTemporaryFile &token);

    support::SmallOrganisation m_organisation;
    QTemporaryFile m_tuning;
    int m_photos = 0;
};

void TestF29ServerAsked::initTestCase()
{
    QVERIFY2(m_organisation.start(), qPrintable(m_organisation.failure()));
    QVERIFY2(m_organisation.addPerson(u"anna"_s), qPrintable(m_organisation.failure()));
    QVERIFY(m_tuning.open() && m_tuning.write(R"({"stableLookMs": 20, "freeExtraRequests": 1000, "serverAskedMaxMs": 6000})") > 0 && m_tuning.flush());
}

bool TestF29ServerAsked::startNginx(support::NginxRun &nginx, int status, const QString &retryAfter, const QString &meant) const
{
    return nginx.startSite(Site.arg(m_organisation.address().toString()).arg(status).arg(retryAfter, meant)) && setLater(nginx, true);
}

bool TestF29ServerAsked::setLater(const support::NginxRun &nginx, bool isOn)
{
    QFile later(nginx.folder() + u"/later"_s);
    return isOn ? later.open(QIODevice::WriteOnly) : later.remove();
}

bool TestF29ServerAsked::writeToken(QTemporaryFile &file)
{
    return file.open() && file.write(m_organisation.tokenFor(u"anna"_s)) > 0 && file.flush();
}

QStringList TestF29ServerAsked::upload(const faults::FaultFolders &folders, const support::NginxRun &nginx, const QTemporaryFile &token)
{
    return {u"upload"_s, folders.sourceText(), u"--server"_s, nginx.address().toString(), u"--token-file"_s, token.fileName(), u"--wait"_s, u"60s"_s};
}

void TestF29ServerAsked::nothingIsAskedBeforeTheTime_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("retryAfter"); // "date": some seconds from now
    QTest::addColumn<QString>("meant");
    QTest::addColumn<qint64>("leastMs"); // -1: nothing was said that makes sense
    const QString question = u"^POST /v1/uploads$"_s;
    const QString part = u"^PUT "_s;
    const QString all = u"^"_s;
    for (const int status : {429, 503}) {
        const auto row = [&](const char *name, const QString &retryAfter, const QString &meant, qint64 leastMs) {
            QTest::addRow("%d, %s", status, name) << status << retryAfter << meant << leastMs;
        };
        row("seconds", u"3"_s, question, 3000);
        row("date", u"date"_s, question, LeastMs);
        row("0", u"0"_s, question, LeastMs);
        row("10^9", u"1000000000"_s, question, QuickMostMs);
        row("garbage", u"when the cows come home"_s, question, -1);
        row("seconds, to every call", u"2"_s, all, 2000);
    }
    QTest::newRow("503, seconds, to a part of a photo") << 503 << u"3"_s << part << qint64(3000);
}

void TestF29ServerAsked::nothingIsAskedBeforeTheTime()
{
    QFETCH(const int, status);
    QFETCH(QString, retryAfter);
    QFETCH(const QString, meant);
    QFETCH(const qint64, leastMs);
    qint64 notBeforeMs = 0;
    QTemporaryFile token;
    QVERIFY2(writeToken(token), qPrintable(m_organisation.failure()));
    if (retryAfter == u"date"_s) {
        const QDateTime instant = QDateTime::fromSecsSinceEpoch(QDateTime::currentSecsSinceEpoch() + 6, Qt::UTC);
        retryAfter = QLocale::c().toString(instant, u"ddd, dd MMM yyyy HH:mm:ss 'GMT'"_s);
        notBeforeMs = instant.toMSecsSinceEpoch();
    }
    support::NginxRun nginx;
    QVERIFY2(startNginx(nginx, status, retryAfter, meant), qPrintable(nginx.failure()));
    faults::FaultFolders folders;
    support::writeJpeg(folders.sourceText() + u"/IMG.JPG"_s, ++m_photos, 100'000);
    support::CliRun cli(folders.data());

    QVERIFY(cli.start(upload(folders, nginx, token) + QStringList{u"--tuning"_s, m_tuning.fileName()}));
    QTRY_VERIFY_WITH_TIMEOUT(!refused(callsIn(nginx.folder()), status).isEmpty(), 30'000);
    QVERIFY(setLater(nginx, false));
    const CliAnswer answer = cli.finish(60'000);

    QVERIFY2(answer.exitCode == 0 && answer.count("succeeded"_L1) == 1, qPrintable(answer.toText()));
    const QList<Call> calls = callsIn(nginx.folder());
    const QList<Call> later = refused(calls, status);
    for (const Call &call : later) {
        const auto next = std::find_if(calls.begin(), calls.end(), [&call](const Call &other) { return other.what == call.what && other.toMs > call.toMs; });
        QVERIFY2(next != calls.end(), call.what.constData());
        const qint64 waitedMs = next->fromMs - call.fromMs;
        QVERIFY2(waitedMs >= leastMs, qPrintable(u"%1 came again after %2 ms"_s.arg(QString::fromLatin1(call.what)).arg(waitedMs)));
        QVERIFY2(next->fromMs >= notBeforeMs, qPrintable(u"%1 came again %2 ms too early"_s.arg(QString::fromLatin1(call.what)).arg(notBeforeMs - next->fromMs)));
        const qint64 mostMs = std::max({leastMs, QuickMostMs, notBeforeMs - call.toMs}) * 12 / 10 + BusyMs;
        QVERIFY2(waitedMs <= mostMs, qPrintable(u"%1 came again after %2 ms"_s.arg(QString::fromLatin1(call.what)).arg(waitedMs)));
    }
    if (meant != u"^"_s) { // of one photo there is one question and one part, and nobody else asks
        if (leastMs > 0)
            QCOMPARE(later.size(), 1); // else the next may come before nginx is told to let it through
        const QString code = status == 429 ? u"API_RATE_LIMITED"_s : u"API_UNAVAILABLE"_s;
        QCOMPARE(folders.rows(u"fact_upload_errors WHERE error_code = '%1'"_s.arg(code)), later.size());
    }
}

/// What a thousand do in tst_retrypolicy is what these run.
void TestF29ServerAsked::severalThatWereToldAtOnceComeBackSpread()
{
    constexpr int Clients = 12;
    constexpr qint64 AskedMs = 10'000;
    constexpr qint64 LeastSpreadMs = 500; // of 2,000: by chance all are as near in 3 of a million runs
    support::NginxRun nginx;
    QVERIFY2(startNginx(nginx, 503, u"10"_s, u"^POST /v1/uploads$"_s), qPrintable(nginx.failure()));
    struct One {
        faults::FaultFolders folders;
        QTemporaryFile token;
        std::unique_ptr<support::CliRun> cli;
    };
    std::vector<std::unique_ptr<One>> crowd;
    for (int i = 0; i < Clients; ++i) {
        auto one = std::make_unique<One>();
        support::writeJpeg(one->folders.sourceText() + u"/IMG.JPG"_s, ++m_photos, 100'000);
        QVERIFY2(writeToken(one->token), qPrintable(m_organisation.failure()));
        one->cli = std::make_unique<support::CliRun>(one->folders.data());
        crowd.push_back(std::move(one));
    }

    for (const auto &one : crowd)
        QVERIFY(one->cli->start(upload(one->folders, nginx, one->token)));
    QTRY_COMPARE_WITH_TIMEOUT(refused(callsIn(nginx.folder()), 503).size(), Clients, 30'000);
    QVERIFY(setLater(nginx, false));
    for (const auto &one : crowd) {
        const CliAnswer answer = one->cli->finish(60'000);
        QVERIFY2(answer.exitCode == 0 && answer.count("succeeded"_L1) == 1, qPrintable(answer.toText()));
    }

    const QList<Call> calls = callsIn(nginx.folder());
    const QList<Call> later = refused(calls, 503);
    QCOMPARE(later.size(), Clients);
    QList<qint64> waits;
    for (const Call &call : later) {
        const auto next = std::find_if(calls.begin(), calls.end(), [&call](const Call &other) { return other.attempt == call.attempt && other.what == call.what && other.toMs > call.toMs; });
        QVERIFY2(next != calls.end(), call.attempt.constData());
        waits.append(next->fromMs - call.fromMs);
    }
    std::sort(waits.begin(), waits.end());
    qInfo() << "came again after ms:" << waits;
    QVERIFY2(waits.first() >= AskedMs, qPrintable(QString::number(waits.first())));
    QVERIFY2(waits.last() <= AskedMs * 12 / 10 + BusyMs, qPrintable(QString::number(waits.last())));
    QVERIFY2(waits.last() - waits.first() >= LeastSpreadMs, qPrintable(QString::number(waits.last() - waits.first())));
}

QTEST_GUILESS_MAIN(TestF29ServerAsked)
#include "tst_f29_serverasked.moc"
