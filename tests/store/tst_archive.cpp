#include "models/store/archive.h"
#include "models/store/worklist.h"

#include "tests/store/recordeddrop.h"

#include <QtTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::store;
using samples::resultOf;

/// What lists and panes read, from one recorded drop.
class ArchiveTest : public QObject, private samples::RecordedDrop
{
    Q_OBJECT

private Q_SLOTS:
    void init() { open(); }
    void cleanup() { close(); }
    void batchCountsFollowEveryMove();
    void skippedFilesThatAPersonMayMissAreCountedApart();
    void batchIsFinishedWhenCountedAndNothingGoesOn();
    void aDropCountsItsPhotosOnceSelectionHasJudgedAllFiles();
    void whatWasCancelledUntriedIsCountedOnlyWhenItIsTakenBack();
    void ofADropThatWasWhollyCancelledUntriedNothingIsExpected();
    void clearedBatchIsHiddenAndKept();
    void orderFollowsTheFilter_data();
    void orderFollowsTheFilter();
    void nameFilterIsPlainTextWithoutCase();
    void groupCountsMatchTheLists();
    void stagesShowHowFarAPhotoCame();
    void duplicateEndsInItsLastStage();
    void detailHasEveryAttemptNewestFirst();
    void placeholdersAreNotShown();
    void itemComesBackAsItWasWritten();
    void needsYouByCause();
    void projectByName();
    void theHeadOfAnOrderIsReadAlone();

private:
    BatchView onlyBatch() { return resultOf(m_archive->batches())->value(0); }
    /// Ordinals of the photos that a filter shows.
    QList<qint64> shown(const ItemFilter &filter)
    {
        const auto rows = resultOf(m_archive->itemOrder(filter));
        const auto views = resultOf(m_archive->itemsByRowId(*rows));
        QList<qint64> ordinals;
        for (const ItemView &view : *views)
            ordinals << view.item.ordinal;
        return ordinals;
    }
    ItemView viewOf(const Item &item) { return resultOf(m_archive->itemsById({item.itemId}))->value(0); }
};

void ArchiveTest::batchCountsFollowEveryMove()
{
    Item safe = m_items.at(0);
    safe.isSafe = true;
    write({samples::moved(safe, ItemState::Running), samples::moved(m_items.at(1), ItemState::NeedsYou, ErrorCode::ValidationTruncated),
           samples::moved(m_items.at(2), ItemState::Skipped, ErrorCode::SelectionFileEmpty),
           samples::moved(m_items.at(3), ItemState::Duplicate)});

    BatchView view = onlyBatch();
    QCOMPARE(view.projectName, u"Photos"_s);
    QCOMPARE(view.found, 5);
    QCOMPARE(view.bytes, 5 * 5'000'000 + 0 + 1 + 2 + 3 + 4);
    QCOMPARE(view.bytesLeft, 5'000'004); // the one that waits: the running one is safe
    QCOMPARE((QList<qint64>{view.moving, view.safe, view.needsYou, view.skipped, view.duplicate, view.waiting, view.done}),
             (QList<qint64>{1, 1, 1, 1, 1, 1, 0}));

    write({samples::moved(safe, ItemState::Succeeded), samples::moved(m_items.at(1), ItemState::Dismissed)});

    view = onlyBatch();
    QCOMPARE((QList<qint64>{view.moving, view.safe, view.needsYou, view.dismissed, view.done}), (QList<qint64>{0, 1, 0, 1, 1}));

    write({samples::moved(m_items.at(1), ItemState::WaitingToRetry), samples::moved(m_items.at(4), ItemState::Running)});

    QCOMPARE(onlyBatch().bytesLeft, 5'000'001 + 5'000'004);
}

void ArchiveTest::skippedFilesThatAPersonMayMissAreCountedApart()
{
    Item empty = m_items.at(0);
    empty.isMissed = true;
    write({samples::moved(empty, ItemState::Skipped, ErrorCode::SelectionFileEmpty),
           samples::moved(m_items.at(1), ItemState::Skipped, ErrorCode::SelectionNotAccepted)});

    QCOMPARE(onlyBatch().skipped, 2);
    QCOMPARE(onlyBatch().missed, 1);

    write({samples::moved(empty, ItemState::Queued)}); // tried again

    QCOMPARE(onlyBatch().missed, 0);
}

