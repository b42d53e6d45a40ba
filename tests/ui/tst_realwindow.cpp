#include "app/client/datafolder.h"
#include "app/desktop/startmessages.h"
#include "models/vocabulary/ids.h"
#include "tests/support/smallphotos.h"
#include "tests/ui/inenglish.h"
#include "tests/ui/realprogram.h"
#include "ui/uploads/problempanel.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QMessageBox>
#include <QTemporaryDir>
#include <QTest>

using namespace photolift;
using namespace photolift::ui;
using namespace Qt::StringLiterals;

/// The window over the real engine, the real server and the real helper: a folder is dropped and every photo is followed to its end.
class RealWindowTest : public QObject
{
    Q_OBJECT

    static void fill(const QString &folder, int photos)
    {
        for (int i = 0; i < photos; ++i)
            support::writeJpeg(u"%1/IMG_%2.jpg"_s.arg(folder, QString::number(1000 + i)), i + 1);
    }

    static QHash<QByteArray, QUuid> endedUploads(const RealProgram &program)
    {
        QHash<QByteArray, QUuid> uploads;
        const UploadTableModel *photos = program.controller->photos();
        for (int row = 0; row < photos->rowCount(); ++row) {
            if (const UploadRow *each = photos->rowAt(row); each && each->view.item.state == ItemState::Succeeded)
                uploads.insert(each->view.item.relativePath, each->view.item.clientUploadId);
        }
        return uploads;
    }

private Q_SLOTS:
    void initTestCase() { test::speakEnglish(); }

