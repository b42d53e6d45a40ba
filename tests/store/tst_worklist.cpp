#include "models/store/database.h"
#include "models/store/queuedpaths.h"

#include "tests/store/recordeddrop.h"

#include <QSqlError>
#include <QSqlQuery>
#include <QtTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::store;

/// What the pipeline reads to know what comes next, from one recorded drop.
class WorkListTest : public QObject, private samples::RecordedDrop
{
    Q_OBJECT

private Q_SLOTS:
    void init() { open(); }
    void cleanup() { close(); }
    void queuedPhotosBehindAPlaceAreFoundDropByDrop();
    void nextIsPriorityThenOlderDropThenFileOrder();
    void nextLeavesOutPausedAndWhatIsInHand();
    void aHeldDropTakesNoPlaceOfTheOthers();
    void progressIsWhatAnAttemptHadReached();
    void uncountedBatchComesBackWithItsRoots();
    void theSameFolderAgainBringsOnlyWhatIsNew();
    void whatIsNotSentIsCountedWithItsBytes();
    void uploadThatHasBegunNeedsNoMoreRoom();
    void lostCopiesWaitApartFromWhatIsUnderWay();
    void aPageOfLostCopiesComesInTheOrderOfItsFiles();
    void aHeldDropTakesNoPlaceOfTheLostCopiesOfOthers();
    void lostCopiesAreReadInTheOrderOfTheIndex();
    void queuedPathsAreThoseThatHaveNotEnded();
    void queuedPathsAreLookedUpInTheIndex();

private:
    QList<qint64> nextOrdinals(int limit, const QSet<QUuid> &except = {}, const QSet<QUuid> &exceptBatches = {})
    {
        QList<qint64> ordinals;
        const auto next = m_work->next(limit, except, exceptBatches);
        for (const Item &item : *next)
            ordinals << item.ordinal;
        return ordinals;
    }
    /// The steps SQLite would take; without a plan, why there is none.
    QStringList planOf(const QString &question, qsizetype places)
    {
        const auto connection = *Connection::open(listFile(), Connection::Use::Read);
        QSqlQuery plan(connection->database());
        plan.prepare(u"EXPLAIN QUERY PLAN "_s + question);
        for (qsizetype place = 0; place < places; ++place)
            plan.addBindValue(QVariant());
        if (!plan.exec())
            return {plan.lastError().text()};
        QStringList steps;
        while (plan.next())
            steps << plan.value(3).toString();
        return steps;
    }
};

void WorkListTest::queuedPhotosBehindAPlaceAreFoundDropByDrop()
{
    const BatchAccepted second = samples::accepted(m_project);
    write({second, ItemsFound{second.batch.batchId, samples::items(second.batch, 2)}, samples::moved(m_items.at(3), ItemState::Skipped)});
    const auto behind = [this](const QHash<QUuid, qint64> &places, int limit) {
        QStringList found;
        const auto items = m_work->queuedBehind(places, limit);
        for (const Item &item : *items)
            found << (item.batchId == m_drop.batch.batchId ? u"first %1"_s : u"second %1"_s).arg(item.ordinal);
        return found;
    };

    QCOMPARE(behind({}, 3), (QStringList{u"first 0"_s, u"first 1"_s, u"first 2"_s}));
    QCOMPARE(behind({{m_drop.batch.batchId, 2}}, 3), (QStringList{u"first 4"_s, u"second 0"_s, u"second 1"_s}));
    QCOMPARE(behind({{m_drop.batch.batchId, 4}, {second.batch.batchId, 1}}, 3), QStringList());
}

void WorkListTest::nextIsPriorityThenOlderDropThenFileOrder()
{
    BatchAccepted second = samples::accepted(m_project);
    write({second, ItemsFound{second.batch.batchId, samples::items(second.batch, 2, 10)}});
    QCOMPARE(nextOrdinals(6), (QList<qint64>{0, 1, 2, 3, 4, 10}));

    write({BatchPriority{second.batch.batchId, 1}});

    QCOMPARE(nextOrdinals(3), (QList<qint64>{10, 11, 0}));
}

