#include "tests/ui/inenglish.h"
#include "tests/ui/windowonfeed.h"
#include "ui/parts/statuslabel.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QMenu>
#include <QPointer>

using namespace photolift;
using namespace photolift::ui;
using namespace Qt::StringLiterals;
using Hold = pipeline::QueueState::Hold;

/// What is done to selected photos is done to all of them: from several folders, and from rows that were never in sight.
class SelectionTest : public QObject
{
    Q_OBJECT

    struct Opened : test::WindowOnFeed {
        void openAt(int rows)
        {
            open();
            QTRY_COMPARE(controller->photos()->rowCount(), rows);
            table().goToRow(0);
            QTRY_VERIFY(table().currentRow());
        }
        LampWidget &motion() { return *page().verdicts()->motion(); }
        /// As the engine answers: the folders stand so from now on.
        void setPaused(bool isPaused)
        {
            for (store::BatchView &batch : feed.batchList)
                batch.isPaused = isPaused;
            Q_EMIT feed.batchesChanged({});
        }
        /// The menu of this row, as a right click opens it, and its entries.
        std::pair<QPointer<QMenu>, QHash<QString, QAction *>> menuOf(int row)
        {
            const QPoint at = table().visualRect(controller->photos()->index(row, UploadTableModel::NameColumn)).center();
            QContextMenuEvent event(QContextMenuEvent::Mouse, at, table().viewport()->mapToGlobal(at));
            QApplication::sendEvent(table().viewport(), &event);
            QPointer<QMenu> menu;
            const bool isUp = QTest::qWaitFor([&] { return (menu = qobject_cast<QMenu *>(QApplication::activePopupWidget())); });
            QHash<QString, QAction *> actions;
            for (QAction *action : isUp ? menu->actions() : QList<QAction *>())
                actions.insert(action->text(), action);
            return std::pair(menu, actions);
        }
        QStringList folderCommands() const
        {
            QStringList commands = feed.commands;
            commands.removeIf([](const QString &command) { return !command.endsWith(u"Batch"_s); });
            return commands;
        }
    };

private Q_SLOTS:
    void initTestCase() { test::speakEnglish(); }

    void spacePausesTheFoldersOfAllSelectedPhotosAndResumesThem()
    {
        Opened s;
        s.feed.addFolder(u"Harbour"_s, 3);
        s.feed.addFolder(u"Dunes"_s, 3);
        s.openAt(6);
        s.table().selectAll();

        QTest::keyClick(&s.table(), Qt::Key_Space);
        QCOMPARE(s.folderCommands(), (QStringList{u"pauseBatch"_s, u"pauseBatch"_s}));
        s.setPaused(true);
        QTRY_COMPARE(s.motion().verdict().headline, u"Paused by you"_s);
        QTest::keyClick(&s.table(), Qt::Key_Space);

        QCOMPARE(s.folderCommands().mid(2), (QStringList{u"resumeBatch"_s, u"resumeBatch"_s}));
    }

    void spaceLeavesAFolderAloneThatIsNotSelectedOrHasEnded()
    {
        Opened s;
        s.feed.addFolder(u"Harbour"_s, 3);
        s.feed.addFolder(u"Dunes"_s, 3);
        for (int row = 0; row < 3; ++row)
            test::standDone(s.feed.item(row));
        s.feed.recount();
        s.openAt(6);

        QTest::keyClick(&s.table(), Qt::Key_Space);
        const QUuid current = s.table().currentRow()->view.item.batchId;
        const qsizetype paused = s.folderCommands().size();
        s.table().selectAll();
        QTest::keyClick(&s.table(), Qt::Key_Space);

        QCOMPARE(paused, current == s.feed.item(0).item.batchId ? 0 : 1);
        QCOMPARE(s.folderCommands().size(), paused + 1);
    }

