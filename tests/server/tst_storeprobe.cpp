#include "tests/server/s3storerig.h"
#include "tests/server/storeprogram.h"
#include "tests/support/faultproxy.h"

#include <QRegularExpression>
#include <QTest>

using namespace photolift;
using namespace photolift::server;
using namespace photolift::server::test;
using namespace Qt::StringLiterals;
using photolift::test::StoreProgram;
using support::Fault;
using support::FaultProxy;
using support::SeenRequest;

namespace {

const QByteArray Taken = FaultProxy::answer(200, {}, {}, {{"ETag", "\"0\""}});
const QByteArray Refused = FaultProxy::answer(403, "application/xml", "<Error><Code>AccessDenied</Code></Error>");

/// A PUT to the probe's part that has all the fields of the right one, whatever is in them or in its body.
bool isWhole(const SeenRequest &request)
{
    const auto &fields = request.headers;
    return request.method == "PUT" && request.target.startsWith("/photos/incoming/") && request.target.contains("partNumber=1&") && request.target.contains("X-Amz-Expires=300&")
        && fields.contains("content-md5") && fields.value("x-amz-acl") == "private" && !fields.contains("x-amz-grant-read")
        && !fields.contains("x-amz-copy-source");
}

/// A store that answers this one request so.
Fault wrong(const QByteArray &method, const QByteArray &pathPart, std::function<bool(const SeenRequest &)> meets = {}, int skip = 0,
            const QByteArray &answer = Taken)
{
    Fault fault;
    fault.method = method;
    fault.pathPart = pathPart;
    fault.meets = std::move(meets);
    fault.skip = skip;
    fault.answerAtOnce = answer;
    return fault;
}

/// What the log is told while it lives. One at a time.
class LogLines
{
    Q_DISABLE_COPY_MOVE(LogLines)
public:
    LogLines()
    {
        kept().clear();
        m_before = qInstallMessageHandler([](QtMsgType, const QMessageLogContext &, const QString &message) { kept().append(message); });
    }
    ~LogLines() { qInstallMessageHandler(m_before); }
    static QStringList with(const QString &part) { return kept().filter(part); }

private:
    static QStringList &kept()
    {
        static QStringList lines;
        return lines;
    }
    QtMessageHandler m_before = nullptr;
};

template <typename T> QByteArray why(const Result<T> &result)
{
    return result ? QByteArray() : errorName(result.error().code).toString().toLatin1() + ' ' + result.error().detail.toUtf8();
}

}
Q_DECLARE_METATYPE(photolift::support::Fault)

/// The probe of a store at each start (FAULTS C-12), on a real RADOS Gateway: what it says, and the clocks (M7).
class TestStoreProbe : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void whatNothingReliesOnIsReported();
    void aWrongAnswerIsNamed_data();
    void aWrongAnswerIsNamed();
    void aServerDoesNotStartOnAWrongAnswer();
    void aClockThatDiffersIsNamed_data();
    void aClockThatDiffersIsNamed();
    void noLinksAreGivenOutWhileTheClocksDiffer();

private:
    /// A store whose server has a clock that is so far ahead of this computer's.
    std::unique_ptr<S3Store> storeWithClock(const int &aheadSeconds) const
    {
        S3Store::Options options{m_rig.account(), QFile::encodeName(m_rig.spool.path())};
        options.now = [&aheadSeconds] { return QDateTime::currentDateTimeUtc().addSecs(aheadSeconds); };
        return std::make_unique<S3Store>(options);
    }

    S3StoreRig m_rig;
    FaultProxy m_proxy; ///< in front of it
    StoreProgram m_program;
};

void TestStoreProbe::initTestCase()
{
    QVERIFY2(m_rig.start(), qPrintable(m_rig.failure));
    m_proxy.setUpstream(m_rig.ceph.endpoint());
    m_proxy.keepHost();
}

