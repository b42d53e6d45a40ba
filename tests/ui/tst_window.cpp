#include "models/vocabulary/ids.h"
#include "tests/support/fakeuploadfeed.h"
#include "ui/shell/appearance.h"
#include "ui/shell/footerbar.h"
#include "ui/shell/headerbar.h"
#include "ui/shell/mainwindow.h"
#include "ui/uploads/problempanel.h"

#include <QApplication>
#include <QClipboard>
#include <QDropEvent>
#include <QHeaderView>
#include <QLocale>
#include <QMenu>
#include <QMessageBox>
#include <QMimeData>
#include <QPointer>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <time.h>

using namespace photolift;
using namespace photolift::ui;
using namespace Qt::StringLiterals;
using store::ItemGroup;
using Hold = pipeline::QueueState::Hold;

/// The real window, driven as a person would, over a feed of plain structs.
class WindowTest : public QObject
{
    Q_OBJECT

    struct Stage_ {
        test::FakeUploadFeed feed;
        std::unique_ptr<UploadsController> controller;
        std::unique_ptr<MainWindow> window;

        void open()
        {
            controller = std::make_unique<UploadsController>(feed, Destination{true, u"/srv/photos"_s, {}});
            window = std::make_unique<MainWindow>(*controller);
            window->resize(1440, 900);
            controller->start();
            window->show();
            QVERIFY(QTest::qWaitForWindowActive(window.get()));
        }
        UploadsPage &page() { return *window->uploads(); }
        PhotoTable &table() { return *page().workPage()->photos(); }
        void hold(Hold hold)
        {
            pipeline::QueueState state;
            state.hold = hold;
            state.isServerReachable = hold == Hold::None;
            state.isConnecting = false;
            Q_EMIT feed.queueStateChanged(state);
        }
        void fail(int row)
        {
            test::standAt(feed.item(row), ItemState::NeedsYou, Stage::Validation, StageState::Failed);
            feed.item(row).item.errorCode = ErrorCode::ValidationTruncated;
            feed.recount();
        }
    };