    void theMenuOfARowSaysWhatSpaceDoes()
    {
        Opened s;
        s.feed.addFolder(u"Harbour"_s, 3);
        s.openAt(3);

        const auto [menu, actions] = s.menuOf(1);

        QAction *pause = actions.value(u"Pause 1 folder"_s);
        QVERIFY(pause);
        QCOMPARE(pause->shortcut(), QKeySequence(Qt::Key_Space));
        pause->trigger();
        QCOMPARE(s.folderCommands(), QStringList{u"pauseBatch"_s});
        menu->close();
    }

    void allPhotosWithTheSameProblemAreTriedAgainFromTheMenuOfARow()
    {
        Opened s;
        s.feed.addFolder(u"Harbour"_s, 9);
        s.fail(2);
        s.fail(5);
        s.open();
        QTRY_VERIFY(s.controller->photos()->rowAt(5));

        s.table().goToRow(3);
        const auto [other, plain] = s.menuOf(3);
        QVERIFY(plain.contains(u"Cancel selected"_s));
        QVERIFY(!plain.contains(u"Retry selected"_s));
        other->close();
        QTRY_VERIFY(!other); // its end takes the focus once more
        s.table().goToRow(5);
        const auto [menu, actions] = s.menuOf(5);
        QVERIFY(actions.contains(u"Retry all 2 photos with this problem"_s));
        QVERIFY(!actions.contains(u"Cancel selected"_s));
        actions.value(u"Skip selected"_s)->trigger();
        QCOMPARE(s.feed.commands.last(), u"skipItems 1"_s);
        QCOMPARE(s.feed.lastItems, QList<QUuid>{s.feed.item(5).item.itemId});
        actions.value(u"Retry all 2 photos with this problem"_s)->trigger();
        QCOMPARE(s.feed.commands.last(), u"retryByCause VALIDATION_TRUNCATED"_s);
        menu->close();
    }

    void theMenuOffersWhatHasAnEffectAndSaysOnHowMany()
    {
        Opened s;
        s.feed.addFolder(u"Harbour"_s, 5);
        s.fail(0);
        s.fail(1);
        test::standDone(s.feed.item(2));
        test::standDone(s.feed.item(3));
        s.feed.recount();
        s.openAt(5);
        s.table().selectAll();

        const auto [menu, actions] = s.menuOf(0);

        QVERIFY2(actions.contains(u"Retry 2 of 5 selected"_s), qPrintable(actions.keys().join(u", "_s)));
        QVERIFY(actions.contains(u"Skip 2 of 5 selected"_s));
        actions.value(u"Cancel 1 of 5 selected"_s)->trigger();
        QCOMPARE(s.feed.commands.last(), u"cancelItems 1"_s);
        QCOMPARE(s.feed.lastItems, QList<QUuid>{s.feed.item(4).item.itemId});
        menu->close();
        QTRY_VERIFY(!menu);
        QTest::keyClick(s.window.get(), Qt::Key_R, Qt::ControlModifier);
        QCOMPARE(s.feed.commands.last(), u"retryItems 2"_s);
    }

    void onFinishedPhotosThereIsNothingToRetryOrToCancel()
    {
        Opened s;
        s.feed.addFolder(u"Harbour"_s, 3);
        for (store::ItemView &view : s.feed.items)
            test::standDone(view);
        s.feed.recount();
        s.openAt(3);
        s.table().selectAll();

        const auto [menu, actions] = s.menuOf(0);
        QVERIFY(actions.contains(u"Show in folder"_s));
        const QStringList texts = actions.keys();
        for (const QString &text : texts)
            QVERIFY2(!text.contains(u"Retry"_s) && !text.contains(u"Cancel"_s) && !text.contains(u"Pause"_s), qPrintable(text));
        menu->close();
        QTRY_VERIFY(!menu);
        s.window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(s.window.get()));
        QTest::keyClick(&s.table(), Qt::Key_Delete);
        QCOMPARE(s.page().notice()->text(), u"None of the selected photos can be cancelled any more"_s);
        s.page().notice()->hide();
        QTest::keyClick(s.window.get(), Qt::Key_R, Qt::ControlModifier);
        QCOMPARE(s.page().notice()->text(), u"None of the selected photos can be retried"_s);

