#include "tests/support/fakeuploadfeed.h"

#include "models/vocabulary/ids.h"

#include <QPromise>

namespace photolift::test {

using namespace Qt::StringLiterals;
using store::ItemGroup;

namespace {

template <typename T> QFuture<T> answered(T value)
{
    QPromise<T> promise;
    promise.start();
    promise.addResult(std::move(value));
    promise.finish();
    return promise.future();
}

std::optional<ItemGroup> groupOf(ItemState state, bool isAtRest = false)
{
    switch (state) {
    case ItemState::NeedsYou:
        return ItemGroup::NeedsYou;
    case ItemState::Running:
        return isAtRest ? ItemGroup::Waiting : ItemGroup::Moving;
    case ItemState::Queued:
    case ItemState::WaitingToRetry:
        return ItemGroup::Waiting;
    case ItemState::Succeeded:
        return ItemGroup::Done;
    case ItemState::Duplicate:
        return ItemGroup::AlreadyThere;
    case ItemState::Skipped:
        return ItemGroup::Skipped;
    case ItemState::Cancelled:
    case ItemState::Dismissed:
        break;
    }
    return std::nullopt;
}

} // namespace

QUuid FakeUploadFeed::addFolder(const QString &name, int photos, const QString &project)
{
    store::BatchView view;
    view.rowId = batchList.size() + 1;
    view.batch.batchId = newUuid7();
    view.batch.name = name;
    view.projectName = project;
    view.isCounted = true;
    view.found = photos;
    view.waiting = photos;
    batchList.prepend(view);
    items.reserve(items.size() + photos);
    for (int i = 0; i < photos; ++i) {
        store::ItemView item;
        item.rowId = items.size() + 1;
        item.item.itemId = QUuid::createUuid();
        item.item.batchId = view.batch.batchId;
        item.item.ordinal = i;
        item.item.relativePath = "DSC_" + QByteArray::number(4817 + i) + ".NEF";
        item.item.absolutePath = "/nowhere/" + item.item.relativePath;
        item.item.identity.size = 48'200'000 + (i * 733'000LL) % 3'000'000;
        m_rowOf.insert(item.item.itemId, static_cast<int>(items.size()));
        items.append(item);
    }
    recount();
    return view.batch.batchId;
}

void FakeUploadFeed::recount()
{
    for (store::BatchView &batch : batchList) {
        batch.done = batch.safe = batch.duplicate = batch.needsYou = batch.moving = batch.waiting = batch.skipped = batch.missed = batch.cancelled = 0;
        batch.bytes = batch.bytesLeft = 0;
        for (const store::ItemView &view : items) {
            if (view.item.batchId != batch.batch.batchId)
                continue;
            batch.bytes += view.item.identity.size;
            const std::optional<ItemGroup> group = groupOf(view.item.state);
            if (group == ItemGroup::Moving || group == ItemGroup::Waiting)
                batch.bytesLeft += view.item.identity.size;
            batch.done += group == ItemGroup::Done;
            batch.safe += group == ItemGroup::Done;
            batch.duplicate += group == ItemGroup::AlreadyThere;
            batch.needsYou += group == ItemGroup::NeedsYou;
            batch.moving += group == ItemGroup::Moving;
            batch.waiting += group == ItemGroup::Waiting;
            batch.skipped += group == ItemGroup::Skipped;
            batch.missed += group == ItemGroup::Skipped && view.item.isMissed;
            batch.cancelled += view.item.state == ItemState::Cancelled;
        }
    }
}

void FakeUploadFeed::note(const QString &command, const QList<QUuid> &itemIds)
{
    commands << command + u' ' + QString::number(itemIds.size());
    lastItems = itemIds;
}

void FakeUploadFeed::accept(const pipeline::Drop &drop)
{
    commands << u"accept"_s;
    drops << drop;
}

QFuture<Result<QList<store::BatchView>>> FakeUploadFeed::batches(bool withCleared)
{
    QList<store::BatchView> shown;
    for (const store::BatchView &batch : batchList) {
        if (withCleared || !batch.isCleared)
            shown << batch;
    }
    return answered(Result<QList<store::BatchView>>(shown));
}

QFuture<Result<QList<qint64>>> FakeUploadFeed::itemOrder(const store::ItemFilter &filter)
{
    QList<qint64> order;
    for (const store::ItemView &view : items) {
        if (!filter.batchId.isNull() && view.item.batchId != filter.batchId)
            continue;
        if (filter.group != ItemGroup::All && groupOf(view.item.state, filter.isAtRest) != filter.group)
            continue;
        if (!filter.nameContains.isEmpty() && !QString::fromUtf8(view.item.relativePath).contains(filter.nameContains, Qt::CaseInsensitive))
            continue;
        order << view.rowId;
    }
    if (filter.isDescending)
        std::reverse(order.begin(), order.end());
    if (filter.most > 0)
        order = order.first(std::min<qsizetype>(filter.most, order.size()));
    return answered(Result<QList<qint64>>(order));
}

QFuture<Result<QList<store::ItemView>>> FakeUploadFeed::itemsByRowId(const QList<qint64> &rowIds)
{
    if (!areItemsReadable)
        return answered(Result<QList<store::ItemView>>(Error{ErrorCode::LocalDiskError, {}}));
    QList<store::ItemView> views;
    for (const qint64 rowId : rowIds)
        views << items.at(rowId - 1);
    itemsAsked += static_cast<int>(views.size());
    return answered(Result<QList<store::ItemView>>(views));
}

QFuture<Result<QList<store::ItemView>>> FakeUploadFeed::itemsById(const QList<QUuid> &itemIds)
{
    QList<store::ItemView> views;
    for (const QUuid &itemId : itemIds)
        views << items.at(m_rowOf.value(itemId));
    return answered(Result<QList<store::ItemView>>(views));
}

QFuture<Result<QHash<ItemGroup, qint64>>> FakeUploadFeed::groupCounts(const store::ItemFilter &filter)
{
    QHash<ItemGroup, qint64> counts;
    for (const store::ItemView &view : items) {
        if (!filter.batchId.isNull() && view.item.batchId != filter.batchId)
            continue;
        ++counts[ItemGroup::All];
        if (const std::optional<ItemGroup> group = groupOf(view.item.state, filter.isAtRest))
            ++counts[*group];
    }
    return answered(Result<QHash<ItemGroup, qint64>>(counts));
}

QFuture<Result<qint64>> FakeUploadFeed::countOfCause(ErrorCode cause)
{
    return answered(Result<qint64>(std::count_if(items.cbegin(), items.cend(), [cause](const store::ItemView &view) {
        return view.item.errorCode == cause && (view.item.state == ItemState::NeedsYou || view.item.state == ItemState::WaitingToRetry);
    })));
}

QFuture<Result<store::ItemDetail>> FakeUploadFeed::itemDetail(const QUuid &itemId)
{
    store::ItemDetail detail = details.value(itemId);
    detail.view = items.at(m_rowOf.value(itemId));
    for (const store::BatchView &batch : batchList) {
        if (batch.batch.batchId == detail.view.item.batchId) {
            detail.batchName = batch.batch.name;
            detail.projectName = batch.projectName;
        }
    }
    return answered(Result<store::ItemDetail>(detail));
}

QFuture<Result<QList<ProjectRecord>>> FakeUploadFeed::projects()
{
    return answered(Result<QList<ProjectRecord>>(projectList));
}

QFuture<QImage> FakeUploadFeed::picture(const store::Item &item, QSize pixels)
{
    const QImage full = pictures.value(QString::fromUtf8(item.relativePath));
    if (full.isNull())
        return answered(QImage());
    const QImage scaled = full.scaled(pixels, Qt::KeepAspectRatioByExpanding, Qt::SmoothTransformation);
    return answered(scaled.copy(QRect(QPoint((scaled.width() - pixels.width()) / 2, (scaled.height() - pixels.height()) / 2), pixels)));
}

void standAt(store::ItemView &view, ItemState itemState, Stage stage, StageState state)
{
    view.item.state = itemState;
    view.currentStage = stage;
    for (const Stage each : AllStages)
        view.stages[static_cast<std::size_t>(each)] = each < stage ? StageState::Done : each == stage ? state : StageState::NotReached;
    view.isCommitted = stage > Stage::Verification;
}

void standDone(store::ItemView &view)
{
    view.item.state = ItemState::Succeeded;
    view.item.isSafe = true;
    view.currentStage.reset();
    view.stages.fill(StageState::Done);
}

} // namespace photolift::test