    void aDroppedFolderEndsAsCopied()
    {
        QTemporaryDir data;
        QTemporaryDir shoot;
        fill(shoot.path(), 12);
        RealProgram program(data.path());

        program.drop({shoot.path()});

        QTRY_VERIFY_WITH_TIMEOUT(program.headline().startsWith(u"All 12 photos are copied to "_s), 60'000);
        QCOMPARE(program.totals().done, 12);
        QCOMPARE(program.attention(), u"Nothing needs you"_s);
        QTRY_COMPARE(program.controller->photos()->rowCount(), 12);
        QTRY_VERIFY(program.controller->photos()->rowAt(0));
        const UploadRow *row = program.controller->photos()->rowAt(0);
        QTRY_VERIFY_WITH_TIMEOUT(!program.controller->pictures()->picture(row->view.item, QSize(48, 32), 1).isNull(), 20'000);
    }

    void theWindowIsUpBeforeItsListAndKeepsWhatIsDroppedMeanwhile()
    {
        QTemporaryDir data;
        QTemporaryDir shoot;
        fill(shoot.path(), 3);
        std::unique_ptr<client::Client> client;
        desktop::EngineFeed feed;
        UploadsController controller(feed, Destination{true, data.path(), {}});
        MainWindow window(controller);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        QCOMPARE(window.uploads()->verdicts()->motion()->verdict().headline, u"Starting"_s);
        QVERIFY(!window.uploads()->isEmpty()); // nobody knows yet
        pipeline::Drop drop;
        drop.batchId = newUuid7();
        drop.paths = {shoot.path().toUtf8()};
        drop.projectName = u"Photos"_s;
        drop.label = u"Early"_s;
        feed.accept(drop);

        client::Client::Options options;
        options.dataFolder = data.path();
        options.tuning.stableLookMs = 10;
        client::Client::openLater(options, &window, [&](Result<std::unique_ptr<client::Client>> opened) {
            QVERIFY(opened);
            client = *std::move(opened);
            QCOMPARE(client->thread(), QThread::currentThread());
            client->start();
            feed.attach(*client);
            controller.start();
        });

        QTRY_COMPARE_WITH_TIMEOUT(controller.totals().photos, 3, 30'000);
    }

    void aListThatAnotherProgramHoldsIsRefusedBesideTheWindow()
    {
        QTemporaryDir data;
        const RealProgram first(data.path());
        client::Client::Options options;
        options.dataFolder = data.path();
        QObject context;
        std::optional<ErrorCode> code;

        client::Client::openLater(options, &context, [&code](Result<std::unique_ptr<client::Client>> opened) {
            QVERIFY(!opened);
            code = opened.error().code;
        });

        QTRY_COMPARE(code, std::optional(ErrorCode::LocalListBusy));
    }

    void aStartThatIsRefusedSaysWhatToDo_data()
    {
        QTest::addColumn<ErrorCode>("code");
        QTest::addColumn<QString>("title");
        QTest::addColumn<QString>("advice");
        QTest::newRow("held") << ErrorCode::LocalListBusy << u"Another Photolift uses this list"_s
                              << u"Close the other one, then start Photolift again."_s;
        QTest::newRow("full -> nothing continues by itself") << ErrorCode::LocalDiskFull << u"The disk of this computer is full"_s
                                                             << u"Free at least 250 MB, then start Photolift again."_s;
        QTest::newRow("folder of somebody else -> no word of a broken disk")
            << ErrorCode::LocalDiskError << u"Photolift cannot use its folder"_s
            << u"Check that /data can be written to and that its disk works, then start Photolift again."_s;
        QTest::newRow("of a newer one") << ErrorCode::LocalListTooNew << u"The list belongs to a newer Photolift"_s << u"Update Photolift."_s;
    }
    void aStartThatIsRefusedSaysWhatToDo()
    {
        QFETCH(ErrorCode, code);
        QFETCH(QString, title);
        QFETCH(QString, advice);
        QWidget window;

        const QMessageBox *box = desktop::tellRefused({code, u"errno 13"_s}, u"/data"_s, true, window);

        QVERIFY(box->isVisible());
        QCOMPARE(box->text(), title);
        QCOMPARE(box->informativeText(), advice);
        QCOMPARE(box->detailedText(), u"errno 13"_s);
    }

    void aRepairedListIsSaidOnce()
    {
        QTemporaryDir data;
        const QString list = client::DataFolder::database(data.path());
        {
            const RealProgram program(data.path());
            QVERIFY(!program.window->findChild<QMessageBox *>());
        }
        QFile file(list);
        QVERIFY(file.open(QIODevice::ReadWrite));
        QVERIFY(file.write(QByteArray(100, 'x')) == 100);
        file.close();
        {
            const RealProgram program(data.path());

            const QMessageBox *box = program.window->findChild<QMessageBox *>();

            QVERIFY(box && box->isVisible());
            QCOMPARE(box->text(), u"The upload list had to be repaired"_s);
            QCOMPARE(box->informativeText(), u"Let Photolift check your folders again. No copy is lost."_s);
            QVERIFY2(QFile::exists(box->detailedText()), qPrintable(box->detailedText()));
        }
        const RealProgram again(data.path());
        QVERIFY(!again.window->findChild<QMessageBox *>());
    }

    void aServerThatCannotStartIsSaid()
    {
        QTemporaryDir data;
        QFile inItsPlace(client::DataFolder::server(data.path()));
        QVERIFY(inItsPlace.open(QIODevice::WriteOnly)); // a file where its folder should be

        const RealProgram program(data.path());

        const NoticeBar *notice = program.window->uploads()->notice();
        QTRY_VERIFY_WITH_TIMEOUT(notice->isVisible(), 60'000);
        QCOMPARE(notice->text(), u"The server on this computer stops again and again"_s);
    }

    void aLifeThatAcceptedNothingEndsWithinThreeSeconds()
    {
        QTemporaryDir data;
        auto program = std::make_unique<RealProgram>(data.path());
        QTRY_VERIFY_WITH_TIMEOUT(program->controller->queue().isServerReachable, 20'000);

        QElapsedTimer end;
        end.start();
        program.reset();

        QVERIFY2(end.elapsed() < 3000, qPrintable(QString::number(end.elapsed())));
        qInfo("ended after %lld ms", static_cast<long long>(end.elapsed()));
    }

    void anEmptyPhotoIsNotPassedOver()
    {
        QTemporaryDir data;
        QTemporaryDir shoot;
        fill(shoot.path(), 2);
        for (const auto &[name, bytes] : {std::pair(u"DSC_0003.JPG"_s, QByteArray()), std::pair(u"DSC_0004.JPG"_s, QByteArray("no photo")),
                                          std::pair(u"notes.txt"_s, QByteArray("no photo"))}) {
            QFile file(shoot.filePath(name));
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(bytes);
        }
        RealProgram program(data.path());

        program.drop({shoot.path()});

        const LampWidget *motion = program.window->uploads()->verdicts()->motion();
        QTRY_VERIFY_WITH_TIMEOUT(motion->verdict().detail.endsWith(u"2 skipped files deserve a look"_s), 60'000);
        QCOMPARE(program.headline(), u"Ready – nothing is waiting"_s);
        QCOMPARE(program.attention(), u"2 skipped files deserve a look"_s);
        program.window->uploads()->verdicts()->attention()->button()->click();
        QTRY_COMPARE(program.controller->photos()->rowCount(), 3);
    }

    void aDamagedPhotoIsExplained()
    {
        QTemporaryDir data;
        QTemporaryDir shoot;
        fill(shoot.path(), 2);
        QFile damaged(shoot.filePath(u"broken.jpg"_s));
        QVERIFY(damaged.open(QIODevice::WriteOnly));
        const QByteArray whole = support::jpegBytes(99, 0, 640, 480);
        damaged.write(whole.first(whole.size() / 2));
        damaged.close();
        RealProgram program(data.path());

        program.drop({shoot.path()});

        QTRY_COMPARE_WITH_TIMEOUT(program.attention(), u"1 photo needs you"_s, 60'000);
        program.window->uploads()->verdicts()->attention()->button()->click();
        ProblemPanel *problem = program.window->uploads()->workPage()->detail()->problem();
        QTRY_COMPARE(problem->title(), u"File is damaged: its end is missing"_s);
        QVERIFY(problem->body().startsWith(u"Copy it from the camera card again"_s));
    }

    void photosWithTheSameProblemAreTriedAgainTogether()
    {
        QTemporaryDir data;
        QTemporaryDir shoot;
        const QByteArray whole = support::jpegBytes(99, 0, 640, 480);
        for (const int cut : {2, 3}) {
            QFile damaged(shoot.filePath(u"broken%1.jpg"_s.arg(cut)));
            QVERIFY(damaged.open(QIODevice::WriteOnly));
            damaged.write(whole.first(whole.size() / cut));
        }
        RealProgram program(data.path());
        program.drop({shoot.path()});
        QTRY_COMPARE_WITH_TIMEOUT(program.totals().needsYou, 2, 60'000);

        program.window->uploads()->verdicts()->attention()->button()->click();
        const ProblemPanel *problem = program.window->uploads()->workPage()->detail()->problem();
        QTRY_COMPARE(problem->retryAllButton()->accessibleName(), u"Retry all 2 photos with this problem"_s);
        QTRY_VERIFY(problem->retryAllButton()->isVisible());
        problem->retryAllButton()->click();

        const auto attempts = [&] {
            QList<int> numbers;
            for (int row = 0; row < 2; ++row) {
                const UploadRow *each = program.controller->photos()->rowAt(row);
                numbers << (each && each->view.item.state == ItemState::NeedsYou ? each->view.item.attemptNumber : 0);
            }
            return numbers;
        };
        const QList<int> both{2, 2};
        QTRY_COMPARE_WITH_TIMEOUT(attempts(), both, 60'000);
    }

    void aFolderStoppedWhileItIsCountedComesBackWhole()
    {
        constexpr int Photos = 12'000;
        QTemporaryDir data;
        QTemporaryDir shoot;
        const QByteArray picture = support::jpegBytes(1);
        for (int i = 0; i < Photos; ++i) {
            QFile file(shoot.filePath(u"%1.jpg"_s.arg(i)));
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(picture + QByteArray::number(i));
        }
        RealProgram program(data.path());
        program.feed->pauseAll();
        UploadsPage *page = program.window->uploads();
        // As soon as the first photos are found, as a person would who dropped the wrong folder.
        QMetaObject::Connection counting;
        counting = connect(program.controller->batches(), &QAbstractItemModel::rowsInserted, this, [&] {
            disconnect(counting);
            Q_EMIT page->workPage()->stopFolderWanted(program.controller->batches()->rowAt(0)->view.batch.batchId);
            for (QAbstractButton *button : page->findChild<QMessageBox *>()->buttons()) {
                if (button->text() == u"Stop uploading"_s)
                    button->click();
            }
        });
        program.drop({shoot.path()});
        QTRY_VERIFY_WITH_TIMEOUT(page->notice()->isVisible(), 30'000);
        QVERIFY(program.totals().photos < Photos);

        page->notice()->button()->click();

        QTRY_COMPARE_WITH_TIMEOUT(program.totals().waiting, Photos, 30'000);
        QTRY_COMPARE(program.totals().counting, 0);
        QCOMPARE(program.totals().cancelled, 0);
    }

    void startedAgainInTheMiddleNothingIsSentTwice()
    {
        constexpr int Photos = 8;
        QTemporaryDir data;
        QTemporaryDir shoot;
        for (int i = 0; i < Photos; ++i)
            support::writeJpeg(u"%1/IMG_%2.jpg"_s.arg(shoot.path()).arg(1000 + i), i + 1, 600'000);
        QHash<QByteArray, QUuid> done; // of each photo that ended in the first life, its upload
        {
            RealProgram program(data.path());
            program.feed->setRateLimit(1'200'000);
            program.drop({shoot.path()});
            QTRY_VERIFY_WITH_TIMEOUT(program.headline().startsWith(u"Uploading normally"_s), 30'000);
            QTRY_COMPARE(program.controller->photos()->rowCount(), Photos);
            const auto isSomePhotoSaying = [&](const QString &words) {
                for (int row = 0; row < Photos; ++row) {
                    const UploadRow *each = program.controller->photos()->rowAt(row);
                    if (each && RowWords::status(*each, program.controller->photos()->context()).text == words)
                        return true;
                }
                return false;
            };
            QTRY_VERIFY_WITH_TIMEOUT(isSomePhotoSaying(u"Sending"_s), 20'000);
            QTRY_VERIFY_WITH_TIMEOUT((done = endedUploads(program)).size() >= 2, 30'000);
            QVERIFY(done.size() < Photos);
        }

        RealProgram again(data.path());
        again.feed->setRateLimit(0);
        QTRY_VERIFY_WITH_TIMEOUT(again.headline().startsWith(u"All %1 photos are copied to "_s.arg(Photos)), 60'000);

        QHash<QByteArray, QUuid> all;
        QTRY_COMPARE((all = endedUploads(again)).size(), Photos);
        for (auto each = done.cbegin(); each != done.cend(); ++each)
            QCOMPARE(all.value(each.key()), each.value());
        for (int row = 0; row < Photos; ++row)
            QCOMPARE(again.controller->photos()->rowAt(row)->view.item.attemptNumber, 1);
    }

    void pausedAndStartedAgainItContinues()
    {
        QTemporaryDir data;
        QTemporaryDir shoot;
        fill(shoot.path(), 20);
        {
            RealProgram program(data.path());
            program.feed->pauseAll();
            program.drop({shoot.path()});
            QTRY_COMPARE_WITH_TIMEOUT(program.totals().photos, 20, 30'000);
            QTRY_COMPARE(program.headline(), u"Paused by you"_s);
        }

        RealProgram again(data.path());
        QTRY_COMPARE_WITH_TIMEOUT(again.headline(), u"Paused by you"_s, 30'000);
        QCOMPARE(again.totals().done, 0);
        again.window->uploads()->verdicts()->motion()->button()->click();

        QTRY_VERIFY_WITH_TIMEOUT(again.headline().startsWith(u"All 20 photos are copied to "_s), 60'000);
    }
};

QTEST_MAIN(RealWindowTest)
#include "tst_realwindow.moc"
