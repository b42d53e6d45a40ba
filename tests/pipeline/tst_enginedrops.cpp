#include "tests/pipeline/enginerig.h"
#include "tests/support/smallphotos.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using pipeline::EngineRig;
using support::Fault;

/// What is in a drop, and what is sent of it.
class tst_EngineDrops final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void twinsOfOneDropWait();
    void sidecarsTravelAsWhatTheyAre();
    void moviesAndEmptyFilesAreSkippedWithoutAnAttempt();
    void whatCannotBeReadIsCountedAndLinksAreNot();
    void sameFolderAgainSendsNoBytes();
    void fileOfAnEarlierDropStaysThere();
    void fileOfAnotherProjectIsAnotherPhotoAndTravelsOnce();
    void nobodyWaitsForAPausedDrop();
    void aResumedDropWaitsForNoPausedOne();
    void whoLostTheLeadWhilePausedSendsNothingTwice_data();
    void whoLostTheLeadWhilePausedSendsNothingTwice();
};

namespace
{
/// one/a.jpg and two/b.jpg: the same bytes, in three parts.
void makeTwins(EngineRig &rig)
{
    for (const QString &name : {u"one/a.jpg"_s, u"two/b.jpg"_s})
        rig.file(name, support::jpegBytes(1) + QByteArray(2 * wire::PartBytes, 'p'));
}

bool isPaused(const EngineRig &rig, const QUuid &drop)
{
    const QList<store::BatchView> batches = rig.batches();
    return std::any_of(batches.begin(), batches.end(), [&drop](const store::BatchView &view) { return view.batch.batchId == drop && view.isPaused; });
}
} // namespace

void tst_EngineDrops::twinsOfOneDropWait()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1, 100'000);
    rig.photo(u"b.jpg"_s, 1, 100'000);
    rig.proxy().add(Fault{.method = "PUT", .isAnswerHeld = true});
    rig.startEngine();
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 1, 20000);
    QTRY_COMPARE(rig.attempts(u"a.jpg"_s).size() + rig.attempts(u"b.jpg"_s).size(), 2);
    QTRY_VERIFY(!rig.item(u"a.jpg"_s)->sha256.isEmpty() && !rig.item(u"b.jpg"_s)->sha256.isEmpty());
    QCOMPARE(rig.questions(), 1); // the second has not asked

    rig.proxy().release();

    QTRY_COMPARE_WITH_TIMEOUT(rig.ended().size(), 2, 20000);
    const QSet<ItemState> ends{*rig.state(u"a.jpg"_s), *rig.state(u"b.jpg"_s)};
    const QSet<ItemState> expected{ItemState::Succeeded, ItemState::Duplicate};
    QCOMPARE(ends, expected);
    const bool isFirst = rig.state(u"a.jpg"_s) == ItemState::Succeeded;
    const QString twin = isFirst ? u"b.jpg"_s : u"a.jpg"_s;
    const QUuid leader = rig.itemId(isFirst ? u"a.jpg"_s : u"b.jpg"_s);
    QCOMPARE(QUuid(rig.attempts(twin).first().attempt.metadata["duplicate_of"_L1].toString()), leader);
    QCOMPARE(rig.count("PUT", {}), 1);
}

void tst_EngineDrops::sidecarsTravelAsWhatTheyAre()
{
    const QByteArray xmp =
        "<?xpacket begin=\"\xef\xbb\xbf\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>"
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
        "<rdf:Description rdf:about=\"\"/></rdf:RDF></x:xmpmeta><?xpacket end=\"w\"?>";
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"IMG_1.jpg"_s, 1);
    rig.file(u"IMG_1.xmp"_s, xmp);
    rig.file(u"alone.xmp"_s, xmp + "\n"); // without its photo too
    rig.startEngine();
    rig.drop();

    for (const QString &name : {u"IMG_1.jpg"_s, u"IMG_1.xmp"_s, u"alone.xmp"_s}) {
        QTRY_COMPARE_WITH_TIMEOUT(rig.state(name), ItemState::Succeeded, 20000);
        const QString sha256 = support::sha256OfFile(rig.source(name));
        QCOMPARE(rig.item(name)->sha256, sha256);
    }
}