void TestStoreProbe::whatNothingReliesOnIsReported()
{
    const LogLines log;

    const Result<> proven = m_rig.store()->probe();

    QVERIFY2(proven, why(proven).constData());
    const QStringList said{u"probe: other bytes than a checksum in the query -> taken (nothing relies on it)"_s,
                           u"probe: signed by a clock a day ahead -> taken (nothing relies on it)"_s};
    QCOMPARE(log.with(u"probe:"_s), said);
    QVERIFY(m_rig.store()->stale(-3600'000)->isEmpty()); // nothing of it is left
}

void TestStoreProbe::aWrongAnswerIsNamed_data()
{
    QTest::addColumn<QString>("named");
    QTest::addColumn<Fault>("fault");
    const auto row = [](const char *name, const Fault &fault) { QTest::newRow(name) << QString::fromLatin1(name) << fault; };
    row("other verb", wrong("GET", "partNumber=1"));
    row("removing", wrong("DELETE", "partNumber=1"));
    row("other key", wrong("PUT", "/photos/objects/"));
    row("other part", wrong("PUT", "partNumber=2"));
    // Those that differ in a value or in the body come in the order of the probe's table.
    row("larger body", wrong("PUT", {}, isWhole, 0));
    row("smaller body", wrong("PUT", {}, isWhole, 1));
    row("other checksum", wrong("PUT", {}, isWhole, 2));
    row("no checksum", wrong("PUT", {}, [](const SeenRequest &request) { return !request.headers.contains("content-md5"); }));
    row("other bytes", wrong("PUT", {}, isWhole, 3));
    row("longer life", wrong("PUT", "X-Amz-Expires=9300"));
    row("expired", wrong("PUT", "X-Amz-Expires=1&"));
    row("anonymous", wrong("PUT", {}, [](const SeenRequest &request) { return request.target.endsWith("?partNumber=1"); }));
    row("other ACL", wrong("PUT", {}, [](const SeenRequest &request) { return request.headers.value("x-amz-acl") == "public-read"; }));
    row("no ACL", wrong("PUT", "partNumber=1&", [](const SeenRequest &request) { return !request.headers.contains("x-amz-acl"); }));
    row("grant", wrong("PUT", {}, [](const SeenRequest &request) { return request.headers.contains("x-amz-grant-read"); }));
    row("copy source", wrong("PUT", {}, [](const SeenRequest &request) { return request.headers.contains("x-amz-copy-source"); }));
    const auto isList = [](const SeenRequest &request) { return request.target.contains("uploadId=") && !request.target.contains("partNumber="); };
    const QByteArray part = "<ListPartsResult><Part><PartNumber>1</PartNumber><ETag>\"0\"</ETag><Size>1</Size></Part></ListPartsResult>";
    row("a refused part was kept", wrong("GET", {}, isList, 0, FaultProxy::answer(200, "application/xml", part)));
    row("the right part", wrong("PUT", {}, isWhole, 5, Refused)); // behind the one that was torn
    row("the same part again", wrong("PUT", {}, isWhole, 6, Refused));
    row("list of parts", wrong("GET", {}, isList, 1, FaultProxy::answer(200, "application/xml", part)));
    const auto isObject = [](const SeenRequest &request) { return !request.target.contains("uploadId="); };
    row("re-read", wrong("GET", "/photos/incoming/", isObject, 0, FaultProxy::answer(200, {}, "other bytes")));
}

void TestStoreProbe::aWrongAnswerIsNamed()
{
    QFETCH(const QString, named);
    QFETCH(const Fault, fault);
    m_proxy.clearFaults();
    m_proxy.add(fault);

    const StoreProgram::Said said = m_program.run(m_proxy.url({}), {u"check"_s});

    QCOMPARE(said.exitCode, 1);
    QVERIFY2(said.complaints.contains(QString(u"STORAGE_NOT_READY: probe: "_s + named + u'\n').toUtf8()), said.complaints.constData());
    QVERIFY(m_rig.store()->stale(-3600'000)->isEmpty()); // nothing of it is left
}

void TestStoreProbe::aServerDoesNotStartOnAWrongAnswer()
{
    m_proxy.clearFaults();
    const StoreProgram::Said right = m_program.run(m_proxy.url({}), {});
    QVERIFY2(right.exitCode == -1 && right.output.contains("\"address\""), right.complaints.constData());
    m_program.server().terminate();
    QVERIFY(QTest::qWaitFor([this] { return m_program.server().state() == QProcess::NotRunning; }, 30'000));

    m_proxy.add(wrong("PUT", {}, isWhole, 3));
    const StoreProgram::Said said = m_program.run(m_proxy.url({}), {});

    QCOMPARE(said.exitCode, 1);
    QVERIFY2(said.output.contains("\"STORAGE_NOT_READY\""), said.output.constData());
    QVERIFY2(said.complaints.contains("the store failed its probe: probe: other bytes"), said.complaints.constData());
}

void TestStoreProbe::aClockThatDiffersIsNamed_data()
{
    QTest::addColumn<int>("aheadSeconds");
    QTest::addColumn<QString>("said");
    QTest::newRow("a little ahead") << 30 << QString();
    QTest::newRow("a little behind") << -30 << QString();
    QTest::newRow("too far ahead") << 75 << u"the clock of this server is 7\\d s ahead of that of the store"_s;
    QTest::newRow("too far behind") << -75 << u"the clock of this server is 7\\d s behind that of the store"_s;
    QTest::newRow("a day ahead") << 86400 << u"is 8640\\d s ahead of"_s;
    QTest::newRow("a day behind") << -86400 << u"is 86[34]\\d\\d s behind"_s;
}

void TestStoreProbe::aClockThatDiffersIsNamed()
{
    QFETCH(const int, aheadSeconds);
    QFETCH(const QString, said);

    const Result<> proven = storeWithClock(aheadSeconds)->probe();

    QVERIFY2(bool(proven) == said.isEmpty(), why(proven).constData());
    if (!proven) {
        QCOMPARE(proven.error().code, ErrorCode::StorageNotReady);
        QVERIFY2(proven.error().detail.contains(QRegularExpression(said)), why(proven).constData());
    }
}

void TestStoreProbe::noLinksAreGivenOutWhileTheClocksDiffer()
{
    int ahead = 0;
    const auto s3 = storeWithClock(ahead);
    const QByteArray photo = "a photo";
    const QList<wire::PartOrder> order{{1, photo.size(), md5(photo)}};
    const QUuid id = newUuid7();
    QVERIFY(s3->begin(id, photo.size(), S3StoreRig::PartBytes));
    QVERIFY(s3->links(id, order, {}));
    const LogLines log;

    for (const int wrong : {3600, -86400}) {
        ahead = wrong; // somebody sets it: no answer of the store is needed to see that
        QCOMPARE(s3->links(id, order, {}).error().code, ErrorCode::StorageNotReady);
        QCOMPARE(s3->downloadLink(sha256(photo), photo.size(), {}).error().code, ErrorCode::StorageNotReady);
        QCOMPARE(s3->begin(newUuid7(), photo.size(), S3StoreRig::PartBytes).error().code, ErrorCode::StorageNotReady);
    }
    ahead = 0;

    QVERIFY(s3->links(id, order, {}));
    QVERIFY(s3->downloadLink(sha256(photo), photo.size(), {}));
    QCOMPARE(m_rig.put(*s3, id, 1, photo), 200);
    QCOMPARE(log.with(u"no links are given out: "_s).size(), 1); // once, however often it is asked
    QCOMPARE(log.with(u"links are given out again:"_s).size(), 1);
    QVERIFY(s3->discard(id));
}

QTEST_GUILESS_MAIN(TestStoreProbe)
#include "tst_storeprobe.moc"
