#include "tests/server/s3storerig.h"

#include <QRegularExpression>
#include <QTest>

using namespace photolift;
using namespace photolift::server;
using namespace photolift::server::test;
using namespace Qt::StringLiterals;

namespace {

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

/// The probe of a store at each start (FAULTS C-12), on a real RADOS Gateway: what it says, and the clocks (M7).
class TestStoreProbe : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void whatNothingReliesOnIsReported();
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
};

void TestStoreProbe::initTestCase()
{
    QVERIFY2(m_rig.start(), qPrintable(m_rig.ceph.failure()));
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
