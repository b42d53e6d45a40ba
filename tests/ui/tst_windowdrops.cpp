#include "models/vocabulary/ids.h"
#include "tests/ui/inenglish.h"
#include "tests/ui/windowonfeed.h"
#include "ui/shell/footerbar.h"
#include "ui/shell/headerbar.h"

#include <QApplication>
#include <QDropEvent>
#include <QMimeData>
#include <QTemporaryDir>

using namespace photolift;
using namespace photolift::ui;
using test::WindowOnFeed;
using namespace Qt::StringLiterals;

/// What is dragged over the window and let go, until its folder stands in the list or the window says why not.
class WindowDropsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { test::speakEnglish(); }

    void draggedFoldersAreCountedAndDropped()
    {
        QTemporaryDir a;
        QTemporaryDir b;
        WindowOnFeed s;
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

    void dropsAreTakenOnHeaderFooterAndSearchField()
    {
        QTemporaryDir folder;
        WindowOnFeed s;
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

    void aPictureOutOfABrowserIsNoPhotoOfThisComputer()
    {
        WindowOnFeed s;
        s.open();
        QMimeData mime;
        mime.setUrls({QUrl(u"https://example.org/photo.jpg"_s)});

        QDragEnterEvent enter(QPoint(400, 400), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(s.window.get(), &enter);

        QVERIFY(!enter.isAccepted());
        QCOMPARE(s.page().emptyPage()->dropArea()->headline(), u"Drop folders of photos here"_s);
    }

    void aDroppedFolderIsSelectedUnlessThePersonSelectedAnother()
    {
        WindowOnFeed s;
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

    void thePaneLeavesAPhotoOfAnotherFolderThanThePersonWentTo()
    {
        WindowOnFeed s;
        const QUuid harbour = s.feed.addFolder(u"Harbour"_s, 3);
        const QUuid garden = s.feed.addFolder(u"Garden"_s, 3);
        s.open();
        QTRY_VERIFY(!s.page().isEmpty());
        WorkPage *work = s.page().workPage();
        work->selectFolder(harbour);
        QTRY_COMPARE(s.controller->selectedBatch(), harbour);
        QTRY_VERIFY(s.controller->photos()->rowAt(0) && s.controller->photos()->rowAt(0)->view.item.batchId == harbour);
        s.table().goToRow(0);
        QTRY_VERIFY(work->detail()->detail());
        const QUuid photo = work->detail()->itemId();

        const QUuid dropped = s.feed.addFolder(u"Dropped"_s, 3);
        Q_EMIT s.feed.batchAccepted(dropped); // nobody went anywhere
        QTRY_COMPARE(s.controller->batches()->rowCount(), 3);
        QCOMPARE(work->detail()->itemId(), photo);

        work->selectFolder(garden);
        QVERIFY(work->detail()->itemId().isNull());
        QTRY_VERIFY(s.controller->photos()->rowAt(0) && s.controller->photos()->rowAt(0)->view.item.batchId == garden);
        QVERIFY(work->detail()->itemId().isNull());

        work->selectFolder(harbour);
        QTRY_VERIFY(s.controller->photos()->rowAt(0) && s.controller->photos()->rowAt(0)->view.item.batchId == harbour);
        s.table().goToRow(0); // the same photo again
        QTRY_COMPARE(work->detail()->itemId(), photo);
    }

    void aDroppedNameThatIsNoUtf8KeepsItsBytes()
    {
        WindowOnFeed s;
        s.open();

        s.controller->addUrls({QUrl::fromEncoded("file:///tmp/caf%E9.jpg")});

        QTRY_COMPARE(s.feed.drops.size(), 1);
        QCOMPARE(s.feed.drops.first().paths.first(), QByteArray("/tmp/caf\xE9.jpg"));
    }

    void countingIsShownWhileTheFolderIsWalked()
    {
        WindowOnFeed s;
        const QUuid folder = s.feed.addFolder(u"Harbour"_s, 3);
        s.feed.batchList.first().isCounted = false;
        s.open();
        QTRY_VERIFY(!s.page().isEmpty());

        Q_EMIT s.feed.walkProgressed({folder, 1306, false});

        QTRY_COMPARE(s.controller->batches()->words(*s.controller->batches()->rowAt(0)).state, u"Counting … 1,306 so far"_s);
    }

    void aFolderShowsPicturesOfItsPhotosAlone()
    {
        WindowOnFeed s;
        s.feed.addFolder(u"Harbour"_s, 9);
        s.open();
        const auto faces = [&] {
            QStringList names;
            if (const BatchRow *row = s.controller->batches()->rowAt(0)) {
                for (const store::Item &face : row->faces)
                    names << QString::fromUtf8(face.relativePath);
            }
            return names;
        };
        QTRY_COMPARE(faces().size(), 4);
        const QString first = QString::fromUtf8(s.feed.item(0).item.relativePath);
        QCOMPARE(faces().first(), first);

        s.feed.item(0).item.state = ItemState::Skipped; // its turn came: it is no photo
        s.feed.recount();
        Q_EMIT s.feed.itemsChanged({s.feed.item(0).item.itemId});

        QTRY_VERIFY(!faces().contains(first));
        QCOMPARE(faces().size(), 4);
    }

    void aRefusedDropSaysWhyAndWhatToDo()
    {
        WindowOnFeed s;
        s.open();

        Q_EMIT s.feed.batchRefused(newUuid7(), Error{ErrorCode::LocalDiskFull, {}});

        QCOMPARE(s.page().notice()->text(), u"The disk of this computer is full"_s);
    }
};

QTEST_MAIN(WindowDropsTest)
#include "tst_windowdrops.moc"