void WorkListTest::nextLeavesOutPausedAndWhatIsInHand()
{
    QCOMPARE(nextOrdinals(2, {m_items.at(0).itemId, m_items.at(2).itemId}), (QList<qint64>{1, 3}));

    write({BatchPaused{m_drop.batch.batchId, true}});
    QCOMPARE(nextOrdinals(2), QList<qint64>{});

    write({BatchPaused{m_drop.batch.batchId, false}});
    QCOMPARE(nextOrdinals(2), (QList<qint64>{0, 1}));
}

void WorkListTest::aHeldDropTakesNoPlaceOfTheOthers()
{
    const BatchAccepted second = samples::accepted(m_project);
    write({second, ItemsFound{second.batch.batchId, samples::items(second.batch, 2, 10)}});

    QCOMPARE(nextOrdinals(2, {}, {m_drop.batch.batchId}), (QList<qint64>{10, 11})); // there are more than two in the first

    QCOMPARE(nextOrdinals(2, {}, {m_drop.batch.batchId, second.batch.batchId}), QList<qint64>{});
}

void WorkListTest::progressIsWhatAnAttemptHadReached()
{
    const AttemptRecord attempt = samples::attempt(m_drop.batch);
    const QUuid upload = newUuid7();
    write({AttemptChanged{attempt}, StageChanged{samples::ended(samples::stage(attempt, Stage::Selection))}, PhotoKnown{samples::photo(attempt)},
           UploadAssigned{attempt.clientUploadId, upload, 16}, PartAcknowledged{attempt.clientUploadId, 2, 7, u"b"_s},
           PartAcknowledged{attempt.clientUploadId, 1, 16, u"a"_s}, CommitSent{attempt.clientUploadId}});

    const auto progress = m_work->progress(attempt.clientUploadId);

    VERIFY_OK(progress);
    QCOMPARE(progress->attempt.relativePath, attempt.relativePath);
    QCOMPARE(progress->stages.size(), 1);
    QCOMPARE(progress->photo->typeName, u"JPEG"_s);
    QCOMPARE(progress->uploadId, upload);
    QCOMPARE(progress->partBytes, 16);
    QCOMPARE(progress->parts.size(), 2);
    QCOMPARE(progress->parts.at(0).number, 1);
    QCOMPARE(progress->parts.at(1).checksum, u"b"_s);
    QVERIFY(progress->isCommitSent);
    QVERIFY(!m_work->progress(newUuid7()));
}

void WorkListTest::uncountedBatchComesBackWithItsRoots()
{
    BatchAccepted second = samples::accepted(m_project);
    second.roots = {"/card/DCIM", "/odd \xff name"};
    second.isBackground = true;
    write({second, BatchCounted{m_drop.batch.batchId}});

    const auto uncounted = m_work->uncountedBatches();

    VERIFY_OK(uncounted);
    QCOMPARE(uncounted->size(), 1);
    QCOMPARE(uncounted->first().roots, second.roots);
    QVERIFY(uncounted->first().isBackground);
    QCOMPARE(toJson(uncounted->first().batch), toJson(second.batch));
    QCOMPARE(toJson(uncounted->first().project), toJson(m_project));
    const auto first = m_work->batch(m_drop.batch.batchId);
    QVERIFY(first && *first);
    QCOMPARE((*first)->batch.numPhotos, std::nullopt); // nobody has judged its files
}

void WorkListTest::theSameFolderAgainBringsOnlyWhatIsNew()
{
    const BatchAccepted again = samples::accepted(m_project);
    QList<Item> items = samples::items(again.batch, 5);
    items[1].identity.modifiedNs += 1; // edited since
    const BatchAccepted elsewhere = samples::accepted(m_project, "/photos/101CANON");
    write({samples::moved(m_items.at(0), ItemState::Succeeded), samples::moved(m_items.at(1), ItemState::Succeeded),
           samples::moved(m_items.at(2), ItemState::Duplicate), samples::moved(m_items.at(3), ItemState::NeedsYou, ErrorCode::ValidationTruncated),
           again, ItemsFound{again.batch.batchId, items}, elsewhere, ItemsFound{elsewhere.batch.batchId, samples::items(elsewhere.batch, 5)}});

    QCOMPARE(*m_work->bytesArrivedBefore(), items[0].identity.size + items[2].identity.size); // and of the others nothing came before
    write({samples::moved(items.at(0), ItemState::Skipped)});
    QCOMPARE(*m_work->bytesArrivedBefore(), items[2].identity.size);
}

