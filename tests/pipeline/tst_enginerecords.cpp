#include "models/store/archive.h"
#include "tests/pipeline/enginerig.h"
#include "tests/support/smallphotos.h"

#include <QFileInfo>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using pipeline::EngineRig;

/// What is on record of photos, drops and stages when the engine has done its work on a real server.
class tst_EngineRecords final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void onlyMetadataThatWasReadSaysThereIsNoLocation();
    void aDropIsAsLargeAsItsPhotos();
    void aDropIsCountedBeforeItsPhotosHaveTheirTurn();
    void theTransferSaysHowItWent();
    void verificationDoesNotLastWhileTheProgramIsOff();
};

namespace
{

std::optional<StageRecord> stageOf(const store::AttemptView &attempt, Stage stage)
{
    const auto found = std::find_if(attempt.stages.begin(), attempt.stages.end(), [stage](const StageRecord &row) { return row.stage == stage; });
    return found == attempt.stages.end() ? std::nullopt : std::optional(*found);
}

/// Says how large it is, and nobody can read what comes behind that.
QByteArray cutPng()
{
    return QByteArray::fromHex("89504e470d0a1a0a0000000d49484452000000400000003008020000002e29eb48") // 64 x 48
        + QByteArray("\0\0\x13\x88IDAT\x78\x9c", 10) + QByteArray(300, '\x11');
}

QByteArray movie()
{
    return QByteArray("\0\0\0\x18" "ftypmp42\0\0\0\0mp42isom", 24) + QByteArray(5000, 'm');
}

} // namespace

void tst_EngineRecords::onlyMetadataThatWasReadSaysThereIsNoLocation()
{
    EngineRig rig;
    rig.file(u"cut.png"_s, cutPng());
    rig.photo(u"sound.jpg"_s, 1);
    QVERIFY(rig.startServer());
    rig.startEngine();
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"cut.png"_s), ItemState::NeedsYou, 20000);
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"sound.jpg"_s), ItemState::Succeeded, 20000);
    const auto archive = store::Archive::open(rig.database());
    QVERIFY(archive);

    const auto cut = (*archive)->itemDetail(rig.itemId(u"cut.png"_s)).result();
    const auto sound = (*archive)->itemDetail(rig.itemId(u"sound.jpg"_s)).result();

    QVERIFY(cut && cut->photo && sound && sound->photo);
    QCOMPARE(cut->photo->width, 64);
    QCOMPARE(cut->photo->hasLocation, std::nullopt);
    QCOMPARE(sound->photo->hasLocation, false);
}

void tst_EngineRecords::aDropIsAsLargeAsItsPhotos()
{
    EngineRig rig;
    rig.photo(u"a.jpg"_s, 1);
    rig.photo(u"b.jpg"_s, 2);
    rig.file(u"movie.mp4"_s, movie());
    rig.file(u"nothing.jpg"_s, {});
    QVERIFY(rig.startServer());
    rig.startEngine();
    rig.drop();

    QTRY_COMPARE_WITH_TIMEOUT(rig.batches().value(0).batch.numPhotos, 2, 30000); // none before the drop was accepted

    const store::BatchView view = rig.batches().first();
    QCOMPARE(view.found, 4);
    QCOMPARE(view.batch.totalBytes, QFileInfo(rig.source(u"a.jpg"_s)).size() + QFileInfo(rig.source(u"b.jpg"_s)).size());
    for (const QString &name : {u"a.jpg"_s, u"b.jpg"_s})
        QTRY_COMPARE_WITH_TIMEOUT(rig.attempts(name).first().attempt.numPhotosInBatch, 2, 30000);
}

void tst_EngineRecords::aDropIsCountedBeforeItsPhotosHaveTheirTurn()
{
    pipeline::Tuning tuning = pipeline::quickTuning();
    tuning.jobs = 1;
    EngineRig rig(tuning);
    for (int i = 0; i < 5; ++i)
        rig.photo(u"%1.jpg"_s.arg(i), i);
    rig.file(u"movie.mp4"_s, movie());
    QVERIFY(rig.startServer());
    rig.proxy().add(support::Fault{.method = "PUT", .isAnswerHeld = true});
    rig.startEngine();
    rig.drop();

    QTRY_COMPARE_WITH_TIMEOUT(rig.batches().value(0).batch.numPhotos, 5, 30000);
    QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 1, 30000);

    QCOMPARE(rig.state(u"movie.mp4"_s), ItemState::Skipped);
    QCOMPARE(rig.state(u"4.jpg"_s), ItemState::Queued);
    QCOMPARE(rig.attempts(u"0.jpg"_s).value(0).attempt.numPhotosInBatch, 5);
    rig.proxy().release();
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"4.jpg"_s), ItemState::Succeeded, 30000);
}

void tst_EngineRecords::theTransferSaysHowItWent()
{
    EngineRig rig;
    rig.largePhoto(u"large.jpg"_s);
    QVERIFY(rig.startServer());
    rig.startEngine();
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"large.jpg"_s), ItemState::Succeeded, 30000);

    const std::optional<StageRecord> transfer = stageOf(rig.attempts(u"large.jpg"_s).first(), Stage::Transfer);

    QVERIFY(transfer);
    QVERIFY(transfer->metadata.value("requests"_L1).toInt() >= 3);
    QCOMPARE(transfer->metadata.value("sent_bytes"_L1).toInteger(), QFileInfo(rig.source(u"large.jpg"_s)).size());
    QVERIFY(transfer->metadata.value("is_reused"_L1).isBool());
}

void tst_EngineRecords::verificationDoesNotLastWhileTheProgramIsOff()
{
    EngineRig rig;
    rig.photo(u"a.jpg"_s, 1);
    QVERIFY(rig.startServer());
    rig.startEngine();
    rig.proxy().add({.pathPart = "/v1/status", .times = -1, .isAnswerHeld = true});
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 1, 30000); // committed, and nobody hears how it goes on
    const QUuid itemId = rig.itemId(u"a.jpg"_s);
    rig.stopEngine();
    QElapsedTimer off;
    off.start();
    const auto archive = store::Archive::open(rig.database());
    QVERIFY(archive);
    const std::optional<StageRecord> before = stageOf((*archive)->itemDetail(itemId).result()->attempts.first(), Stage::Verification);
    rig.proxy().drop();
    rig.proxy().clearFaults();
    QTRY_VERIFY_WITH_TIMEOUT(off.elapsed() > 3000, 5000); // the server ends it meanwhile

    rig.startEngine();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 30000);
    const store::AttemptView attempt = rig.attempts(u"a.jpg"_s).first();
    const std::optional<StageRecord> verification = stageOf(attempt, Stage::Verification);
    QVERIFY(before && !before->endedMs && before->durationMs);
    QVERIFY2(verification && *verification->durationMs < off.elapsed() - 500, qPrintable(QString::number(*verification->durationMs)));
    QVERIFY(*verification->endedMs <= *attempt.attempt.endedMs);
    QVERIFY(*verification->durationMs <= *verification->endedMs - verification->startedMs);
}

QTEST_GUILESS_MAIN(tst_EngineRecords)
#include "tst_enginerecords.moc"