void ArchiveTest::batchIsFinishedWhenCountedAndNothingGoesOn()
{
    Changes ends;
    for (const Item &item : std::as_const(m_items))
        ends << samples::moved(item, ItemState::Succeeded);
    write(ends);
    QVERIFY(!onlyBatch().isCounted);
    QVERIFY(!onlyBatch().finishedMs);

    write({BatchCounted{m_drop.batch.batchId, 2}});

    const BatchView view = onlyBatch();
    QVERIFY(view.isCounted);
    QVERIFY(view.finishedMs);
    QCOMPARE(view.batch.numPhotos, 5);
    QCOMPARE(view.batch.totalBytes, 25'000'010);
    QCOMPARE(view.unread, 2);
}

void ArchiveTest::aDropCountsItsPhotosOnceSelectionHasJudgedAllFiles()
{
    const auto numPhotos = [this] { return onlyBatch().batch.numPhotos; };
    AttemptRecord attempt = samples::attempt(m_drop.batch);
    attempt.itemId = m_items.at(0).itemId;
    Item running = m_items.at(0);
    running.clientUploadId = attempt.clientUploadId;
    running.attemptNumber = 1;
    const StageRecord selection = samples::stage(attempt, Stage::Selection);
    write({samples::moved(m_items.at(1), ItemState::Succeeded), samples::moved(m_items.at(2), ItemState::Skipped, ErrorCode::SelectionNotAccepted)});
    QCOMPARE(numPhotos(), std::nullopt); // the walk goes on
    write({BatchCounted{m_drop.batch.batchId}});
    QCOMPARE(numPhotos(), std::nullopt); // some wait for their turn
    write({samples::moved(running, ItemState::Running), AttemptChanged{attempt}, StageChanged{selection},
           samples::moved(m_items.at(3), ItemState::NeedsYou, ErrorCode::SelectionNoPermission)});
    QCOMPARE(numPhotos(), std::nullopt);
    write({samples::moved(m_items.at(4), ItemState::Skipped, ErrorCode::SelectionFileEmpty)});
    QCOMPARE(numPhotos(), std::nullopt); // one is being looked at

    write({StageChanged{samples::ended(selection)}});

    QCOMPARE(numPhotos(), 3);
    QCOMPARE(onlyBatch().batch.totalBytes, 15'000'004);
    QCOMPARE(onlyBatch().found, 5);
    const auto attempts = resultOf(m_archive->attempts(false, 10));
    QCOMPARE(attempts->first().attempt.numPhotosInBatch, 3);
    QVERIFY(attempts->first().attempt.isBatchUpload);
}

void ArchiveTest::whatWasCancelledUntriedIsCountedOnlyWhenItIsTakenBack()
{
    Changes first{BatchCounted{m_drop.batch.batchId}};
    for (const Item &item : m_items.first(3))
        first << samples::moved(item, ItemState::Succeeded);
    write(first + Changes{DropCancelled{m_drop.batch.batchId, {}, std::numeric_limits<qint64>::max(), {}}});
    QCOMPARE(onlyBatch().batch.numPhotos, 3);

    write({CancelUndone{{m_items.at(3).itemId, m_items.at(4).itemId}, {}}});
    write({samples::moved(m_items.at(3), ItemState::Succeeded), samples::moved(m_items.at(4), ItemState::Skipped, ErrorCode::SelectionNotAccepted)});

    QCOMPARE(onlyBatch().batch.numPhotos, 4);
}

void ArchiveTest::ofADropThatWasWhollyCancelledUntriedNothingIsExpected()
{
    write({BatchCounted{m_drop.batch.batchId}});
    Changes cancelled;
    for (const Item &item : m_items.first(4))
        cancelled << samples::moved(item, ItemState::Cancelled, ErrorCode::UserCancelled);
    write(cancelled);
    QCOMPARE(onlyBatch().batch.numPhotos, std::nullopt); // one still waits

    write({samples::moved(m_items.at(4), ItemState::Cancelled, ErrorCode::UserCancelled)});

    QCOMPARE(onlyBatch().batch.numPhotos, 0);
    QCOMPARE(onlyBatch().batch.totalBytes, 0);

    write({CancelUndone{{m_items.at(0).itemId}, {}}});
    write({samples::moved(m_items.at(0), ItemState::Succeeded)});

    QCOMPARE(onlyBatch().batch.numPhotos, 1);
}

void ArchiveTest::clearedBatchIsHiddenAndKept()
{
    write({BatchCleared{m_drop.batch.batchId}});

    QCOMPARE(resultOf(m_archive->batches())->size(), 0);
    QCOMPARE(resultOf(m_archive->batches(true))->size(), 1);
    QCOMPARE(shown({}), QList<qint64>{});
    ItemFilter ofThisDrop;
    ofThisDrop.batchId = m_drop.batch.batchId;
    QCOMPARE(shown(ofThisDrop).size(), 5);
}