void tst_EngineDrops::moviesAndEmptyFilesAreSkippedWithoutAnAttempt()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.file(u"clip.mov"_s, QByteArray("\0\0\0\x14"
                                       "ftypqt  \0\0\0\0qt  ",
                                       20) +
                                QByteArray(1000, 'm'));
    rig.file(u"empty.jpg"_s, {});
    rig.startEngine();
    rig.drop();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"clip.mov"_s), ItemState::Skipped, 20000);
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"empty.jpg"_s), ItemState::Skipped, 20000);
    QCOMPARE(rig.item(u"clip.mov"_s)->errorCode, ErrorCode::SelectionNotAccepted);
    QCOMPARE(rig.item(u"empty.jpg"_s)->errorCode, ErrorCode::SelectionFileEmpty);
    QVERIFY(!rig.item(u"clip.mov"_s)->isMissed);
    QVERIFY(rig.item(u"empty.jpg"_s)->isMissed);
    QVERIFY(rig.attempts(u"clip.mov"_s).isEmpty());
    QVERIFY(rig.attempts(u"empty.jpg"_s).isEmpty());
}

void tst_EngineDrops::whatCannotBeReadIsCountedAndLinksAreNot()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    QVERIFY(QFile::link(rig.source(u"a.jpg"_s), rig.source(u"link.jpg"_s)));
    rig.startEngine();
    rig.drop({u"a.jpg"_s, u"link.jpg"_s, u"a folder that went meanwhile"_s});

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    QTRY_VERIFY(rig.batches().first().isCounted);
    QCOMPARE(rig.batches().first().unread, 1);
}

void tst_EngineDrops::sameFolderAgainSendsNoBytes()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.startEngine();
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);

    rig.drop();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Duplicate, 20000);
    QCOMPARE(rig.count("PUT", {}), 1);
}

void tst_EngineDrops::fileOfAnEarlierDropStaysThere()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"one/a.jpg"_s, 1);
    rig.photo(u"one/b.jpg"_s, 2);
    rig.startEngine();
    rig.engine().pauseAll();
    rig.drop({u"one/a.jpg"_s});
    QTRY_COMPARE(rig.state(u"one/a.jpg"_s), ItemState::Queued);
    const QUuid first = rig.itemId(u"one/a.jpg"_s);
    QList<pipeline::AlreadyQueued> known;
    QObject::connect(&rig.engine(), &pipeline::Engine::fileAlreadyQueued, this,
                     [&known](const pipeline::AlreadyQueued &file) { known.append(file); });

    rig.drop({u"one"_s}); // the folder of the file

    QTRY_COMPARE(rig.state(u"one/b.jpg"_s), ItemState::Queued);
    QCOMPARE(known.size(), 1);
    QCOMPARE(known.first().itemId, first);
    QCOMPARE(rig.itemId(u"one/a.jpg"_s), first);
}

void tst_EngineDrops::fileOfAnotherProjectIsAnotherPhotoAndTravelsOnce()
{
    pipeline::Tuning tuning = pipeline::quickTuning();
    tuning.jobs = 4; // the photos of both drops are under way at once
    EngineRig rig(tuning);
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1, 100'000);
    rig.photo(u"b.jpg"_s, 2, 100'000);
    rig.proxy().add(Fault{.method = "PUT", .times = 2, .isAnswerHeld = true});
    rig.startEngine();
    rig.drop({}, u"Lofoten"_s);
    QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 2, 20000);
    const QUuid first = rig.itemId(u"a.jpg"_s);

    rig.drop({}, u"Andes"_s);

    QTRY_VERIFY(rig.itemId(u"a.jpg"_s) != first);
    QTRY_VERIFY_WITH_TIMEOUT(!rig.item(u"a.jpg"_s)->sha256.isEmpty() && !rig.item(u"b.jpg"_s)->sha256.isEmpty(), 20000);
    rig.proxy().release();
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Duplicate, 20000);
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"b.jpg"_s), ItemState::Duplicate, 20000);
    QTRY_COMPARE_WITH_TIMEOUT(rig.ended().size(), 4, 20000); // the copies are there before their last stages have ended
    QCOMPARE(rig.count("PUT", {}), 2);
}