void WorkListTest::whatIsNotSentIsCountedWithItsBytes()
{
    write({samples::moved(m_items.at(0), ItemState::Running), samples::moved(m_items.at(1), ItemState::Succeeded),
           samples::moved(m_items.at(2), ItemState::WaitingToRetry, ErrorCode::ApiUnavailable),
           samples::moved(m_items.at(3), ItemState::NeedsYou, ErrorCode::ValidationTruncated)});

    const auto notSent = m_work->notSent();

    QCOMPARE(notSent->items, 3);
    QCOMPARE(notSent->bytes, m_items[0].identity.size + m_items[2].identity.size + m_items[4].identity.size);
}

void WorkListTest::uploadThatHasBegunNeedsNoMoreRoom()
{
    for (Item &item : m_items)
        item.clientUploadId = newUuid7();
    write({samples::moved(m_items.at(0), ItemState::Running), samples::moved(m_items.at(1), ItemState::WaitingToRetry, ErrorCode::ApiUnavailable),
           samples::moved(m_items.at(2), ItemState::Running), samples::moved(m_items.at(3), ItemState::NeedsYou),
           UploadAssigned{m_items.at(2).clientUploadId, newUuid7(), 1'000'000}});

    QCOMPARE(*m_work->bytesToBring(), m_items[0].identity.size + m_items[1].identity.size + m_items[4].identity.size);
}

void WorkListTest::queuedPathsAreThoseThatHaveNotEnded()
{
    write({samples::moved(m_items.at(0), ItemState::Running), samples::moved(m_items.at(1), ItemState::WaitingToRetry, ErrorCode::ApiUnavailable),
           samples::moved(m_items.at(2), ItemState::Succeeded), samples::moved(m_items.at(3), ItemState::NeedsYou, ErrorCode::ValidationTruncated)});
    const BatchAccepted again = samples::accepted(m_project);
    write({again});
    QList<QByteArray> paths{"/photos/unknown.jpg", QByteArray("/photos/\xff\x00.jpg", 13)};
    for (const Item &item : std::as_const(m_items))
        paths << item.absolutePath;
    while (paths.size() < 3 * QueuedPathsAtOnce) // more than one question takes
        paths.prepend("/photos/" + QByteArray::number(paths.size()));

    const auto open = m_work->openDrops(again.batch.batchId);
    QCOMPARE(open->size(), 1);
    QCOMPARE(open->first().roots, m_drop.roots);
    const auto queued = m_work->queuedAmong(paths, {open->first().rowId});

    QHash<QByteArray, QueuedPhoto> expected;
    for (const int at : {0, 1, 3, 4})
        expected.insert(m_items.at(at).absolutePath, {m_items.at(at).itemId, at == 3});
    QCOMPARE(*queued, expected);
    QVERIFY(m_work->queuedAmong(paths, {})->isEmpty());
    QVERIFY(m_work->openDrops(m_drop.batch.batchId)->isEmpty()); // the other one has nothing yet
}

