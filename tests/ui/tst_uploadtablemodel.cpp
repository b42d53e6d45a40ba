#include "tests/support/fakeuploadfeed.h"
#include "ui/uploads/uploadtablemodel.h"

#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>

#include <time.h>

using namespace photolift;
using namespace photolift::ui;
using namespace Qt::StringLiterals;
using store::ItemGroup;

class UploadTableModelTest : public QObject
{
    Q_OBJECT

    static double threadCpuMs()
    {
        timespec now{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        return static_cast<double>(now.tv_sec) * 1000 + static_cast<double>(now.tv_nsec) / 1e6;
    }

private Q_SLOTS:
    void initTestCase() { qRegisterMetaType<QList<QUuid>>(); }

    void readsOnlyWhatIsVisible()
    {
        test::FakeUploadFeed feed;
        feed.addFolder(u"Shoot"_s, 100'000);
        UploadTableModel model(feed);
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);

        model.setFilter({});
        QTRY_COMPARE(model.rowCount(), 100'000);
        model.setVisibleRows(50'000, 50'020);
        QTRY_VERIFY(model.rowAt(50'000));

        QVERIFY(model.rowAt(50'020));
        QVERIFY(!model.rowAt(70'000));
        QVERIFY2(feed.itemsAsked <= 600, qPrintable(QString::number(feed.itemsAsked)));
    }

    void whatWasSentHasNoSpeedAnyMore()
    {
        test::FakeUploadFeed feed;
        feed.addFolder(u"Shoot"_s, 1);
        test::standAt(feed.item(0), ItemState::Running, Stage::Transfer, StageState::Active);
        UploadTableModel model(feed);
        model.setFilter({});
        QTRY_COMPARE(model.rowCount(), 1);
        model.setVisibleRows(0, 0);
        QTRY_VERIFY(model.rowAt(0));
        const QModelIndex speed = model.index(0, UploadTableModel::SpeedColumn);
        model.noteProgress({{feed.item(0).item.itemId, Stage::Transfer, 1000, 9000, 5'000'000}});
        QCOMPARE(speed.data().toString(), u"5.0"_s);

        test::standAt(feed.item(0), ItemState::Running, Stage::Validation, StageState::Active);
        model.noteChanged({feed.item(0).item.itemId});

        QTRY_COMPARE(speed.data().toString(), u"–"_s);
    }

    void whatWaitsToRetryHasNoSpeedEither()
    {
        test::FakeUploadFeed feed;
        feed.addFolder(u"Shoot"_s, 1);
        test::standAt(feed.item(0), ItemState::Running, Stage::Transfer, StageState::Active);
        UploadTableModel model(feed);
        model.setFilter({});
        QTRY_COMPARE(model.rowCount(), 1);
        model.setVisibleRows(0, 0);
        QTRY_VERIFY(model.rowAt(0));
        model.noteProgress({{feed.item(0).item.itemId, Stage::Transfer, 1000, 9000, 5'000'000}});

        test::standAt(feed.item(0), ItemState::WaitingToRetry, Stage::Transfer, StageState::Retrying);
        model.noteChanged({feed.item(0).item.itemId});

        QTRY_COMPARE(model.index(0, UploadTableModel::SpeedColumn).data().toString(), u"–"_s);
    }

    void anotherReasonToWaitIsPaintedAnew()
    {
        test::FakeUploadFeed feed;
        feed.addFolder(u"Shoot"_s, 1);
        UploadTableModel model(feed);
        model.setFilter({});
        QTRY_COMPARE(model.rowCount(), 1);
        model.setVisibleRows(0, 0);
        QTRY_VERIFY(model.rowAt(0));
        RowContext context;
        context.queue.hold = pipeline::QueueState::Hold::SignIn;
        context.queue.holdCode = ErrorCode::InitiationTokenExpired;
        QSignalSpy painted(&model, &QAbstractItemModel::dataChanged);
        model.setContext(context);
        QTRY_COMPARE(painted.count(), 1);

        context.queue.holdCode = ErrorCode::ApiAccountClosed;
        model.setContext(context);

        QTRY_COMPARE(painted.count(), 2);
    }

    void forgetsRowsThatAreFarAway()
    {
        test::FakeUploadFeed feed;
        feed.addFolder(u"Shoot"_s, 20'000);
        UploadTableModel model(feed);
        model.setFilter({});
        QTRY_COMPARE(model.rowCount(), 20'000);

        for (int first = 0; first < 20'000; first += 200) {
            model.setVisibleRows(first, first + 20);
            QTRY_VERIFY(model.rowAt(first));
        }

        QVERIFY(!model.rowAt(0));
        QVERIFY(model.rowAt(19'800));
    }

    void newPhotosAppearWithoutMovingWhatIsThere()
    {
        test::FakeUploadFeed feed;
        feed.addFolder(u"First"_s, 500);
        UploadTableModel model(feed);
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setFilter({});
        QTRY_COMPARE(model.rowCount(), 500);
        QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
        QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);

        feed.addFolder(u"Second"_s, 300);
        model.refreshOrder();
        QTRY_COMPARE(model.rowCount(), 800);

        QCOMPARE(reset.count(), 0);
        QCOMPARE(inserted.count(), 1);
    }

    void theFirstPageIsThereBeforeTheRest()
    {
        test::FakeUploadFeed feed;
        feed.addFolder(u"Shoot"_s, 5000);
        for (int row = 0; row < 1000; ++row)
            test::standDone(feed.item(row));
        UploadTableModel model(feed);
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        for (const auto &[group, all] : {std::pair(ItemGroup::All, 5000), std::pair(ItemGroup::Done, 1000), std::pair(ItemGroup::Waiting, 4000)}) {
            QList<int> counts;
            const auto reset = connect(&model, &QAbstractItemModel::modelReset, &model, [&] { counts << model.rowCount(); });
            const auto inserted = connect(&model, &QAbstractItemModel::rowsInserted, &model, [&] { counts << model.rowCount(); });
            store::ItemFilter filter;
            filter.group = group;
            model.setFilter(filter);
            QTRY_COMPARE(counts, (QList<int>{200, all}));
            disconnect(reset);
            disconnect(inserted);
        }
    }

    void rowsStayWhereTheyAreWhenTheyLeaveTheirGroup()
    {
        test::FakeUploadFeed feed;
        feed.addFolder(u"Shoot"_s, 10);
        for (const int row : {2, 5})
            test::standAt(feed.item(row), ItemState::NeedsYou, Stage::Validation, StageState::Failed);
        UploadTableModel model(feed);
        store::ItemFilter filter;
        filter.group = ItemGroup::NeedsYou;
        model.setFilter(filter);
        QTRY_COMPARE(model.rowCount(), 2);
        model.setVisibleRows(0, 1);
        QTRY_VERIFY(model.rowAt(0));

        test::standAt(feed.item(2), ItemState::Running, Stage::Transfer, StageState::Active);
        test::standAt(feed.item(1), ItemState::NeedsYou, Stage::Validation, StageState::Failed);
        feed.addFolder(u"More"_s, 1);
        model.noteChanged({feed.item(2).item.itemId});
        model.refreshOrder();
        QTRY_COMPARE(model.rowCount(), 3);

        QCOMPARE(model.rowIdAt(0), feed.item(2).rowId);
        QCOMPARE(model.rowIdAt(1), feed.item(5).rowId);
        QCOMPARE(model.rowIdAt(2), feed.item(1).rowId);
        QTRY_COMPARE(model.rowAt(0)->view.item.state, ItemState::Running);
    }

    void aThousandUpdatesASecondStayCalm()
    {
        test::FakeUploadFeed feed;
        feed.addFolder(u"Shoot"_s, 100'000);
        UploadTableModel model(feed);
        model.setFilter({});
        QTRY_COMPARE(model.rowCount(), 100'000);
        model.setVisibleRows(0, 20);
        QTRY_VERIFY(model.rowAt(20));
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        QSignalSpy layout(&model, &QAbstractItemModel::layoutChanged);

        QElapsedTimer took;
        took.start();
        double worst = 0;
        for (int burst = 0; burst < 10; ++burst) {
            QList<QUuid> ids;
            QList<pipeline::ItemProgress> progress;
            for (int i = 0; i < 100; ++i) {
                const store::Item &item = feed.item(i == 0 ? 0 : burst * 100 + i).item; // one that is seen, and many that are not
                ids << item.itemId;
                progress << pipeline::ItemProgress{item.itemId, Stage::Transfer, i, item.identity.size, 1};
            }
            const double before = threadCpuMs();
            model.noteChanged(ids);
            model.noteProgress(progress);
            QCoreApplication::processEvents();
            worst = std::max(worst, threadCpuMs() - before);
            QVERIFY(changed.wait(2000));
        }

        // In each tick of 250 ms at most once for progress and once for rows that were read anew.
        const qint64 most = 2 * (took.elapsed() / 250 + 1);
        QVERIFY2(changed.count() <= most, qPrintable(u"%1 in %2 ms"_s.arg(changed.count()).arg(took.elapsed())));
        QCOMPARE(layout.count(), 0);
        for (const QList<QVariant> &each : changed)
            QVERIFY(each.at(1).toModelIndex().row() <= 21);
        QVERIFY2(worst < 100, qPrintable(QString::number(worst)));
    }

    void aHostileNameIsShownLiterally()
    {
        test::FakeUploadFeed feed;
        feed.addFolder(u"Shoot"_s, 2);
        feed.item(0).item.relativePath = "IMG<b>1.jpg";
        feed.item(1).item.relativePath = QString(u"photo" + QChar(0x202E) + u"gpj.exe").toUtf8();
        UploadTableModel model(feed);
        model.setFilter({});
        QTRY_COMPARE(model.rowCount(), 2);
        model.setVisibleRows(0, 1);
        QTRY_VERIFY(model.rowAt(1));

        QCOMPARE(model.index(0, UploadTableModel::NameColumn).data().toString(), u"IMG<b>1.jpg"_s);
        QVERIFY(model.index(0, UploadTableModel::NameColumn).data(Qt::ToolTipRole).toString().contains(u"IMG&lt;b&gt;1.jpg"_s));
        QVERIFY(!model.index(1, UploadTableModel::NameColumn).data().toString().contains(QChar(0x202E)));
        QVERIFY(!model.index(1, UploadTableModel::NameColumn).data(Qt::AccessibleTextRole).toString().contains(QChar(0x202E)));
    }
};

QTEST_MAIN(UploadTableModelTest)
#include "tst_uploadtablemodel.moc"