void tst_EngineDrops::nobodyWaitsForAPausedDrop()
{
    pipeline::Tuning tuning = pipeline::quickTuning();
    tuning.jobs = 1;
    EngineRig rig(tuning);
    QVERIFY(rig.startServer());
    rig.file(u"a.jpg"_s, support::jpegBytes(1) + QByteArray(wire::PartBytes, 'p')); // two parts
    rig.proxy().add(Fault{.method = "PUT", .isAnswerHeld = true});
    rig.startEngine();
    const QUuid first = rig.drop({}, u"Lofoten"_s);
    QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 1, 20000);
    rig.engine().pauseBatch(first);
    QTRY_VERIFY(rig.batches().first().isPaused);

    rig.drop({}, u"Andes"_s);
    rig.proxy().release();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
}

void tst_EngineDrops::aResumedDropWaitsForNoPausedOne()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    makeTwins(rig);
    rig.proxy().add(Fault{.method = "PUT", .isAnswerHeld = true});
    rig.startEngine();
    const QUuid first = rig.drop({u"one"_s});
    QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 1, 20000);
    const QUuid second = rig.drop({u"two"_s});
    QTRY_VERIFY_WITH_TIMEOUT(rig.item(u"two/b.jpg"_s) && !rig.item(u"two/b.jpg"_s)->sha256.isEmpty(), 20000); // and waits for its twin
    rig.engine().pauseBatch(second);
    QTRY_VERIFY(isPaused(rig, second));
    rig.engine().pauseBatch(first);
    QTRY_VERIFY(isPaused(rig, first));
    rig.proxy().release();

    rig.engine().resumeBatch(second);

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"two/b.jpg"_s), ItemState::Succeeded, 20000);
    QVERIFY(isPaused(rig, first));
}

void tst_EngineDrops::whoLostTheLeadWhilePausedSendsNothingTwice_data()
{
    QTest::addColumn<bool>("hasOtherEnded");
    QTest::newRow("resumed while the other sends") << false;
    QTest::newRow("resumed when the other has ended") << true;
}

void tst_EngineDrops::whoLostTheLeadWhilePausedSendsNothingTwice()
{
    QFETCH(const bool, hasOtherEnded);
    EngineRig rig;
    QVERIFY(rig.startServer());
    makeTwins(rig);
    rig.proxy().add(Fault{.method = "PUT", .times = 4, .isAnswerHeld = true});
    rig.startEngine();
    const QUuid first = rig.drop({u"one"_s});
    QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 1, 20000);
    rig.engine().pauseBatch(first);
    QTRY_VERIFY(isPaused(rig, first));
    rig.drop({u"two"_s});
    QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 2, 20000); // the other leads now
    for (int sent = 3; sent <= 4; ++sent) { // up to its last part
        rig.proxy().release();
        QTRY_COMPARE_WITH_TIMEOUT(rig.count("PUT", {}), sent, 20000);
        QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 1, 20000);
    }
    QTRY_COMPARE_WITH_TIMEOUT(rig.statuses(u"one/a.jpg"_s), QList{Status::Paused}, 20000);
    const int parts = rig.count("PUT", {});
    if (hasOtherEnded) {
        rig.proxy().release();
        QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"two/b.jpg"_s), ItemState::Succeeded, 20000);
    }

    rig.engine().resumeBatch(first);
    QTRY_VERIFY(!isPaused(rig, first));
    rig.proxy().release();

    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"one/a.jpg"_s), ItemState::Duplicate, 20000);
    QCOMPARE(rig.state(u"two/b.jpg"_s), ItemState::Succeeded);
    QCOMPARE(rig.count("PUT", {}), parts);
}

QTEST_GUILESS_MAIN(tst_EngineDrops)
#include "tst_enginedrops.moc"