    static double threadCpuMs()
    {
        timespec now{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        return static_cast<double>(now.tv_sec) * 1000 + static_cast<double>(now.tv_nsec) / 1e6;
    }

private Q_SLOTS:
    void initTestCase()
    {
        QLocale::setDefault(QLocale(u"en_GB"_s));
        QVERIFY(installTranslation(u"en"_s));
        new Appearance(Appearance::Choice::Light, qApp);
    }

    void emptyWindowAsksForFolders()
    {
        Stage_ s;
        s.open();

        QVERIFY(s.page().isEmpty());
        QCOMPARE(s.page().emptyPage()->dropArea()->headline(), u"Drop folders of photos here"_s);
        QCOMPARE(s.page().verdicts()->motion()->verdict().headline, u"Ready – nothing is waiting"_s);
        QCOMPARE(s.page().verdicts()->attention()->verdict().headline, u"Nothing needs you"_s);
    }

    void draggedFoldersAreCountedAndDropped()
    {
        QTemporaryDir a;
        QTemporaryDir b;
        Stage_ s;
        s.open();
        QMimeData mime;
        mime.setUrls({QUrl::fromLocalFile(a.path()), QUrl::fromLocalFile(b.path())});

        QDragEnterEvent enter(QPoint(400, 400), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&s.page(), &enter);
        QVERIFY(enter.isAccepted());
        QTRY_COMPARE(s.page().emptyPage()->dropArea()->headline(), u"Let go to add 2 folders"_s);
        QDropEvent drop(QPointF(400, 400), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&s.page(), &drop);

        QTRY_COMPARE(s.feed.drops.size(), 2);
        QCOMPARE(s.feed.drops.first().paths, QList<QByteArray>{a.path().toUtf8()});
        QCOMPARE(s.page().emptyPage()->dropArea()->headline(), u"Drop folders of photos here"_s);
    }

    void aServerThatStopsAgainAndAgainIsSaidUntilItAnswers()
    {
        Stage_ s;
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
        Stage_ s;
        s.open();
        Q_EMIT s.feed.serverFailing({ErrorCode::ApiUnavailable, u"died"_s});
        Q_EMIT s.feed.batchRefused({}, {ErrorCode::LocalDiskFull, {}});

        s.hold(Hold::None);

        QVERIFY(s.page().notice()->isVisible());
        QCOMPARE(s.page().notice()->text(), u"The disk of this computer is full"_s);
    }

    void dropsAreTakenOnHeaderFooterAndSearchField()
    {
        QTemporaryDir folder;
        Stage_ s;
        s.feed.addFolder(u"Harbour"_s, 3);
        s.open();
        QTRY_VERIFY(!s.page().isEmpty());
        QMimeData mime;
        mime.setUrls({QUrl::fromLocalFile(folder.path())});

        qsizetype drops = 0;
        for (QWidget *place : {static_cast<QWidget *>(s.window->header()), static_cast<QWidget *>(s.window->footer()),
                               static_cast<QWidget *>(s.page().workPage()->search())}) {
            QDragEnterEvent enter(QPoint(5, 5), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
            QApplication::sendEvent(place, &enter);
            QVERIFY(enter.isAccepted());
            QDropEvent drop(QPointF(5, 5), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
            QApplication::sendEvent(place, &drop);
            ++drops;
            QTRY_COMPARE(s.feed.drops.size(), drops);
        }
        QVERIFY(s.page().workPage()->search()->text().isEmpty());
    }

    void aDroppedFolderIsSelectedUnlessThePersonSelectedAnother()
    {
        Stage_ s;
        const QUuid old = s.feed.addFolder(u"Old"_s, 3);
        s.open();
        QTRY_VERIFY(!s.page().isEmpty());
        WorkPage *work = s.page().workPage();

        const QUuid first = s.feed.addFolder(u"First"_s, 3);
        Q_EMIT s.feed.batchAccepted(first);
        QTRY_COMPARE(work->currentFolder(), first);
        QTRY_COMPARE(s.controller->selectedBatch(), first);

        const QUuid second = s.feed.addFolder(u"Second"_s, 3);
        Q_EMIT s.feed.batchAccepted(second);
        QTRY_COMPARE(work->currentFolder(), second);

        work->selectFolder(old); // as by a click
        const QUuid third = s.feed.addFolder(u"Third"_s, 3);
        Q_EMIT s.feed.batchAccepted(third);
        QTRY_COMPARE(s.controller->batches()->rowCount(), 4);
        QCOMPARE(work->currentFolder(), old);
    }

    void theHeadShowsByWhatTheRowsAreSorted()
    {
        Stage_ s;
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
        Stage_ s;
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

    void aDroppedNameThatIsNoUtf8KeepsItsBytes()
    {
        Stage_ s;
        s.open();

        s.controller->addUrls({QUrl::fromEncoded("file:///tmp/caf%E9.jpg")});

        QTRY_COMPARE(s.feed.drops.size(), 1);
        QCOMPARE(s.feed.drops.first().paths.first(), QByteArray("/tmp/caf\xE9.jpg"));
    }

    void countingIsShownWhileTheFolderIsWalked()
    {
        Stage_ s;
        const QUuid folder = s.feed.addFolder(u"Harbour"_s, 3);
        s.feed.batchList.first().isCounted = false;
        s.open();
        QTRY_VERIFY(!s.page().isEmpty());

        Q_EMIT s.feed.walkProgressed({folder, 1306, false});

        QTRY_COMPARE(s.controller->batches()->words(*s.controller->batches()->rowAt(0)).state, u"Counting … 1,306 so far"_s);
    }

    void failedPhotoIsCountedFoundAndExplained()
    {
        Stage_ s;
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
        Stage_ s;
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
        QCOMPARE(problem->retryAllButton()->text(), u"Retry all 2 photos with this problem"_s);
        problem->retryAllButton()->click();
        QCOMPARE(s.feed.commands.last(), u"retryByCause VALIDATION_TRUNCATED"_s);
    }

    void allPhotosWithTheSameProblemAreTriedAgainFromTheMenuOfARow()
    {
        Stage_ s;
        s.feed.addFolder(u"Harbour"_s, 9);
        s.fail(2);
        s.fail(5);
        s.open();
        QTRY_VERIFY(s.controller->photos()->rowAt(5));
        const auto actionsOf = [&](int row) {
            const QPoint at = s.table().visualRect(s.controller->photos()->index(row, UploadTableModel::NameColumn)).center();
            QContextMenuEvent event(QContextMenuEvent::Mouse, at, s.table().viewport()->mapToGlobal(at));
            QTest::mouseClick(s.table().viewport(), Qt::RightButton, {}, at);
            QApplication::sendEvent(s.table().viewport(), &event);
            QPointer<QMenu> menu;
            const bool isUp = QTest::qWaitFor([&] { return (menu = qobject_cast<QMenu *>(QApplication::activePopupWidget())); });
            QHash<QString, QAction *> actions;
            for (QAction *action : isUp ? menu->actions() : QList<QAction *>())
                actions.insert(action->text(), action);
            return std::pair(menu, actions);
        };

        const auto [other, plain] = actionsOf(3);
        QVERIFY(plain.contains(u"Cancel selected"_s));
        QVERIFY(!plain.value(u"Retry selected"_s)->isEnabled());
        other->close();
        QTRY_VERIFY(!other); // its end takes the focus once more
        const auto [menu, actions] = actionsOf(5);
        QVERIFY(actions.contains(u"Retry all 2 photos with this problem"_s));
        QVERIFY(!actions.value(u"Cancel selected"_s)->isEnabled());
        actions.value(u"Skip selected"_s)->trigger();
        QCOMPARE(s.feed.commands.last(), u"skipItems 1"_s);
        QCOMPARE(s.feed.lastItems, QList<QUuid>{s.feed.item(5).item.itemId});
        actions.value(u"Retry all 2 photos with this problem"_s)->trigger();
        QCOMPARE(s.feed.commands.last(), u"retryByCause VALIDATION_TRUNCATED"_s);
        menu->close();
    }

    void showThemFiltersToThoseThatNeedThePerson()
    {
        Stage_ s;
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
        Stage_ s;
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

        s.hold(Hold::Offline);
        QVERIFY(lamp->verdict().headline.startsWith(u"No connection"_s));
        QVERIFY(s.window->header()->serverText().endsWith(u"Not reachable"_s));
        lamp->button()->click();
        QCOMPARE(s.feed.commands.last(), u"tryNow"_s);
    }

    void finishedFolderSaysCopiedToWhichFolder()
    {
        Stage_ s;
        s.feed.addFolder(u"Harbour"_s, 12);
        for (store::ItemView &view : s.feed.items)
            test::standDone(view);
        s.feed.recount();
        s.open();

        QTRY_COMPARE(s.page().verdicts()->motion()->verdict().headline, u"All 12 photos are copied to /srv/photos"_s);
        s.page().verdicts()->motion()->button()->click();
        QCOMPARE(s.feed.commands.last(), u"clearFinished"_s);
    }

    void keysDoWhatTheDesignSays()
    {
        Stage_ s;
        s.feed.addFolder(u"Harbour"_s, 30);
        s.open();
        QTRY_COMPARE(s.controller->photos()->rowCount(), 30);
        s.table().goToRow(3);
        QTRY_VERIFY(s.table().currentRow());

        QTest::keyClick(&s.table(), Qt::Key_Space);
        QCOMPARE(s.feed.commands.last(), u"pauseBatch"_s);
        QTest::keyClick(&s.table(), Qt::Key_Delete);
        QCOMPARE(s.feed.commands.last(), u"cancelItems 1"_s);
        QTest::keyClick(s.window.get(), Qt::Key_R, Qt::ControlModifier);
        QCOMPARE(s.feed.commands.last(), u"retryItems 1"_s);
        QTest::keyClick(s.window.get(), Qt::Key_Space, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(s.feed.commands.last(), u"pauseAll"_s);
        QTest::keyClick(s.window.get(), Qt::Key_F, Qt::ControlModifier);
        QVERIFY(s.page().workPage()->search()->hasFocus());
        QTest::keyClicks(s.page().workPage()->search(), u"4820"_s);
        QTRY_COMPARE(s.controller->photos()->rowCount(), 1);
        QTest::keyClick(s.page().workPage()->search(), Qt::Key_Escape);
        QTRY_COMPARE(s.controller->photos()->rowCount(), 30);
        QTest::keyClick(s.window.get(), Qt::Key_F9);
        QVERIFY(!s.page().workPage()->isDetailShown());
        QTest::keyClick(s.window.get(), Qt::Key_F6);
        QVERIFY(s.page().workPage()->folders()->hasFocus() || s.table().hasFocus());
        s.table().goToRow(0);
        QTest::keyClick(&s.table(), Qt::Key_C, Qt::ControlModifier);
        QVERIFY(QApplication::clipboard()->text().startsWith(u"DSC_4817.NEF\t48.2"_s));
    }

    void cancelledPhotosCanBeTakenBack()
    {
        Stage_ s;
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
        Stage_ s;
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
        Stage_ s;
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

    void aRefusedDropSaysWhyAndWhatToDo()
    {
        Stage_ s;
        s.open();

        Q_EMIT s.feed.batchRefused(newUuid7(), Error{ErrorCode::LocalDiskFull, {}});

        QCOMPARE(s.page().notice()->text(), u"The disk of this computer is full"_s);
    }

    void noLabelEverReadsANameAsMarkup()
    {
        Stage_ s;
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

    void iconOnlyButtonsHaveNames()
    {
        Stage_ s;
        s.feed.addFolder(u"Harbour"_s, 3);
        s.open();
        const QList<QAbstractButton *> buttons = s.window->findChildren<QAbstractButton *>();
        for (const QAbstractButton *button : buttons) {
            if (button->isVisible() && button->focusPolicy() != Qt::NoFocus)
                QVERIFY2(!button->text().isEmpty() || !button->accessibleName().isEmpty(), button->metaObject()->className());
        }
    }

    void aSecondStartBringsTheWindowBack()
    {
        Stage_ s;
        s.open();
        s.window->showMinimized();
        QVERIFY(s.window->isMinimized());

        s.window->raiseToPerson();

        QVERIFY(!s.window->isMinimized());
        QVERIFY(QTest::qWaitForWindowActive(s.window.get()));
    }

    void limitIsSetFromTheFooter()
    {
        Stage_ s;
        s.open();

        Q_EMIT s.window->footer()->limitChosen(5'000'000);

        QCOMPARE(s.feed.rateLimit, 5'000'000);
    }

    void hundredThousandRowsNeverBlockTheWindow()
    {
        Stage_ s;
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