        QVERIFY2(s.feed.commands.isEmpty(), qPrintable(s.feed.commands.join(u", "_s)));
    }

    void whenEveryFolderIsPausedOneButtonResumesThemAll()
    {
        Opened s;
        s.feed.addFolder(u"Harbour"_s, 3);
        s.feed.addFolder(u"Dunes"_s, 3);
        s.openAt(6);
        s.setPaused(true);
        QTRY_COMPARE(s.motion().verdict().headline, u"Paused by you"_s);
        QCOMPARE(s.motion().verdict().button, u"Resume all"_s);

        s.motion().button()->click();

        QCOMPARE(s.folderCommands(), (QStringList{u"resumeBatch"_s, u"resumeBatch"_s}));
        s.feed.batchList.first().isPaused = false;
        Q_EMIT s.feed.batchesChanged({});
        QTRY_COMPARE(s.motion().verdict().headline, u"Uploading normally"_s);
    }

    void whatWasNeverInSightIsCancelledAndRetriedToo()
    {
        Opened s;
        s.feed.addFolder(u"Harbour"_s, 3500);
        s.openAt(3500);
        s.table().selectAll();

        QTest::keyClick(&s.table(), Qt::Key_Delete);
        QTRY_COMPARE(s.feed.commands, QStringList{u"cancelItems 3500"_s});
        QCOMPARE(QSet<QUuid>(s.feed.lastItems.cbegin(), s.feed.lastItems.cend()).size(), 3500);
        for (store::ItemView &view : s.feed.items)
            view.item.state = ItemState::Cancelled;
        Q_EMIT s.feed.itemsChanged(s.feed.lastItems);
        QTRY_COMPARE(s.table().currentRow()->view.item.state, ItemState::Cancelled);
        QTest::keyClick(s.window.get(), Qt::Key_R, Qt::ControlModifier);

        QTRY_COMPARE(s.feed.commands.size(), 2);
        QCOMPARE(s.feed.commands.last(), u"retryItems 3500"_s);
    }

    void whatWasNeverInSightIsCopiedWithItsWords()
    {
        Opened s;
        s.feed.addFolder(u"Harbour"_s, 3500);
        test::standDone(s.feed.item(3499));
        s.openAt(3500);
        QVERIFY(!s.controller->photos()->rowAt(3499));
        s.table().selectAll();

        QTest::keyClick(&s.table(), Qt::Key_C, Qt::ControlModifier);

        QTRY_COMPARE(QApplication::clipboard()->text().count(u'\n'), 3499);
        const QStringList lines = QApplication::clipboard()->text().split(u'\n');
        for (int row = 0; row < 3500; ++row) {
            const QStringList cells = lines.at(row).split(u'\t');
            QCOMPARE(cells.size(), 3);
            QCOMPARE(cells.at(0), QString::fromUtf8(s.feed.item(row).item.relativePath));
            QVERIFY(!cells.at(1).isEmpty());
            QCOMPARE(cells.at(2), row == 3499 ? u"Done"_s : u"Waiting"_s);
        }
        QTRY_COMPARE(s.page().notice()->text(), u"3,500 rows copied to the clipboard"_s);
    }

    void rowsThatCannotBeReadAreNotCopiedByHalves()
    {
        Opened s;
        s.feed.addFolder(u"Harbour"_s, 3500);
        s.openAt(3500);
        s.table().selectAll();
        QApplication::clipboard()->setText(u"before"_s);
        s.feed.areItemsReadable = false;

        QTest::keyClick(&s.table(), Qt::Key_C, Qt::ControlModifier);

        QTRY_COMPARE(s.page().notice()->text(), u"Nothing was copied"_s);
        QCOMPARE(QApplication::clipboard()->text(), u"before"_s);
    }

    /// What is under way waits too while there is no connection, and nothing is said to move.
    void withoutAConnectionNothingIsSaidToMove()
    {
        Opened s;
        s.feed.addFolder(u"Harbour"_s, 6);
        for (const int row : {1, 2, 3})
            test::standAt(s.feed.item(row), ItemState::Running, Stage::Transfer, StageState::Active);
        s.feed.recount();
        s.openAt(6);
        pipeline::QueueState busy;
        busy.isServerReachable = true;
        busy.isConnecting = false;
        busy.bytesPerSecond = 5'000'000;
        Q_EMIT s.feed.queueStateChanged(busy);
        Q_EMIT s.feed.progressSampled({{s.feed.item(1).item.itemId, Stage::Transfer, 1000, 9000, 5'000'000}});
        const auto count = [&s](store::ItemGroup group) {
            return s.page().workPage()->filter()->button(static_cast<int>(group))->accessibleName();
        };
        QTRY_COMPARE(count(store::ItemGroup::Moving), u"Moving 3"_s);
        QCOMPARE(s.controller->totals().moving, 3);
        s.table().goToRow(1);
        const auto *status = s.page().workPage()->detail()->findChild<StatusLabel *>();
        QTRY_COMPARE(status->text(), u"Moving"_s);
        s.page().workPage()->setGroup(store::ItemGroup::Waiting);
        QTRY_COMPARE(s.controller->photos()->rowCount(), 3);

        for (const Hold hold : {Hold::Offline, Hold::ServerUnreachable, Hold::SignIn}) {
            busy.hold = hold;
            Q_EMIT s.feed.queueStateChanged(busy);
            QTRY_COMPARE(count(store::ItemGroup::Moving), u"Moving 0"_s);
            QCOMPARE(count(store::ItemGroup::Waiting), u"Waiting 6"_s);
            QTRY_COMPARE(s.controller->photos()->rowCount(), 6);
            QTRY_COMPARE(status->text(), u"Waiting"_s);
            QCOMPARE(s.controller->totals().moving, 0);
            QCOMPARE(s.controller->totals().waiting, 6);
            QCOMPARE(s.controller->batches()->rowAt(0)->view.moving, 0);
            QCOMPARE(s.controller->bytesPerSecond(), 0);
            const int row = s.controller->photos()->rowsOf({2}).value(0);
            QTRY_COMPARE(s.controller->photos()->index(row, UploadTableModel::SpeedColumn).data().toString(), u"–"_s);
        }

        busy.hold = Hold::None; // quiet for a minute: not told yet, and nothing moves all the same
        busy.isServerReachable = false;
        busy.waitsFor = ErrorCode::ApiUnavailable;
        Q_EMIT s.feed.queueStateChanged(busy);
        QTRY_COMPARE(count(store::ItemGroup::Moving), u"Moving 3"_s);
        busy.bytesPerSecond = 0;
        Q_EMIT s.feed.queueStateChanged(busy);
        QTRY_COMPARE(count(store::ItemGroup::Moving), u"Moving 0"_s);
        QCOMPARE(s.motion().verdict().headline, u"Waiting for the server"_s);
        QCOMPARE(s.controller->batches()->words(*s.controller->batches()->rowAt(0)).state, u"Waiting for the connection"_s);
        QTRY_COMPARE(status->text(), u"Waiting"_s);
        busy.isServerReachable = true;
        busy.waitsFor.reset();
        busy.bytesPerSecond = 5'000'000;
        Q_EMIT s.feed.queueStateChanged(busy);
        QTRY_COMPARE(count(store::ItemGroup::Moving), u"Moving 3"_s);
        QCOMPARE(s.motion().verdict().headline, u"Uploading normally"_s);

        busy.hold = Hold::PausedByYou; // what is in flight ends first
        Q_EMIT s.feed.queueStateChanged(busy);
        QTRY_COMPARE(count(store::ItemGroup::Moving), u"Moving 3"_s);
        busy.bytesPerSecond = 0;
        Q_EMIT s.feed.queueStateChanged(busy);
        QTRY_COMPARE(count(store::ItemGroup::Moving), u"Moving 0"_s);
        QTRY_COMPARE(status->text(), u"Paused"_s);
    }
};

QTEST_MAIN(SelectionTest)
#include "tst_selection.moc"