void ArchiveTest::orderFollowsTheFilter_data()
{
    using Order = ItemFilter::Order;
    QTest::addColumn<ItemFilter>("filter");
    QTest::addColumn<QList<qint64>>("expected");
    const auto filter = [](ItemGroup group, Order order, bool isDescending) { return ItemFilter{{}, group, {}, order, isDescending}; };
    QTest::newRow("file order, newest drop first") << filter(ItemGroup::All, Order::File, false) << QList<qint64>{10, 11, 0, 1, 2, 3, 4};
    QTest::newRow("file order turned round") << filter(ItemGroup::All, Order::File, true) << QList<qint64>{4, 3, 2, 1, 0, 11, 10};
    QTest::newRow("by name") << filter(ItemGroup::All, Order::Name, false) << QList<qint64>{0, 1, 2, 3, 4, 10, 11};
    QTest::newRow("by size, big first") << filter(ItemGroup::All, Order::Size, true) << QList<qint64>{11, 10, 4, 3, 2, 1, 0};
    QTest::newRow("by state, needs you first") << filter(ItemGroup::All, Order::State, false) << QList<qint64>{3, 0, 1, 2, 10, 11, 4};
    QTest::newRow("only needs you") << filter(ItemGroup::NeedsYou, Order::File, false) << QList<qint64>{3};
    QTest::newRow("only waiting") << filter(ItemGroup::Waiting, Order::File, false) << QList<qint64>{10, 11, 0, 1, 2};
}

void ArchiveTest::orderFollowsTheFilter()
{
    QFETCH(ItemFilter, filter);
    QFETCH(QList<qint64>, expected);
    BatchAccepted second = samples::accepted(m_project);
    write({second, ItemsFound{second.batch.batchId, samples::items(second.batch, 2, 10)},
           samples::moved(m_items.at(3), ItemState::NeedsYou, ErrorCode::ValidationTruncated),
           samples::moved(m_items.at(4), ItemState::Succeeded)});

    QCOMPARE(shown(filter), expected);
}

void ArchiveTest::nameFilterIsPlainTextWithoutCase()
{
    Item odd = samples::item(m_drop.batch, 100);
    odd.relativePath = "Straße/100%_ÄRGER.jpg";
    odd.absolutePath = "/photos/" + odd.relativePath;
    write({ItemsFound{m_drop.batch.batchId, {odd}}});
    ItemFilter filter;

    filter.nameContains = u"%_ärger"_s;
    QCOMPARE(shown(filter), QList<qint64>{100});
    filter.nameContains = u"STRAßE"_s;
    QCOMPARE(shown(filter), QList<qint64>{100});
    filter.nameContains = u"img%"_s;
    QCOMPARE(shown(filter), QList<qint64>{});
    filter.nameContains = u"IMG_00003"_s;
    QCOMPARE(shown(filter), QList<qint64>{3});
}

void ArchiveTest::groupCountsMatchTheLists()
{
    write({samples::moved(m_items.at(0), ItemState::Running), samples::moved(m_items.at(1), ItemState::WaitingToRetry),
           samples::moved(m_items.at(2), ItemState::Cancelled), samples::moved(m_items.at(3), ItemState::Duplicate)});

    for (const QString &name : {QString(), u"img_0000"_s}) {
        for (const bool isAtRest : {false, true}) {
            ItemFilter filter;
            filter.nameContains = name;
            filter.isAtRest = isAtRest;
            const auto counts = resultOf(m_archive->groupCounts(filter));
            QCOMPARE(counts->value(ItemGroup::Moving), isAtRest ? 0 : 1);
            for (const ItemGroup group : {ItemGroup::All, ItemGroup::NeedsYou, ItemGroup::Moving, ItemGroup::Waiting, ItemGroup::Done,
                                          ItemGroup::AlreadyThere, ItemGroup::Skipped}) {
                filter.group = group;
                QCOMPARE(counts->value(group, -1), shown(filter).size());
            }
        }
    }
}

