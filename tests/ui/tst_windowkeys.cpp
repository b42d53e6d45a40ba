#include "tests/ui/inenglish.h"
#include "tests/ui/windowonfeed.h"
#include "ui/shell/headerbar.h"
#include "ui/uploads/problempanel.h"

#include <QApplication>
#include <QClipboard>
#include <QFileDialog>
#include <QListView>
#include <QMessageBox>
#include <QMimeData>
#include <QSignalSpy>
#include <QTemporaryDir>

using namespace photolift;
using namespace photolift::ui;
using test::WindowOnFeed;
using namespace Qt::StringLiterals;

/// The window without a mouse: every key the design names, where the focus is seen, and what a screen reader calls the buttons.
class WindowKeysTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { test::speakEnglish(); }

    void keysDoWhatTheDesignSays()
    {
        WindowOnFeed s;
        s.feed.addFolder(u"Harbour"_s, 30);
        s.fail(5);
        s.open();
        QTRY_COMPARE(s.controller->photos()->rowCount(), 30);
        s.table().goToRow(3);
        QTRY_VERIFY(s.table().currentRow());

        QTest::keyClick(&s.table(), Qt::Key_Space);
        QCOMPARE(s.feed.commands.last(), u"pauseBatch"_s);
        QTest::keyClick(&s.table(), Qt::Key_Delete);
        QCOMPARE(s.feed.commands.last(), u"cancelItems 1"_s);
        s.table().goToRow(5);
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

    void everyPageHasItsNumber()
    {
        WindowOnFeed s;
        s.open();
        const QList<QAction *> actions = s.window->findChildren<QAction *>();
        const auto tab = std::find_if(actions.cbegin(), actions.cend(), [](const QAction *action) { return action->text() == u"Uploads"_s; });
        QVERIFY(tab != actions.cend());
        QSignalSpy chosen(*tab, &QAction::triggered);

        QTest::keyClick(s.window.get(), Qt::Key_1, Qt::ControlModifier);

        QCOMPARE(chosen.count(), 1);
        QVERIFY((*tab)->isChecked());
        QVERIFY(s.page().isVisible());
    }

    void failedPhotosAreSteppedThroughForwardsAndBack()
    {
        WindowOnFeed s;
        s.feed.addFolder(u"Harbour"_s, 300);
        s.fail(20);
        s.fail(250);
        s.open();
        QTRY_COMPARE(s.controller->photos()->rowCount(), 300);

        QTest::keyClick(s.window.get(), Qt::Key_F8);
        QTRY_COMPARE(s.table().currentIndex().row(), 20);
        QTest::keyClick(s.window.get(), Qt::Key_F8);
        QTRY_COMPARE(s.table().currentIndex().row(), 250);
        QTest::keyClick(s.window.get(), Qt::Key_F8); // around the end
        QTRY_COMPARE(s.table().currentIndex().row(), 20);
        QTest::keyClick(s.window.get(), Qt::Key_F8, Qt::ShiftModifier);
        QTRY_COMPARE(s.table().currentIndex().row(), 250);

        QTest::keyClick(s.window.get(), Qt::Key_R, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(s.feed.commands.last(), u"retryAllFailed"_s);
    }

    void panesAreWalkedInACircleAndTheFocusIsSeenInEach()
    {
        WindowOnFeed s;
        s.feed.addFolder(u"Harbour"_s, 30);
        s.open();
        QTRY_VERIFY(s.controller->photos()->rowAt(0));
        s.table().goToRow(0);
        QWidget *detail = s.page().workPage()->detail();
        const auto frame = [&] { return detail->findChild<QWidget *>(u"focusInside"_s); };

        QTest::keyClick(s.window.get(), Qt::Key_F6);
        QVERIFY(detail->hasFocus());
        QVERIFY(frame() && frame()->isVisible());
        s.window->resize(1300, 800);
        QTRY_COMPARE(frame()->size(), detail->size());
        QTest::keyClick(s.window.get(), Qt::Key_F6);
        QVERIFY(s.page().workPage()->folders()->hasFocus());
        QVERIFY(!frame());
        QTest::keyClick(s.window.get(), Qt::Key_F6);
        QVERIFY(s.table().hasFocus());
        QTest::keyClick(s.window.get(), Qt::Key_F6, Qt::ShiftModifier);
        QVERIFY(s.page().workPage()->folders()->hasFocus());

        QTest::keyClick(s.window.get(), Qt::Key_F9); // a pane that is hidden takes no focus
        QTest::keyClick(s.window.get(), Qt::Key_F6, Qt::ShiftModifier);
        QVERIFY(s.table().hasFocus());
    }

    void aRowIsOpenedAndItsReportCopied()
    {
        WindowOnFeed s;
        s.feed.addFolder(u"Harbour"_s, 30);
        s.fail(3);
        s.open();
        QTRY_VERIFY(s.controller->photos()->rowAt(3));
        s.page().workPage()->setDetailShown(false);
        s.table().goToRow(3);

        QTest::keyClick(&s.table(), Qt::Key_Return);
        QVERIFY(s.page().workPage()->isDetailShown());
        QTRY_VERIFY(s.page().workPage()->detail()->problem()->isVisible());
        QTest::keyClick(s.window.get(), Qt::Key_C, Qt::ControlModifier | Qt::ShiftModifier);

        QVERIFY2(QApplication::clipboard()->text().contains(u"VALIDATION_TRUNCATED"_s), qPrintable(QApplication::clipboard()->text()));
    }

    void foldersArePausedStoppedPastedAndChosen()
    {
        WindowOnFeed s;
        s.feed.addFolder(u"Harbour"_s, 30);
        s.open();
        QTRY_VERIFY(s.controller->photos()->rowAt(0));
        QListView *folders = s.page().workPage()->folders();
        folders->setFocus();
        folders->setCurrentIndex(s.controller->batches()->index(0));

        QTest::keyClick(folders, Qt::Key_Space);
        QCOMPARE(s.feed.commands.last(), u"pauseBatch"_s);
        QTest::keyClick(folders, Qt::Key_Delete);
        auto *box = s.page().findChild<QMessageBox *>();
        QVERIFY(box);
        QTest::keyClick(box, Qt::Key_Escape); // Keep uploading
        QCOMPARE(s.feed.commands.last(), u"pauseBatch"_s);

        QTemporaryDir copied;
        auto *mime = new QMimeData;
        mime->setUrls({QUrl::fromLocalFile(copied.path())});
        QApplication::clipboard()->setMimeData(mime);
        QTest::keyClick(s.window.get(), Qt::Key_V, Qt::ControlModifier);
        QTRY_COMPARE(s.feed.drops.size(), 1);
        QCOMPARE(s.feed.drops.first().paths, QList<QByteArray>{copied.path().toUtf8()});

        s.window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(s.window.get()));
        QTest::keyClick(s.window.get(), Qt::Key_O, Qt::ControlModifier);
        auto *dialog = s.page().findChild<QFileDialog *>();
        QVERIFY(dialog);
        QVERIFY(dialog->isVisible());
        QTemporaryDir chosen;
        dialog->setDirectory(chosen.path());
        static_cast<QDialog *>(dialog)->accept(); // as its button does
        QTRY_COMPARE(s.feed.drops.size(), 2);
        QCOMPARE(s.feed.drops.last().paths, QList<QByteArray>{chosen.path().toUtf8()});
    }

    void iconOnlyButtonsHaveNames()
    {
        WindowOnFeed s;
        s.feed.addFolder(u"Harbour"_s, 3);
        s.open();
        const QList<QAbstractButton *> buttons = s.window->findChildren<QAbstractButton *>();
        for (const QAbstractButton *button : buttons) {
            if (button->isVisible() && button->focusPolicy() != Qt::NoFocus)
                QVERIFY2(!button->text().isEmpty() || !button->accessibleName().isEmpty(), button->metaObject()->className());
        }
    }
};

QTEST_MAIN(WindowKeysTest)
#include "tst_windowkeys.moc"
