#include "app/cli/headway.h"
#include "models/vocabulary/ids.h"

#include <QTest>

using namespace photolift;
using cli::Headway;

namespace {
constexpr qint64 Part = 16LL * 1024 * 1024;
const QUuid Photo = newUuid7();

store::ItemView recorded(Stage stage, qint64 ackedBytes, ItemState state = ItemState::Running)
{
    store::ItemView view;
    view.item.itemId = Photo;
    view.item.state = state;
    view.currentStage = stage;
    view.ackedBytes = ackedBytes;
    return view;
}

pipeline::ItemProgress sampled(qint64 sentBytes, qint64 size)
{
    return {.itemId = Photo, .stage = Stage::Transfer, .sentBytes = sentBytes, .totalBytes = size};
}
}

/// What counts as progress while a command waits for its photos.
class TestHeadway : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void eachStageAndEachPartCountsOnce();
    void aPhotoThatBeginsAgainIsNoFurther();
    void bytesCountWhereNoneWereBefore();
    void aFileThatGrowsMovesOnlyWithWholeParts();
    void aPhotoThatHasEndedMayComeAgain();
};

void TestHeadway::eachStageAndEachPartCountsOnce()
{
    Headway headway;

    QVERIFY(headway.isFurther(recorded(Stage::Selection, 0)));
    QVERIFY(headway.isFurther(recorded(Stage::Transfer, 0)));
    QVERIFY(!headway.isFurther(recorded(Stage::Transfer, 0)));
    QVERIFY(headway.isFurther(recorded(Stage::Transfer, Part)));
    QVERIFY(headway.isFurther(recorded(Stage::Transfer, Part + 1)));
    QVERIFY(!headway.isFurther(recorded(Stage::Transfer, Part + 1)));
}

void TestHeadway::aPhotoThatBeginsAgainIsNoFurther()
{
    Headway headway;
    QVERIFY(headway.isFurther(recorded(Stage::Transfer, 2000)));

    QVERIFY(!headway.isFurther(recorded(Stage::Selection, 0)));
    QVERIFY(!headway.isFurther(recorded(Stage::Transfer, 4000))); // its one part again, of a file that has grown
}

void TestHeadway::bytesCountWhereNoneWereBefore()
{
    Headway headway;

    QVERIFY(!headway.isFurther(sampled(0, 5000)));
    QVERIFY(headway.isFurther(sampled(3000, 5000)));
    QVERIFY(!headway.isFurther(sampled(0, 5000))); // the try failed
    QVERIFY(!headway.isFurther(sampled(3000, 5000)));
    QVERIFY(headway.isFurther(sampled(3001, 5000)));
}

void TestHeadway::aFileThatGrowsMovesOnlyWithWholeParts()
{
    Headway headway;
    QVERIFY(headway.isFurther(sampled(5000, 5000)));

    QVERIFY(!headway.isFurther(sampled(6000, 6000)));
    QVERIFY(!headway.isFurther(sampled(7000, 7000)));
    QVERIFY(headway.isFurther(sampled(5000 + Part, 2 * Part)));
}

void TestHeadway::aPhotoThatHasEndedMayComeAgain()
{
    Headway headway;
    QVERIFY(headway.isFurther(recorded(Stage::Transfer, 0)));
    QVERIFY(!headway.isFurther(recorded(Stage::Transfer, 0, ItemState::NeedsYou)));

    QVERIFY(headway.isFurther(recorded(Stage::Selection, 0)));
}

QTEST_APPLESS_MAIN(TestHeadway)
#include "tst_headway.moc"