void ArchiveTest::stagesShowHowFarAPhotoCame()
{
    AttemptRecord attempt = samples::attempt(m_drop.batch);
    Item item = m_items.at(0);
    item.clientUploadId = attempt.clientUploadId;
    item.attemptNumber = 1;
    const StageRecord transfer = samples::stage(attempt, Stage::Transfer);
    write({samples::moved(item, ItemState::Running), AttemptChanged{attempt}, StageChanged{samples::ended(samples::stage(attempt, Stage::Selection))},
           StageChanged{transfer}, UploadAssigned{attempt.clientUploadId, newUuid7(), 16}, PartAcknowledged{attempt.clientUploadId, 1, 16, u"a"_s},
           PartAcknowledged{attempt.clientUploadId, 2, 7, u"b"_s}});

    ItemView view = viewOf(item);
    QCOMPARE(view.stages.at(0), StageState::Done);
    QCOMPARE(view.stages.at(1), StageState::NotReached);
    QCOMPARE(view.stages.at(3), StageState::Active);
    QCOMPARE(view.currentStage, Stage::Transfer);
    QCOMPARE(view.attemptStatus, Status::Running);
    QCOMPARE(view.ackedBytes, 23);
    QVERIFY(!view.isCommitted);

    attempt.status = Status::WaitingToRetry;
    ++attempt.rowVersion;
    write({AttemptChanged{attempt}});
    QCOMPARE(viewOf(item).stages.at(3), StageState::Retrying);

    attempt.status = Status::Failed;
    ++attempt.rowVersion;
    QVERIFY(!view.isCancelAsked);
    attempt.metadata.insert(u"cancel_asked_ms"_s, samples::SomeTimeMs);
    write({AttemptChanged{attempt}, StageChanged{samples::ended(transfer, false)}, CommitSent{attempt.clientUploadId}});
    view = viewOf(item);
    QCOMPARE(view.stages.at(3), StageState::Failed);
    QVERIFY(view.isCommitted);
    QVERIFY(view.isCancelAsked);
}

void ArchiveTest::duplicateEndsInItsLastStage()
{
    AttemptRecord attempt = samples::attempt(m_drop.batch);
    attempt.status = Status::Duplicate;
    Item item = m_items.at(0);
    item.clientUploadId = attempt.clientUploadId;
    write({samples::moved(item, ItemState::Duplicate), AttemptChanged{attempt},
           StageChanged{samples::ended(samples::stage(attempt, Stage::Preprocessing))},
           StageChanged{samples::ended(samples::stage(attempt, Stage::Initiation))}});

    const ItemView view = viewOf(item);

    QCOMPARE(view.stages.at(1), StageState::Done);
    QCOMPARE(view.stages.at(2), StageState::Duplicate);
}

