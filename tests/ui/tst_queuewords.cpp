#include "tests/support/fakeuploadfeed.h"
#include "ui/parts/humantext.h"
#include "ui/parts/stackedbar.h"
#include "ui/uploads/batchlistmodel.h"
#include "ui/uploads/recentfolders.h"
#include "ui/uploads/rowstatus.h"
#include "ui/uploads/verdicts.h"

#include <QLocale>
#include <QTest>

#include <functional>
#include <numeric>

using namespace photolift;
using namespace photolift::ui;
using namespace Qt::StringLiterals;
using Hold = pipeline::QueueState::Hold;

/// The words of many photos: of the lamps and of the folders, without a window.
class QueueWordsTest : public QObject
{
    Q_OBJECT

    static Totals totals(qint64 photos, qint64 safe, qint64 waiting, qint64 needsYou = 0)
    {
        Totals totals;
        totals.folders = 1;
        totals.photos = photos;
        totals.safe = totals.done = safe;
        totals.waiting = waiting;
        totals.needsYou = needsYou;
        return totals;
    }
    static pipeline::QueueState held(Hold hold)
    {
        pipeline::QueueState state;
        state.hold = hold;
        return state;
    }
    const Destination m_here{true, u"/srv/photos"_s, {}};

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale(u"en_GB"_s)); }

    void datesAreShortAndNameTheirYearOnlyWhenItIsAnother()
    {
        const QDateTime now(QDate(2026, 11, 20), QTime(12, 0));

        QCOMPARE(whenText(QDateTime(QDate(2026, 11, 16), QTime(21, 5)), now), u"16 Nov 21:05"_s);
        QCOMPARE(whenText(QDateTime(QDate(2025, 11, 16), QTime(21, 5)), now), u"16 Nov 2025 21:05"_s);
    }

    void whenAllIsSentNothingIsSaidToBeUploading()
    {
        Totals totals;
        totals.folders = 1;
        totals.photos = 10;
        totals.safe = 4;
        totals.moving = 6;
        pipeline::QueueState queue = held(Hold::None);
        queue.active = 6;
        queue.secondsLeft = 30;

        queue.leaving = 1;
        QCOMPARE(VerdictWords::motion(totals, queue, {}, {}, 0).verdict.headline, u"Uploading normally – less than a minute left"_s);
        queue.secondsLeft = 180;
        QCOMPARE(VerdictWords::motion(totals, queue, {}, {}, 0).verdict.headline, u"Uploading normally – about 3 min left"_s);
        queue.leaving = 0;
        QCOMPARE(VerdictWords::motion(totals, queue, {}, {}, 0).verdict.headline, u"All sent – the copies are being checked"_s);
        queue.waiting = 1;
        QVERIFY(VerdictWords::motion(totals, queue, {}, {}, 0).verdict.headline.startsWith(u"Uploading normally"_s));
    }

    void whileAServerIsAwayNoLampSaysThatOthersContinue()
    {
        Totals totals;
        totals.folders = 1;
        totals.photos = 10;
        totals.needsYou = 1;
        totals.waiting = 9;
        pipeline::QueueState queue = held(Hold::None);

        QCOMPARE(VerdictWords::attention(totals, queue).detail, u"All others continue"_s);
        queue.isServerReachable = false;
        queue.waitsFor = ErrorCode::ApiUnavailable;
        QCOMPARE(VerdictWords::attention(totals, queue).detail, u"You can fix them while you wait"_s);
        QCOMPARE(VerdictWords::motion(totals, queue, {}, {}, 0).verdict.headline, u"Waiting for the server"_s);
    }

    void whoIsSignedOutIsOfferedToSignInAndADamagedListNoTry()
    {
        pipeline::QueueState queue = held(Hold::SignIn);
        QCOMPARE(VerdictWords::motion({}, queue, {}, {}, 0).verdict.button, u"Sign in again"_s);
        queue = held(Hold::Other);
        queue.holdCode = ErrorCode::LocalListDamaged;

        const VerdictWords::Motion motion = VerdictWords::motion({}, queue, {}, {}, 0);

        QVERIFY(motion.verdict.detail.contains(u"start it again"_s));
        QVERIFY(motion.verdict.button.isEmpty());
        QCOMPARE(motion.act, MotionAct::None);
    }

    void embeddedServerSaysCopiedAndNeverSafe_data()
    {
        QTest::addColumn<int>("hold");
        for (const Hold hold : {Hold::None, Hold::PausedByYou, Hold::Metered, Hold::Offline, Hold::ServerUnreachable, Hold::NoSpace,
                                Hold::LocalDiskFull, Hold::SignIn, Hold::Other})
            QTest::addRow("hold %d", static_cast<int>(hold)) << static_cast<int>(hold);
    }
    void embeddedServerSaysCopiedAndNeverSafe()
    {
        QFETCH(int, hold);
        for (const qint64 waiting : {0, 40}) {
            const auto motion = VerdictWords::motion(totals(100, 100 - waiting, waiting), held(static_cast<Hold>(hold)), m_here, {}, 0);
            const QString said = motion.verdict.headline + u' ' + motion.verdict.detail;
            QVERIFY2(!said.contains(u"safe"_s, Qt::CaseInsensitive), qPrintable(said));
            QVERIFY2(!said.contains(u"format"_s, Qt::CaseInsensitive), qPrintable(said));
        }
    }

    void anEndedSignInSaysSoAndWhatToDo()
    {
        pipeline::QueueState state = held(Hold::SignIn);
        state.holdCode = ErrorCode::InitiationTokenExpired;

        const auto motion = VerdictWords::motion(totals(100, 60, 40), state, m_here, {}, 0);

        QCOMPARE(motion.verdict.headline, u"Sign-in expired during upload"_s);
        QCOMPARE(motion.verdict.detail, u"Sign in again. Your queue is kept."_s);
    }

    void allCopiedNamesTheFolder()
    {
        const auto motion = VerdictWords::motion(totals(3912, 3912, 0), {}, m_here, {}, 0);

        QCOMPARE(motion.verdict.headline, u"All 3,912 photo(s) are copied to /srv/photos"_s);
        QCOMPARE(motion.act, MotionAct::ClearFinished);
    }

    void whatCouldNotBeReadKeepsTheWordAllAway()
    {
        Totals some = totals(3912, 3912, 0);
        some.unread = 1;
        const auto motion = VerdictWords::motion(some, {}, m_here, {}, 0);

        QVERIFY2(!motion.verdict.headline.contains(u"All"_s), qPrintable(motion.verdict.headline));
        QVERIFY2(motion.verdict.detail.contains(u"could not be read"_s), qPrintable(motion.verdict.detail));
    }

    void aSkippedFileThatAPersonMayMissKeepsTheWordAllAway()
    {
        Totals some = totals(3912, 3912, 0);
        some.skipped = 3;
        QVERIFY(VerdictWords::motion(some, {}, m_here, {}, 0).verdict.headline.startsWith(u"All 3,912"_s));

        some.missed = 2;

        const auto motion = VerdictWords::motion(some, {}, m_here, {}, 0);
        QCOMPARE(motion.verdict.headline, u"Ready – nothing is waiting"_s);
        QVERIFY2(motion.verdict.detail.endsWith(u"2 skipped file(s) deserve(s) a look"_s), qPrintable(motion.verdict.detail));
        QCOMPARE(VerdictWords::attention(some, {}).headline, u"2 skipped file(s) deserve(s) a look"_s);
        QVERIFY(!VerdictWords::attention(some, {}).button.isEmpty());
        some.needsYou = 1;
        QCOMPARE(VerdictWords::attention(some, {}).headline, u"1 photo(s) need you"_s);
    }

    void beforeADropStartsItIsSaidHowMuchRoomItNeeds()
    {
        pipeline::QueueState full = held(Hold::NoSpace);
        full.neededBytes = 62'000'000'000;
        full.freeBytes = 8'400'000'000;

        const Verdict here = VerdictWords::motion(totals(1248, 0, 1248), full, m_here, {}, 0).verdict;
        QCOMPARE(here.headline, u"Not enough space for the copies"_s);
        QCOMPARE(here.detail, u"62.0 GB needed, 8.4 GB free in /srv/photos. Free some space; uploads continue by themselves."_s);
        QVERIFY(here.isLoud);
        full.neededBytes.reset(); // it ran full under way
        QCOMPARE(VerdictWords::motion(totals(1248, 9, 1239), full, m_here, {}, 0).verdict.detail,
                 u"Free some space on the disk of /srv/photos; uploads continue by themselves."_s);
        const Verdict there = VerdictWords::motion(totals(1248, 0, 1248), full, {false, {}, u"photos.example"_s}, {}, 0).verdict;
        QCOMPARE(there.headline, u"Not enough space on the server"_s);
    }

    void aFullQuotaIsNoFullDisk()
    {
        pipeline::QueueState full = held(Hold::NoSpace);
        full.holdCode = ErrorCode::InitiationQuotaFull;

        const Verdict verdict = VerdictWords::motion(totals(1248, 9, 1239), full, {false, {}, u"photos.example"_s}, {}, 0).verdict;

        QCOMPARE(verdict.headline, u"Your storage is full"_s);
        QCOMPARE(verdict.detail, u"Free some space or ask for more; uploads continue by themselves."_s);
        QCOMPARE(RowWords::hold(full, false), u"Your storage is full"_s);
    }

    void theWorstOfTheQueueIsSaid()
    {
        pipeline::QueueState offline = held(Hold::Offline);
        offline.nextTryMs = 20'000;
        const auto motion = VerdictWords::motion(totals(10, 5, 5, 2), offline, m_here, {}, 0);

        QCOMPARE(motion.verdict.headline, u"No connection – trying again in 20 s"_s);
        QCOMPARE(motion.act, MotionAct::TryNow);
        QCOMPARE(VerdictWords::attention(totals(10, 5, 5, 2), offline).detail, u"You can fix them while you wait"_s);
    }

    void aFolderThatEndedSaysHow_data()
    {
        QTest::addColumn<store::BatchView>("folder");
        QTest::addColumn<QString>("words");
        QTest::addColumn<StatusMark>("mark");
        const auto row = [](const char *name, const QString &words, StatusMark mark, const std::function<void(store::BatchView &)> &fill) {
            store::BatchView folder;
            folder.batch.name = u"Harbour"_s;
            folder.isCounted = true;
            fill(folder);
            folder.found = folder.done + folder.duplicate + folder.needsYou + folder.skipped + folder.cancelled + folder.dismissed;
            QTest::newRow(name) << folder << words << mark;
        };
        row("all arrived -> copied", u"All copied"_s, StatusMark::Done, [](auto &folder) { folder.done = 3; });
        row("all there before -> copied", u"All copied"_s, StatusMark::Done, [](auto &folder) { folder.duplicate = 3; });
        row("empty -> no photos", u"No photos in this folder"_s, StatusMark::Cancelled, [](auto &) {});
        row("notes only -> no photos", u"No photos in this folder"_s, StatusMark::Cancelled, [](auto &folder) { folder.skipped = 2; });
        row("one failed -> needs you", u"1 photo(s) need you"_s, StatusMark::Failed, [](auto &folder) { folder.done = 2, folder.needsYou = 1; });
        row("one failed and was let be -> not sent", u"1 not sent"_s, StatusMark::Cancelled, [](auto &folder) { folder.done = 2, folder.dismissed = 1; });
        row("the only one failed and was let be -> not sent", u"1 not sent"_s, StatusMark::Cancelled, [](auto &folder) { folder.dismissed = 1; });
        row("all cancelled -> cancelled", u"Cancelled"_s, StatusMark::Cancelled, [](auto &folder) { folder.cancelled = 3; });
        row("cancelled and let be -> not sent", u"3 not sent"_s, StatusMark::Cancelled, [](auto &folder) { folder.cancelled = 2, folder.dismissed = 1; });
        row("an empty photo -> deserves a look", u"1 skipped file(s) deserve(s) a look"_s, StatusMark::Failed,
            [](auto &folder) { folder.done = 2, folder.skipped = 4, folder.missed = 1; });
        row("unreadable -> could not be read", u"1 folder(s) or file(s) could not be read"_s, StatusMark::Failed, [](auto &folder) { folder.unread = 1; });
        row("partly unreadable -> could not be read", u"2 folder(s) or file(s) could not be read"_s, StatusMark::Failed,
            [](auto &folder) { folder.done = 9, folder.unread = 2; });
    }
    /// In the list, and among the recent folders.
    void aFolderThatEndedSaysHow()
    {
        QFETCH(store::BatchView, folder);
        QFETCH(QString, words);
        QFETCH(StatusMark, mark);
        test::FakeUploadFeed feed;
        BatchListModel list(feed);
        list.setContext({}, m_here);
        list.setBatches({folder});
        PictureCache pictures(feed);
        RecentFolders recent(m_here, pictures);

        recent.setFolders({folder});

        QCOMPARE(list.words(*list.rowAt(0)).state, words);
        QCOMPARE(list.words(*list.rowAt(0)).mark, mark);
        QVERIFY2(recent.accessibleDescription().endsWith(u", "_s + words), qPrintable(recent.accessibleDescription()));
    }

    void thatNoPhotoFailedIsSaidOnlyWhenItIsKnown_data()
    {
        QTest::addColumn<qint64>("dismissed");
        QTest::addColumn<qint64>("unread");
        QTest::addColumn<QString>("words");
        QTest::newRow("all well") << qint64(0) << qint64(0) << u"No photo of these folders failed"_s;
        QTest::newRow("one failed and was let be") << qint64(1) << qint64(0) << u"No photo is waiting for help"_s;
        QTest::newRow("one folder could not be read") << qint64(0) << qint64(1) << u"No photo is waiting for help"_s;
    }
    void thatNoPhotoFailedIsSaidOnlyWhenItIsKnown()
    {
        QFETCH(qint64, dismissed);
        QFETCH(qint64, unread);
        QFETCH(QString, words);
        store::BatchView folder;
        folder.isCounted = true;
        folder.done = 2;
        folder.dismissed = dismissed;
        folder.unread = unread;

        const Verdict verdict = VerdictWords::attention(totalsOf({folder}), {});

        QCOMPARE(verdict.headline, u"Nothing needs you"_s);
        QCOMPARE(verdict.detail, words);
    }

    void timeLeftDoesNotWobble_data()
    {
        QTest::addColumn<qint64>("seconds");
        QTest::addColumn<QString>("text");
        QTest::newRow("below a minute") << qint64(42) << u"less than 1 min"_s;
        QTest::newRow("minutes") << qint64(14 * 60 + 10) << u"14 min"_s;
        QTest::newRow("above 20 in steps of 5") << qint64(33 * 60) << u"35 min"_s;
        QTest::newRow("hours above 90 min") << qint64(150 * 60) << u"2.5 h"_s;
    }
    void timeLeftDoesNotWobble()
    {
        QFETCH(qint64, seconds);
        QFETCH(QString, text);
        QCOMPARE(leftText(seconds), text);
    }

    /// Two folders of as many photos: the raw ones take the longer.
    void theTimeOfTheQueueIsSharedByBytes()
    {
        const auto folder = [](qint64 rowId, qint64 bytesLeft, qint64 moving) {
            store::BatchView view;
            view.rowId = rowId;
            view.batch.batchId = QUuid::createUuid();
            view.isCounted = true;
            view.found = 1000;
            view.moving = moving;
            view.waiting = 1000 - moving;
            view.bytesLeft = bytesLeft;
            return view;
        };
        test::FakeUploadFeed feed;
        BatchListModel list(feed);
        RowContext context;
        context.queue.isServerReachable = true;
        context.queue.bytesPerSecond = 50'000'000;
        context.queue.secondsLeft = 1200;
        list.setContext(context, m_here);

        list.setBatches({folder(3, 1'000'000'000, 0), folder(2, 54'000'000'000, 4), folder(1, 5'000'000'000, 2)});

        QCOMPARE(list.words(*list.rowAt(0)).when, u"starts in 20 min"_s);
        QCOMPARE(list.words(*list.rowAt(1)).when, u"18 min left"_s);
        QCOMPARE(list.words(*list.rowAt(2)).when, u"2 min left"_s);
    }

    void everySliceThatIsNotEmptyIsSeen()
    {
        const std::array<int, 5> widths = sliceWidths({100'000, 1, 1, 0, 1}, 300);

        QVERIFY(widths[1] >= 5 && widths[2] >= 5 && widths[4] >= 5);
        QCOMPARE(widths[3], 0);
        QCOMPARE(std::accumulate(widths.begin(), widths.end(), 0), 300);
    }
};

QTEST_MAIN(QueueWordsTest)
#include "tst_queuewords.moc"
