#include "ui/uploads/batchlistmodel.h"

#include "models/vocabulary/pathtext.h"
#include "models/vocabulary/whendone.h"
#include "ui/parts/humantext.h"
#include "ui/uploads/folderwords.h"
#include "ui/uploads/verdicts.h"

#include <QLocale>

namespace photolift::ui {

using namespace Qt::StringLiterals;
using Hold = pipeline::QueueState::Hold;

namespace {
constexpr int FaceCount = 4;
constexpr double ShareSmoothing = 0.05; // per sample, four a second: a share settles within some seconds and does not wobble
}

BatchListModel::BatchListModel(UploadFeed &feed, QObject *parent)
    : QAbstractListModel(parent)
    , m_feed(feed)
    , m_faces(feed)
{
    connect(&m_faces, &FolderFaces::known, this, [this](const QUuid &batchId, const QList<store::Item> &faces) {
        const int row = rowOf(batchId);
        if (row < 0)
            return;
        m_rows[row].faces = faces;
        Q_EMIT dataChanged(index(row), index(row));
    });
}

void BatchListModel::setBatches(const QList<store::BatchView> &batches)
{
    // Rows keep their place: folders are only added on top and taken out, never sorted anew.
    for (int row = static_cast<int>(m_rows.size()) - 1; row >= 0; --row) {
        const bool isStillThere = std::any_of(batches.cbegin(), batches.cend(),
                                              [&](const store::BatchView &view) { return view.rowId == m_rows.at(row).view.rowId; });
        if (!isStillThere) {
            beginRemoveRows({}, row, row);
            m_rows.removeAt(row);
            endRemoveRows();
        }
    }
    for (int row = 0; row < batches.size(); ++row) {
        const store::BatchView &view = batches.at(row);
        if (row < m_rows.size() && m_rows.at(row).view.rowId == view.rowId) {
            // A face may turn out to be no photo when its turn comes.
            const bool isFaceInDoubt = m_rows.at(row).view.skipped != view.skipped;
            m_rows[row].view = view;
            if (isFaceInDoubt) {
                m_facesAsked.remove(view.batch.batchId);
                askFaces(view);
            }
        } else {
            beginInsertRows({}, row, row);
            m_rows.insert(row, {view, {}});
            endInsertRows();
        }
        if (m_rows.at(row).faces.size() < FaceCount && view.found > m_rows.at(row).faces.size())
            askFaces(view);
    }
    if (!m_rows.isEmpty())
        Q_EMIT dataChanged(index(0), index(static_cast<int>(m_rows.size()) - 1));
}

void BatchListModel::askFaces(const store::BatchView &batch)
{
    const QUuid batchId = batch.batch.batchId;
    if (m_facesAsked.contains(batchId) || (!batch.isCounted && batch.found < FaceCount))
        return;
    m_facesAsked.insert(batchId);
    m_faces.ask(batchId, FaceCount);
}

void BatchListModel::setContext(const RowContext &context, const Destination &destination)
{
    m_context = context;
    m_destination = destination;
    if (!m_rows.isEmpty())
        Q_EMIT dataChanged(index(0), index(static_cast<int>(m_rows.size()) - 1));
}

void BatchListModel::noteWalk(const pipeline::WalkProgress &progress)
{
    const int row = rowOf(progress.batchId);
    if (row < 0)
        return;
    ++m_rows[row].walkSteps;
    m_rows[row].view.found = std::max(m_rows.at(row).view.found, progress.found);
    Q_EMIT dataChanged(index(row), index(row));
}

void BatchListModel::noteProgress(const QList<pipeline::ItemProgress> &items)
{
    QHash<QUuid, QUuid> batchOf;
    QHash<QUuid, qint64> speeds;
    QList<QUuid> unknown;
    qint64 all = 0;
    for (const pipeline::ItemProgress &item : items) {
        const QUuid batchId = m_batchOf.value(item.itemId);
        if (batchId.isNull()) {
            unknown << item.itemId;
            continue;
        }
        batchOf.insert(item.itemId, batchId);
        speeds[batchId] += item.bytesPerSecond;
        all += item.bytesPerSecond;
    }
    m_batchOf = batchOf; // what no longer moves is forgotten
    if (!unknown.isEmpty())
        askBatches(unknown);
    if (all <= 0)
        return;
    for (const BatchRow &row : std::as_const(m_rows)) {
        const QUuid &batchId = row.view.batch.batchId;
        const double now = static_cast<double>(speeds.value(batchId)) / static_cast<double>(all);
        const auto known = m_speedShare.find(batchId);
        if (known != m_speedShare.end())
            *known += ShareSmoothing * (now - *known);
        else if (now > 0)
            m_speedShare.insert(batchId, now);
    }
}

void BatchListModel::askBatches(const QList<QUuid> &itemIds)
{
    if (std::exchange(m_isBatchAsked, true))
        return; // they come with the next sample, too
    whenDone(m_feed.itemsById(itemIds), this, [this](const Result<QList<store::ItemView>> &views) {
        m_isBatchAsked = false;
        if (!views)
            return;
        for (const store::ItemView &view : *views)
            m_batchOf.insert(view.item.itemId, view.item.batchId);
    });
}

bool BatchListModel::isAllPaused() const
{
    return m_context.queue.hold == Hold::PausedByYou || m_context.queue.hold == Hold::Metered;
}

std::optional<qint64> BatchListModel::speedOf(const BatchRow &row) const
{
    const qint64 all = m_context.queue.bytesPerSecond;
    if (all <= 0)
        return std::nullopt;
    const bool isAlone = std::none_of(m_rows.cbegin(), m_rows.cend(), [&row](const BatchRow &other) {
        return other.view.rowId != row.view.rowId && other.view.moving > 0;
    });
    if (isAlone)
        return all;
    const auto share = m_speedShare.constFind(row.view.batch.batchId);
    const qint64 speed = share == m_speedShare.cend() ? 0 : static_cast<qint64>(static_cast<double>(all) * *share);
    return speed >= 50'000 ? std::optional(speed) : std::nullopt; // "0.0 MB/s" says nothing
}

const BatchRow *BatchListModel::rowAt(int row) const
{
    return row >= 0 && row < m_rows.size() ? &m_rows.at(row) : nullptr;
}

int BatchListModel::rowOf(const QUuid &batchId) const
{
    for (int row = 0; row < m_rows.size(); ++row) {
        if (m_rows.at(row).view.batch.batchId == batchId)
            return row;
    }
    return -1;
}

BatchWords BatchListModel::words(const BatchRow &row) const
{
    const store::BatchView &view = row.view;
    const qint64 going = view.moving + view.waiting;
    if (!view.isCounted && going == view.waiting && view.done + view.duplicate == 0)
        return {StatusMark::Running, tr("Counting … %Ln so far", nullptr, static_cast<int>(view.found)), {}, false, true};
    if (view.isCounted && going == 0) {
        const QString when = view.finishedMs
            ? tr("finished %1").arg(whenText(QDateTime::fromMSecsSinceEpoch(*view.finishedMs), QDateTime::fromMSecsSinceEpoch(m_context.nowMs)))
            : QString();
        const FolderEnd end = FolderWords::ended(view, m_destination.isThisComputer);
        return {end.mark, end.words, when, false};
    }
    if (view.isPaused || m_context.queue.hold == Hold::PausedByYou)
        return {StatusMark::Paused, tr("Paused by you"), {}, false};
    if (m_context.queue.hold == Hold::Metered)
        return {StatusMark::Paused, tr("Paused, metered network"), {}, false};
    const bool isServerAway = m_context.queue.hold == Hold::None && RowWords::isAtRest(m_context.queue);
    if (m_context.queue.hold == Hold::Offline || m_context.queue.hold == Hold::ServerUnreachable || isServerAway)
        return {StatusMark::Retry, tr("Waiting for the connection"), tr("continues by itself"), false};
    if (m_context.queue.hold == Hold::SignIn)
        return {StatusMark::Retry, RowWords::hold(m_context.queue, m_context.isThisComputer), {}, false};
    if (m_context.queue.hold == Hold::NoSpace && m_destination.isThisComputer)
        return {StatusMark::Retry, tr("Not enough space for the copies"), tr("continues by itself"), false};
    if (m_context.queue.hold != Hold::None)
        return {StatusMark::Retry, RowWords::hold(m_context.queue, m_context.isThisComputer), tr("continues by itself"), false};
    // The time of the queue, shared by the bytes that are left: only a guess, so it is given in the same coarse steps.
    qint64 allLeft = 0;
    qint64 leftBefore = 0; // of folders under way, and of the waiting ones the older: they stand below
    bool isBelow = false;
    for (const BatchRow &each : m_rows) {
        allLeft += each.view.bytesLeft;
        if (each.view.rowId == view.rowId)
            isBelow = true;
        else if (each.view.moving > 0 || isBelow)
            leftBefore += each.view.bytesLeft;
    }
    const auto timeOf = [&](qint64 bytes) {
        return leftText(static_cast<qint64>(static_cast<double>(*m_context.queue.secondsLeft) * (static_cast<double>(bytes) / static_cast<double>(allLeft))));
    };
    if (view.moving == 0) {
        QString start;
        if (m_context.queue.secondsLeft && leftBefore > 0)
            start = tr("starts in %1").arg(timeOf(leftBefore));
        return {StatusMark::Waiting, tr("Waiting for its turn"), start, false};
    }
    QString left;
    if (m_context.queue.secondsLeft && allLeft > 0)
        left = tr("%1 left").arg(timeOf(view.bytesLeft));
    const std::optional<qint64> speed = speedOf(row);
    if (RowWords::isAllSent(m_context.queue))
        return {StatusMark::Running, tr("All sent – the copies are being checked"), {}, true};
    if (!speed)
        return {StatusMark::Running, tr("Working"), left, true};
    return {std::nullopt, speedText(*speed), left, true};
}

QString BatchListModel::sentence(const BatchRow &row) const
{
    const store::BatchView &view = row.view;
    const BatchWords said = words(row);
    QStringList parts{displayName(view.batch.name),
                      tr("%1 of %2 done").arg(countText(view.done), countText(view.found - view.skipped))};
    if (view.duplicate > 0)
        parts << tr("%1 already there").arg(countText(view.duplicate));
    if (view.needsYou > 0)
        parts << tr("%1 failed").arg(countText(view.needsYou));
    for (const QString &text : {said.state, said.when}) {
        if (!text.isEmpty())
            parts << text;
    }
    return parts.join(u", "_s);
}

int BatchListModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant BatchListModel::data(const QModelIndex &index, int role) const
{
    const BatchRow *row = index.isValid() ? rowAt(index.row()) : nullptr;
    if (!row)
        return {};
    if (role == Qt::DisplayRole)
        return displayName(row->view.batch.name);
    if (role == Qt::AccessibleTextRole)
        return sentence(*row);
    return {};
}

} // namespace photolift::ui