void ArchiveTest::detailHasEveryAttemptNewestFirst()
{
    Item item = m_items.at(0);
    AttemptRecord first = samples::attempt(m_drop.batch);
    first.itemId = item.itemId;
    first.status = Status::Failed;
    first.metadata = {{u"waited_ms"_s, 12}};
    first.totalDurationMs = 345;
    AttemptRecord second = samples::attempt(m_drop.batch, samples::SomeTimeMs + 60'000);
    second.itemId = item.itemId;
    second.attemptNumber = 2;
    item.clientUploadId = second.clientUploadId;
    ErrorRecord error = samples::error(first, Stage::Transfer, ErrorCode::TransferTimeout);
    error.context = {{u"http"_s, 503}};
    PhotoRecord photo = samples::photo(second);
    photo.storageLocation = u"folder||hot"_s;
    photo.hasLocation = false;
    write({samples::moved(item, ItemState::Running), AttemptChanged{first}, ErrorHappened{error}, AttemptChanged{second},
           StageChanged{samples::stage(second, Stage::Selection)}, PhotoKnown{photo}});

    const auto detail = resultOf(m_archive->itemDetail(item.itemId));

    VERIFY_OK(detail);
    QCOMPARE(detail->batchName, m_drop.batch.name);
    QCOMPARE(detail->projectName, m_project.name);
    QCOMPARE(detail->attempts.size(), 2);
    QCOMPARE(toJson(detail->attempts.at(0).attempt), [&] {
        second.surroundings.network.signalStrength = 70; // as stored: down to 5
        return toJson(second);
    }());
    QCOMPARE(detail->attempts.at(0).stages.size(), 1);
    QCOMPARE(detail->attempts.at(1).attempt.metadata, first.metadata);
    QCOMPARE(detail->attempts.at(1).attempt.totalDurationMs, 345);
    QCOMPARE(toJson(detail->attempts.at(1).errors.value(0)), toJson(error));
    QCOMPARE(toJson(*detail->photo), toJson(photo));

    const auto failed = resultOf(m_archive->attempts(true, 10));
    QCOMPARE(failed->size(), 1);
    QCOMPARE(failed->first().attempt.clientUploadId, first.clientUploadId);
    QCOMPARE(resultOf(m_archive->attempts(false, 1))->first().attempt.clientUploadId, second.clientUploadId);
}

void ArchiveTest::placeholdersAreNotShown()
{
    const AttemptRecord attempt = samples::attempt(m_drop.batch);
    Item item = m_items.at(0);
    item.clientUploadId = attempt.clientUploadId;
    write({samples::moved(item, ItemState::Running), ErrorHappened{samples::error(attempt, Stage::Transfer, ErrorCode::TransferTimeout)}});

    QCOMPARE(resultOf(m_archive->attempts(false, 10))->size(), 0);
    QCOMPARE(viewOf(item).stages.at(3), StageState::NotReached);
    QVERIFY(!viewOf(item).attemptStatus);
}

void ArchiveTest::itemComesBackAsItWasWritten()
{
    Item item = samples::item(m_drop.batch, 77);
    item.relativePath = "caf\xe9\n.jpg"; // not UTF-8
    item.absolutePath = "/photos/" + item.relativePath;
    item.errorCode = ErrorCode::NetworkOffline;
    item.errorStage = Stage::Initiation;
    item.state = ItemState::WaitingToRetry;
    item.attemptNumber = 3;
    item.clientUploadId = newUuid7();
    item.retryAtMs = samples::SomeTimeMs;
    item.sha256 = u"abc"_s;
    write({ItemsFound{m_drop.batch.batchId, {item}}});

    const auto read = m_work->item(item.itemId);

    VERIFY_OK(read);
    QVERIFY(*read);
    const Item &back = **read;
    QCOMPARE(back.absolutePath, item.absolutePath);
    QCOMPARE(back.relativePath, item.relativePath);
    QVERIFY(back.identity == item.identity);
    QCOMPARE(back.batchId, item.batchId);
    QCOMPARE(back.state, item.state);
    QCOMPARE(back.errorCode, item.errorCode);
    QCOMPARE(back.errorStage, item.errorStage);
    QCOMPARE(back.attemptNumber, 3);
    QCOMPARE(back.clientUploadId, item.clientUploadId);
    QCOMPARE(back.retryAtMs, item.retryAtMs);
    QCOMPARE(back.sha256, item.sha256);
    QVERIFY(back.rowId > 0);
    QVERIFY(!*m_work->item(newUuid7()));
}

void ArchiveTest::needsYouByCause()
{
    write({samples::moved(m_items.at(0), ItemState::NeedsYou, ErrorCode::ValidationTruncated),
           samples::moved(m_items.at(1), ItemState::NeedsYou, ErrorCode::SelectionFileMissing),
           samples::moved(m_items.at(2), ItemState::WaitingToRetry, ErrorCode::NetworkOffline),
           samples::moved(m_items.at(3), ItemState::Running)});

    QCOMPARE(m_work->needsYou({}, {}, 10)->size(), 2);
    QCOMPARE(m_work->needsYou(ErrorCode::ValidationTruncated, {}, 10)->size(), 1);
    QCOMPARE(m_work->needsYou({}, m_drop.batch.batchId, 1)->size(), 1);
    QCOMPARE(m_work->needsYou({}, newUuid7(), 10)->size(), 0);
    QCOMPARE(m_work->waitingFor(ErrorCode::NetworkOffline, 10)->size(), 1);
    QCOMPARE(m_work->waitingFor(ErrorCode::SelectionFileMissing, 10)->size(), 1);
    QCOMPARE(*resultOf(m_archive->countOfCause(ErrorCode::NetworkOffline)), 1);
    QCOMPARE(*resultOf(m_archive->countOfCause(ErrorCode::ValidationTruncated)), 1);
    QCOMPARE(*resultOf(m_archive->countOfCause(ErrorCode::UserCancelled)), 0);
    QCOMPARE(m_work->unfinished()->size(), 2);
    QCOMPARE(m_work->itemsOfBatch(m_drop.batch.batchId, ItemState::Queued, 10)->size(), 1);
}

void ArchiveTest::projectByName()
{
    QCOMPARE((*m_work->projectNamed(u"Photos"_s))->projectId, m_project.projectId);
    QVERIFY(!*m_work->projectNamed(u"unknown"_s));
    QCOMPARE(resultOf(m_archive->projects())->size(), 1);
    write({SettingChanged{u"rate_limit"_s, u"5000"_s}});
    QCOMPARE(m_work->settings()->value(u"rate_limit"_s), u"5000"_s);
    QCOMPARE(resultOf(m_archive->settings())->value(u"rate_limit"_s), u"5000"_s);
}

void ArchiveTest::theHeadOfAnOrderIsReadAlone()
{
    ItemFilter filter;
    filter.most = 2;
    QCOMPARE(shown(filter), (QList<qint64>{0, 1}));

    filter.isDescending = true;
    QCOMPARE(shown(filter), (QList<qint64>{4, 3}));
}

QTEST_GUILESS_MAIN(ArchiveTest)
#include "tst_archive.moc"