void WorkListTest::lostCopiesWaitApartFromWhatIsUnderWay()
{
    AttemptRecord attempt = samples::attempt(m_drop.batch);
    attempt.itemId = m_items.at(3).itemId;
    Item ended = m_items.at(3);
    ended.clientUploadId = attempt.clientUploadId;
    ended.state = ItemState::Succeeded;
    Item running = m_items.at(0);
    running.state = ItemState::Running;
    Item waiting = m_items.at(2); // without a code, and with another one
    waiting.state = ItemState::WaitingToRetry;
    Item offline = m_items.at(4);
    offline.state = ItemState::WaitingToRetry;
    offline.errorCode = ErrorCode::NetworkOffline;
    Item lost = m_items.at(1);
    lost.state = ItemState::WaitingToRetry;
    lost.errorCode = ErrorCode::StorageCopyDamaged;
    lost.lostSha256 = u"ab"_s;
    write({AttemptChanged{attempt}, ItemMoved{ended}, ItemMoved{running}, ItemMoved{waiting}, ItemMoved{offline}, ItemMoved{lost}});
    const auto ordinals = [](const Result<QList<Item>> &items) {
        QList<qint64> found;
        for (const Item &item : *items)
            found << item.ordinal;
        return found;
    };

    QCOMPARE(ordinals(m_work->lostCopies(10)), QList<qint64>{1});
    QCOMPARE(m_work->lostCopies(10)->first().lostSha256, u"ab"_s);
    QCOMPARE(ordinals(m_work->unfinished()), (QList<qint64>{0, 2, 4}));
    QCOMPARE(ordinals(m_work->endedWell({newUuid7(), attempt.clientUploadId})), QList<qint64>{3});
    ended.clientUploadId = newUuid7(); // another attempt came after it
    write({ItemMoved{ended}});
    QCOMPARE(ordinals(m_work->endedWell({attempt.clientUploadId})), QList<qint64>());
}

void WorkListTest::aPageOfLostCopiesComesInTheOrderOfItsFiles()
{
    Changes changes;
    for (const int at : {4, 1, 3}) {
        Item lost = m_items.at(at);
        lost.state = ItemState::WaitingToRetry;
        lost.errorCode = ErrorCode::StorageCopyDamaged;
        changes.append(ItemMoved{lost});
    }
    write(changes);

    const auto page = m_work->lostCopies(2);

    QCOMPARE(page->size(), 2);
    QCOMPARE(page->at(0).ordinal, 1);
    QCOMPARE(page->at(1).ordinal, 3);
}

void WorkListTest::aHeldDropTakesNoPlaceOfTheLostCopiesOfOthers()
{
    const BatchAccepted second = samples::accepted(m_project);
    const QList<Item> others = samples::items(second.batch, 2, 10);
    write({second, ItemsFound{second.batch.batchId, others}});
    Changes changes;
    for (Item lost : m_items + others) {
        lost.state = ItemState::WaitingToRetry;
        lost.errorCode = ErrorCode::StorageCopyDamaged;
        changes.append(ItemMoved{lost});
    }
    write(changes);
    const QUuid first = m_drop.batch.batchId;
    const auto ordinals = [this](const QSet<QUuid> &except) {
        QList<qint64> found;
        const auto page = m_work->lostCopies(2, except);
        for (const Item &item : *page)
            found << item.ordinal;
        return found;
    };
    QCOMPARE(ordinals({}), (QList<qint64>{0, 1}));

    QCOMPARE(ordinals({first}), (QList<qint64>{10, 11})); // there are more than two in the first
    QCOMPARE(ordinals({first, second.batch.batchId}), QList<qint64>());
    write({BatchPaused{first, true}});
    QCOMPARE(ordinals({}), (QList<qint64>{10, 11}));
    QCOMPARE(ordinals({second.batch.batchId}), QList<qint64>());
    write({BatchPaused{first, false}});
    QCOMPARE(ordinals({}), (QList<qint64>{0, 1}));
}

void WorkListTest::lostCopiesAreReadInTheOrderOfTheIndex()
{
    const QStringList steps = planOf(WorkList::lostCopiesQuestion(), 3);

    QVERIFY2(steps.contains(u"SEARCH i USING INDEX queue_items_under_way (state=? AND error_code=?)"_s), qPrintable(steps.join(u'\n')));
    QVERIFY2(steps.filter(u"TEMP B-TREE"_s).isEmpty(), qPrintable(steps.join(u'\n')));
}

void WorkListTest::queuedPathsAreLookedUpInTheIndex()
{
    const QStringList steps = planOf(queuedPathsQuestion(), QueuedPathsAtOnce + 1);

    QVERIFY2(steps.contains(u"SEARCH i USING INDEX queue_items_path (batch_row=? AND absolute_path=?)"_s), qPrintable(steps.join(u'\n')));
    QVERIFY2(steps.filter(u"SCAN i"_s).isEmpty(), qPrintable(steps.join(u'\n')));
}

QTEST_GUILESS_MAIN(WorkListTest)
#include "tst_worklist.moc"
