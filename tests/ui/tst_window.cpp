#include "models/vocabulary/ids.h"
#include "tests/ui/inenglish.h"
#include "tests/ui/windowonfeed.h"
#include "ui/shell/footerbar.h"
#include "ui/shell/headerbar.h"
#include "ui/uploads/problempanel.h"

#include <QApplication>
#include <QHeaderView>
#include <QMenu>
#include <QMessageBox>
#include <QPointer>
#include <QPromise>
#include <QSignalSpy>
#include <QTest>

#include <time.h>

using namespace photolift;
using namespace photolift::ui;
using test::WindowOnFeed;
using namespace Qt::StringLiterals;
using store::ItemGroup;
using Hold = pipeline::QueueState::Hold;

/// The real window, driven as a person would, over a feed of plain structs.
class WindowTest : public QObject
{
    Q_OBJECT

    static double threadCpuMs()
    {
        timespec now{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        return static_cast<double>(now.tv_sec) * 1000 + static_cast<double>(now.tv_nsec) / 1e6;
    }

private Q_SLOTS:
    void initTestCase() { test::speakEnglish(); }

    void emptyWindowAsksForFolders()
    {
        WindowOnFeed s;
        s.open();

        QVERIFY(s.page().isEmpty());
        QCOMPARE(s.page().emptyPage()->dropArea()->headline(), u"Drop folders of photos here"_s);
        QCOMPARE(s.page().verdicts()->motion()->verdict().headline, u"Ready – nothing is waiting"_s);
        QCOMPARE(s.page().verdicts()->attention()->verdict().headline, u"Nothing needs you"_s);
    }

    void aServerThatStopsAgainAndAgainIsSaidUntilItAnswers()
    {
        WindowOnFeed s;
        s.open();

        Q_EMIT s.feed.serverFailing({ErrorCode::ApiUnavailable, u"died 5 times in a row; no room"_s});

        QVERIFY(s.page().notice()->isVisible());
        QCOMPARE(s.page().notice()->text(), u"The server on this computer stops again and again"_s);
        QVERIFY(s.page().notice()->accessibleName().endsWith(u"died 5 times in a row; no room"_s));
        s.hold(Hold::ServerUnreachable);
        QVERIFY(s.page().notice()->isVisible());
        s.hold(Hold::None);
        QVERIFY(!s.page().notice()->isVisible());
    }

    void aServerThatAnswersTakesNoOtherMessageAway()
    {
        WindowOnFeed s;
        s.open();
        Q_EMIT s.feed.serverFailing({ErrorCode::ApiUnavailable, u"died"_s});
        Q_EMIT s.feed.batchRefused({}, {ErrorCode::LocalDiskFull, {}});

        s.hold(Hold::None);

        QVERIFY(s.page().notice()->isVisible());
        QCOMPARE(s.page().notice()->text(), u"The disk of this computer is full"_s);
    }

    void theHeadShowsByWhatTheRowsAreSorted()
    {
        WindowOnFeed s;
        s.feed.addFolder(u"Harbour"_s, 30);
        s.open();
        QTRY_COMPARE(s.controller->photos()->rowCount(), 30);
        const QHeaderView *head = s.table().horizontalHeader();
        QVERIFY(head->isSortIndicatorShown());
        QCOMPARE(head->sortIndicatorSection(), -1);
        const auto click = [&](int column) {
            QTest::mouseClick(head->viewport(), Qt::LeftButton, {}, QPoint(head->sectionViewportPosition(column) + 20, head->height() / 2));
        };

        click(UploadTableModel::SizeColumn);
        QCOMPARE(head->sortIndicatorSection(), int(UploadTableModel::SizeColumn));
        QCOMPARE(head->sortIndicatorOrder(), Qt::AscendingOrder);
        click(UploadTableModel::SizeColumn);
        QCOMPARE(head->sortIndicatorOrder(), Qt::DescendingOrder);
        QVERIFY(s.controller->photos()->filter().isDescending);
        click(UploadTableModel::StepsColumn); // nothing is sorted by steps
        QCOMPARE(head->sortIndicatorSection(), int(UploadTableModel::SizeColumn));
        click(UploadTableModel::SizeColumn);
        QCOMPARE(head->sortIndicatorSection(), -1);
        QCOMPARE(s.controller->photos()->filter().order, store::ItemFilter::Order::File);
    }

    void twoFoldersShareTheSpeedOfTheQueue()
    {
        WindowOnFeed s;
        s.feed.addFolder(u"Slow"_s, 2);
        s.feed.addFolder(u"Fast"_s, 2);
        for (const int row : {0, 2})
            test::standAt(s.feed.item(row), ItemState::Running, Stage::Transfer, StageState::Active);
        s.feed.recount();
        s.open();
        pipeline::QueueState state;
        state.bytesPerSecond = 40'000'000;
        state.isServerReachable = true;
        Q_EMIT s.feed.queueStateChanged(state);
        BatchListModel *batches = s.controller->batches();
        QTRY_COMPARE(batches->rowCount(), 2);
        const auto said = [&](const QUuid &batch) { return batches->words(*batches->rowAt(batches->rowOf(batch))).state; };
        const QUuid slow = s.feed.item(0).item.batchId;
        const QUuid fast = s.feed.item(2).item.batchId;
        QCOMPARE(said(slow), u"Working"_s); // nobody knows yet

        const auto sample = [&] {
            Q_EMIT s.feed.progressSampled({{s.feed.item(0).item.itemId, Stage::Transfer, 1, 2, 1'000'000},
                                           {s.feed.item(2).item.itemId, Stage::Transfer, 1, 2, 3'000'000}});
            return said(slow) == u"10.0 MB/s"_s;
        };

        QTRY_VERIFY(sample());
        QCOMPARE(said(fast), u"30.0 MB/s"_s);
    }

    void failedPhotoIsCountedFoundAndExplained()
    {
        WindowOnFeed s;
        s.feed.addFolder(u"Harbour"_s, 300);
        s.fail(250);
        s.open();
        QTRY_COMPARE(s.page().verdicts()->attention()->verdict().headline, u"1 photo needs you"_s);

        QTest::keyClick(s.window.get(), Qt::Key_F8);

        QTRY_COMPARE(s.table().currentIndex().row(), 250);
        DetailPane *detail = s.page().workPage()->detail();
        QTRY_COMPARE(detail->problem()->title(), u"File is damaged: its end is missing"_s);
        QVERIFY(detail->problem()->body().startsWith(u"Copy it from the camera card again, then choose Retry."_s));
        detail->problem()->retryButton()->click();
        QCOMPARE(s.feed.commands.last(), u"retryItems 1"_s);
        QCOMPARE(s.feed.lastItems, QList<QUuid>{s.feed.item(250).item.itemId});
        detail->problem()->skipButton()->click();
        QCOMPARE(s.feed.commands.last(), u"skipItems 1"_s);
    }

    void allPhotosWithTheSameProblemAreTriedAgainFromTheDetailPane()
    {
        WindowOnFeed s;
        s.feed.addFolder(u"Harbour"_s, 9);
        s.fail(2);
        s.open();
        QTRY_COMPARE(s.controller->photos()->rowCount(), 9);
        s.table().goToRow(2);
        const ProblemPanel *problem = s.page().workPage()->detail()->problem();
        QTRY_VERIFY(problem->retryButton()->isVisible());
        QVERIFY(!problem->retryAllButton()->isVisible()); // it is the only one

        s.fail(5);
        s.fail(6);
        s.feed.item(6).item.errorCode = ErrorCode::SelectionFileMissing;
        Q_EMIT s.feed.itemsChanged({s.feed.item(5).item.itemId, s.feed.item(6).item.itemId});

        QTRY_VERIFY(problem->retryAllButton()->isVisible());
        QCOMPARE(problem->retryAllButton()->accessibleName(), u"Retry all 2 photos with this problem"_s);
        problem->retryAllButton()->click();
        QCOMPARE(s.feed.commands.last(), u"retryByCause VALIDATION_TRUNCATED"_s);
    }

    void showThemFiltersToThoseThatNeedThePerson()
    {
        WindowOnFeed s;
        s.feed.addFolder(u"Harbour"_s, 30);
        s.fail(7);
        s.open();
        QTRY_VERIFY(s.page().verdicts()->attention()->button()->isVisible());

        s.page().verdicts()->attention()->button()->click();

        QTRY_COMPARE(s.controller->photos()->rowCount(), 1);
        QTRY_VERIFY(s.table().currentRow());
    }

    void lampButtonPausesResumesAndTriesAgain()
    {
        WindowOnFeed s;
        s.feed.addFolder(u"Harbour"_s, 30);
        s.open();
        LampWidget *lamp = s.page().verdicts()->motion();
        s.hold(Hold::None);
        QTRY_COMPARE(lamp->verdict().button, u"Pause all"_s);
        lamp->button()->click();
        QCOMPARE(s.feed.commands.last(), u"pauseAll"_s);

        s.hold(Hold::PausedByYou);
        QCOMPARE(lamp->verdict().headline, u"Paused by you"_s);
        lamp->button()->click();
        QCOMPARE(s.feed.commands.last(), u"resumeAll"_s);

        s.feed.commands.clear();
        s.hold(Hold::Metered);
        QCOMPARE(lamp->verdict().headline, u"Paused, metered network"_s);
        QVERIFY2(lamp->verdict().detail.contains(u"Goes on by itself in another network"_s), qPrintable(lamp->verdict().detail));
        QCOMPARE(lamp->verdict().button, u"Upload anyway"_s);
        QCOMPARE(s.page().actions().pauseAll->text(), u"Upload anyway"_s);
        lamp->button()->click();
        QCOMPARE(s.feed.commands, QStringList(u"resumeAll"_s));

        s.hold(Hold::Offline);
        QVERIFY(lamp->verdict().headline.startsWith(u"No connection"_s));
        QVERIFY(s.window->header()->serverText().endsWith(u"Not reachable"_s));
        lamp->button()->click();
        QCOMPARE(s.feed.commands.last(), u"tryNow"_s);
    }

    void aPauseThatIsNotOnDiskYetShowsThatItWasPressed()
    {
        WindowOnFeed s;
        s.feed.addFolder(u"Harbour"_s, 30);
        s.open();
        LampWidget *lamp = s.page().verdicts()->motion();
        s.hold(Hold::None);
        QTRY_COMPARE(lamp->verdict().button, u"Pause all"_s);

        s.hold(Hold::None, true);
        QCOMPARE(lamp->verdict().button, u"Pause all"_s); // nothing is said yet
        QVERIFY(!lamp->button()->isEnabled() && !s.page().actions().pauseAll->isEnabled());
        const QString why = u"Asked for already – takes effect by itself as soon as it can be written to the disk of this computer"_s;
        QCOMPARE(lamp->button()->accessibleDescription(), why);
        QVERIFY(lamp->button()->toolTip().contains(why) && s.page().actions().pauseAll->toolTip().contains(why));
        s.hold(Hold::Offline, true);
        QVERIFY(lamp->button()->isEnabled()); // "Try now" is another matter
        QVERIFY(lamp->button()->accessibleDescription().isEmpty() && !lamp->button()->toolTip().contains(why));

        s.hold(Hold::PausedByYou);
        QVERIFY(lamp->button()->isEnabled() && s.page().actions().pauseAll->isEnabled());
    }

    void anEntryOfTheMenuThatCannotBeChosenSaysWhy()
    {
        WindowOnFeed s;
        s.feed.addFolder(u"Harbour"_s, 3);
        s.open();
        const UploadsPage::Actions &acts = s.page().actions();
        QVERIFY(s.window->header()->menuButton()->menu()->toolTipsVisible());
        QTRY_COMPARE(s.controller->totals().photos, 3);
        for (const QAction *action : {acts.retryAll, acts.nextFailed, acts.previousFailed}) {
            QVERIFY(!action->isEnabled());
            QVERIFY2(action->toolTip().contains(u"No photo needs you"_s), qPrintable(action->toolTip()));
        }
        QVERIFY(!acts.clearFinished->isEnabled());
        QVERIFY(acts.clearFinished->toolTip().contains(u"No folder has finished yet"_s));
        QVERIFY(acts.pauseAll->isEnabled());

        s.fail(0);
        test::standDone(s.feed.item(1));
        test::standDone(s.feed.item(2));
        s.feed.recount();
        s.feed.batchList.first().finishedMs = 1;
        Q_EMIT s.feed.batchesChanged({});

        for (const QAction *action : {acts.retryAll, acts.nextFailed, acts.previousFailed, acts.clearFinished})
            QTRY_VERIFY(action->isEnabled() && !action->toolTip().contains(u"No "_s));
    }

    void finishedFolderSaysCopiedToWhichFolder()
    {
        WindowOnFeed s;
        s.feed.addFolder(u"Harbour"_s, 12);
        for (store::ItemView &view : s.feed.items)
            test::standDone(view);
        s.feed.recount();
        s.open();

        QTRY_COMPARE(s.page().verdicts()->motion()->verdict().headline, u"All 12 photos are copied to /srv/photos"_s);
        s.page().verdicts()->motion()->button()->click();
        QCOMPARE(s.feed.commands.last(), u"clearFinished"_s);
    }

    void cancelledPhotosCanBeTakenBack()
    {
        WindowOnFeed s;
        s.feed.addFolder(u"Harbour"_s, 3);
        s.open();
        QTRY_VERIFY(!s.page().isEmpty());

        Q_EMIT s.feed.cancelled({s.feed.item(0).item.itemId}, nowMs() + 10'000);

        QVERIFY(s.page().notice()->isVisible());
        QCOMPARE(s.page().notice()->text(), u"1 photo cancelled"_s);
        s.page().notice()->button()->click();
        QCOMPARE(s.feed.commands.last(), u"undoCancel"_s);
        QVERIFY(!s.page().notice()->isVisible());
    }

    void aFolderThatWasStoppedWhileItWasCountedCanBeTakenBackEvenWithoutAPhoto()
    {
        WindowOnFeed s;
        s.feed.addFolder(u"Harbour"_s, 3);
        s.open();
        QTRY_VERIFY(!s.page().isEmpty());

        Q_EMIT s.feed.cancelled({}, nowMs() + 10'000, true);

        QVERIFY(s.page().notice()->isVisible());
        QCOMPARE(s.page().notice()->text(), u"0 photos cancelled"_s);
        QVERIFY(s.page().notice()->button()->isVisible());
        s.page().notice()->button()->click();
        QCOMPARE(s.feed.commands.last(), u"undoCancel"_s);

        Q_EMIT s.feed.cancelled({}, nowMs() + 10'000);
        QCOMPARE(s.page().notice()->text(), u"Too late to cancel"_s);
        QVERIFY(!s.page().notice()->button()->isVisible());
    }

    void stoppingAFolderAsksOnce()
    {
        WindowOnFeed s;
        const QUuid folder = s.feed.addFolder(u"Harbour"_s, 5);
        s.open();
        QTRY_VERIFY(!s.page().isEmpty());

        Q_EMIT s.page().workPage()->stopFolderWanted(folder);

        auto *box = s.page().findChild<QMessageBox *>();
        QVERIFY(box);
        QCOMPARE(box->textFormat(), Qt::PlainText);
        QCOMPARE(box->text(), u"Stop uploading 5 photos?"_s);
        QVERIFY(!box->informativeText().contains(u"safe"_s));
        QVERIFY(s.feed.commands.isEmpty());
        for (QAbstractButton *button : box->buttons()) {
            if (button->text() == u"Stop uploading"_s)
                button->click();
        }
        QCOMPARE(s.feed.commands.last(), u"cancelBatch"_s);
    }

    void noLabelEverReadsANameAsMarkup()
    {
        WindowOnFeed s;
        s.feed.addFolder(u"<img src=x.png>"_s, 3);
        s.feed.item(0).item.relativePath = "<b>IMG<u>.jpg";
        s.fail(0);
        s.open();
        QTRY_VERIFY(s.controller->photos()->rowCount() == 3);
        s.table().goToRow(0);
        QTRY_COMPARE(s.page().workPage()->detail()->problem()->title(), u"File is damaged: its end is missing"_s);

        const QList<QLabel *> labels = s.window->findChildren<QLabel *>();
        bool wasNameSeen = false;
        for (const QLabel *label : labels) {
            QVERIFY2(label->textFormat() == Qt::PlainText || label->text().isEmpty(), qPrintable(label->text()));
            wasNameSeen = wasNameSeen || label->text() == u"<b>IMG<u>.jpg"_s;
        }
        QVERIFY(wasNameSeen);
    }

    void aSecondStartBringsTheWindowBack()
    {
        WindowOnFeed s;
        s.open();
        s.window->showMinimized();
        QVERIFY(s.window->isMinimized());

        s.window->raiseToPerson();

        QVERIFY(!s.window->isMinimized());
        QVERIFY(QTest::qWaitForWindowActive(s.window.get()));
    }

    void theWindowComesBackWhereItWas()
    {
        WindowOnFeed s;
        s.open();
        s.window->resize(1111, 777);
        QPromise<MainWindow::Place> place;
        place.start();
        place.addResult(MainWindow::Place{s.window->saveGeometry(), {}});
        place.finish();
        MainWindow again(*s.controller);

        again.showAt(place.future());

        QVERIFY(!again.isVisible()); // nothing was waited for
        QTRY_VERIFY(again.isVisible());
        QCOMPARE(again.size(), QSize(1111, 777));
    }

    void aDiskThatDoesNotAnswerKeepsNoWindowAway()
    {
        WindowOnFeed s;
        s.open();
        QPromise<MainWindow::Place> place;
        place.start();
        MainWindow again(*s.controller);

        again.showAt(place.future());

        QTRY_VERIFY(again.isVisible());
        const QRect shown = again.geometry();
        s.window->resize(1111, 777);
        QSignalSpy answered(s.window.get(), &QObject::destroyed); // an event behind the answer
        place.addResult(MainWindow::Place{s.window->saveGeometry(), {}});
        place.finish();
        s.window.release()->deleteLater();
        QTRY_COMPARE(answered.count(), 1);
        QCOMPARE(again.geometry(), shown); // a window that is there does not jump
    }

    void aRecentFolderShowsItsFirstPhoto()
    {
        WindowOnFeed s;
        s.feed.addFolder(u"Harbour"_s, 3);
        s.feed.item(0).item.state = ItemState::Skipped; // its notes
        test::standDone(s.feed.item(1));
        test::standDone(s.feed.item(2));
        s.feed.recount();
        s.feed.batchList.first().isCleared = true;
        s.feed.batchList.first().finishedMs = nowMs();
        QImage photo(480, 360, QImage::Format_RGB32);
        photo.fill(Qt::red);
        s.feed.pictures.insert(QString::fromUtf8(s.feed.item(1).item.relativePath), photo);
        s.open();
        QTRY_VERIFY(s.page().emptyPage()->recent()->isVisible());
        const auto redPixels = [&] {
            const QImage seen = s.page().emptyPage()->recent()->grab().toImage();
            int count = 0;
            for (int y = 0; y < seen.height(); ++y) {
                for (int x = 0; x < seen.width(); ++x)
                    count += seen.pixelColor(x, y) == QColor(Qt::red);
            }
            return count;
        };

        QTRY_COMPARE(redPixels(), 48 * 32);
    }

    void limitIsSetFromTheFooter()
    {
        WindowOnFeed s;
        s.open();

        Q_EMIT s.window->footer()->limitChosen(5'000'000);

        QCOMPARE(s.feed.rateLimit, 5'000'000);
    }

    void hundredThousandRowsNeverBlockTheWindow()
    {
        WindowOnFeed s;
        s.feed.addFolder(u"Big"_s, 100'000);
        s.open();
        QTRY_COMPARE(s.controller->photos()->rowCount(), 100'000);
        s.hold(Hold::None);

        double worst = 0;
        for (int turn = 0; turn < 40; ++turn) {
            QList<QUuid> ids;
            QList<pipeline::ItemProgress> progress;
            for (int i = 0; i < 250; ++i) {
                store::ItemView &view = s.feed.item((turn * 250 + i) % 2000);
                test::standAt(view, ItemState::Running, Stage::Transfer, StageState::Active);
                ids << view.item.itemId;
                progress << pipeline::ItemProgress{view.item.itemId, Stage::Transfer, 1'000'000, view.item.identity.size, 1};
            }
            const double before = threadCpuMs();
            Q_EMIT s.feed.itemsChanged(ids);
            Q_EMIT s.feed.progressSampled(progress);
            s.table().scrollTo(s.controller->photos()->index(turn * 2000, 1));
            QCoreApplication::processEvents();
            worst = std::max(worst, threadCpuMs() - before);
            QTRY_VERIFY(s.controller->photos()->rowAt(turn * 2000));
        }

        // The feed answers on this thread, so that its linear searches are in the figure too.
        QVERIFY2(worst < 100, qPrintable(QString::number(worst)));
    }
};

QTEST_MAIN(WindowTest)
#include "tst_window.moc"
