#include "models/vocabulary/ids.h"
#include "tests/pipeline/enginerig.h"
#include "tests/support/smallphotos.h"

#include <QElapsedTimer>
#include <QFile>
#include <QTest>
#include <QTimer>

using namespace Qt::StringLiterals;
using namespace photolift;
using pipeline::EngineRig;

/// When a file stands still: two looks agree, whatever its time of modification says.
class tst_TwoLooks final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void copyUnderWayIsWaitedFor_data();
    void copyUnderWayIsWaitedFor();
    void photosOfOneDropWaitForTheirSecondLookTogether();
    void fileThatChangedWhileItWaitedIsNoCopyUnderWay();
};

namespace
{
void append(const QString &path, const QByteArray &bytes, const QDateTime &modified)
{
    QFile file(path);
    if (file.open(QIODevice::Append)) {
        file.write(bytes);
        file.flush();
        file.setFileTime(modified, QFileDevice::FileModificationTime);
    }
}
} // namespace

void tst_TwoLooks::copyUnderWayIsWaitedFor_data()
{
    QTest::addColumn<int>("clockSeconds");
    QTest::newRow("beside a clock that is a minute slow") << -60;
    QTest::newRow("beside a clock that is two hours fast") << 7200;
    QTest::newRow("beside our own clock") << 0;
}

void tst_TwoLooks::copyUnderWayIsWaitedFor()
{
    QFETCH(int, clockSeconds);
    pipeline::Tuning tuning = pipeline::quickTuning();
    tuning.stableLookMs = 150;
    EngineRig rig(tuning);
    QVERIFY(rig.startServer());
    const QByteArray whole = support::jpegBytes(1, 500'000);
    qsizetype copied = 100'000;
    const auto copyOn = [&](qsizetype bytes) {
        append(rig.source(u"a.jpg"_s), whole.mid(copied, bytes), QDateTime::currentDateTimeUtc().addSecs(clockSeconds));
        copied += bytes;
    };
    append(rig.source(u"a.jpg"_s), whole.left(copied), QDateTime::currentDateTimeUtc().addSecs(clockSeconds));
    QTimer copy;
    QObject::connect(&copy, &QTimer::timeout, &copy, [&] { copyOn(100); });
    copy.start(10);
    rig.startEngine();
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.errors(u"a.jpg"_s), QStringList{u"SELECTION_STILL_WRITING"_s}, 20000);

    copy.stop();
    copyOn(whole.size());

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    QCOMPARE(rig.item(u"a.jpg"_s)->sha256, support::sha256OfFile(rig.source(u"a.jpg"_s)));
    QCOMPARE(rig.errors(u"a.jpg"_s), QStringList{u"SELECTION_STILL_WRITING"_s});
    QCOMPARE(rig.questions(), 1);
    QCOMPARE(rig.count("PUT", {}), 1);
}

void tst_TwoLooks::photosOfOneDropWaitForTheirSecondLookTogether()
{
    constexpr int Photos = 12;
    pipeline::Tuning tuning = pipeline::quickTuning();
    tuning.jobs = 1;
    tuning.stableLookMs = 3000; // more than a busy machine takes for a photo
    EngineRig rig(tuning);
    QVERIFY(rig.startServer());
    for (int i = 0; i < Photos; ++i)
        rig.photo(QString::number(i) + u".jpg"_s, i);
    rig.startEngine();
    QElapsedTimer sinceDrop;
    sinceDrop.start();
    rig.drop();

    QTRY_COMPARE_WITH_TIMEOUT(rig.ended().size(), Photos, 60000);

    QVERIFY2(sinceDrop.elapsed() < Photos * tuning.stableLookMs, qPrintable(QString::number(sinceDrop.elapsed())));
    for (int i = 0; i < Photos; ++i) {
        const QString name = QString::number(i) + u".jpg"_s;
        const AttemptRecord attempt = rig.attempts(name).first().attempt;
        QCOMPARE(attempt.status, Status::Succeeded);
        QVERIFY(attempt.startedMs >= instantOf(rig.itemId(name)) + tuning.stableLookMs);
    }
}

void tst_TwoLooks::fileThatChangedWhileItWaitedIsNoCopyUnderWay()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.startEngine();
    rig.engine().pauseAll();
    rig.drop();
    QTRY_COMPARE(rig.state(u"a.jpg"_s), ItemState::Queued);
    rig.photo(u"a.jpg"_s, 2, 90'000); // edited, and saved long before its turn comes

    rig.engine().resumeAll();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    QCOMPARE(rig.item(u"a.jpg"_s)->sha256, support::sha256OfFile(rig.source(u"a.jpg"_s)));
    QCOMPARE(rig.errors(u"a.jpg"_s), QStringList());
}

QTEST_GUILESS_MAIN(tst_TwoLooks)
#include "tst_twolooks.moc"
