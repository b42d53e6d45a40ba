#include "ui/uploads/uploadscontroller.h"

#include "models/vocabulary/ids.h"
#include "models/vocabulary/pathtext.h"
#include "models/vocabulary/whendone.h"
#include "ui/parts/errortexts.h"

#include <QFileInfo>
#include <QtConcurrentRun>

namespace photolift::ui {

using namespace Qt::StringLiterals;
using Hold = pipeline::QueueState::Hold;

namespace {

constexpr int TickMs = 500;
constexpr qsizetype RecentFolders = 5;
constexpr qsizetype ChosenPage = 1000;

/// The bytes of a local path: a URL keeps bytes that are no UTF-8, QString would not.
QByteArray pathOf(const QUrl &url)
{
    QByteArray path = QByteArray::fromPercentEncoding(url.path(QUrl::FullyEncoded).toLatin1());
    while (path.size() > 1 && path.endsWith('/'))
        path.chop(1);
    return path;
}

QString labelOf(const QByteArray &path)
{
    return textFromPath(path.mid(path.lastIndexOf('/') + 1));
}

QString parentLabelOf(const QByteArray &path)
{
    return labelOf(path.left(path.lastIndexOf('/')));
}

} // namespace

UploadsController::UploadsController(UploadFeed &feed, Destination destination, QObject *parent)
    : QObject(parent)
    , m_feed(feed)
    , m_destination(std::move(destination))
    , m_batches(feed)
    , m_photos(feed)
    , m_pictures(feed)
    , m_recentFaces(feed)
    , m_projectName(u"Photos"_s)
{
    connect(&m_feed, &UploadFeed::batchAccepted, this, [this](const QUuid &batchId) {
        readBatches();
        Q_EMIT folderAdded(batchId);
    });
    connect(&m_feed, &UploadFeed::batchRefused, this, [this](const QUuid &, const Error &error) {
        Q_EMIT refused(errorTitle(error.code, m_destination.isThisComputer), errorAdvice(error.code, m_destination.isThisComputer));
    });
    connect(&m_feed, &UploadFeed::walkProgressed, this, [this](const pipeline::WalkProgress &progress) {
        m_batches.noteWalk(progress);
        m_areBatchesStale = true;
        if (m_photos.rowCount() == 0)
            readBatches(); // the first rows are not held up until the next tick
    });
    connect(&m_feed, &UploadFeed::batchesChanged, this, [this] { m_areBatchesStale = true; });
    connect(&m_feed, &UploadFeed::itemsChanged, this, [this](const QList<QUuid> &itemIds) {
        m_photos.noteChanged(itemIds);
        m_areBatchesStale = true;
        for (const QUuid &itemId : itemIds)
            Q_EMIT itemTouched(itemId);
    });
    connect(&m_feed, &UploadFeed::progressSampled, &m_photos, &UploadTableModel::noteProgress);
    connect(&m_feed, &UploadFeed::progressSampled, &m_batches, &BatchListModel::noteProgress);
    connect(&m_feed, &UploadFeed::serverFailing, this, [this](const Error &error) {
        m_failingTitle = tr("The server on this computer stops again and again");
        Q_EMIT refused(m_failingTitle, tr("Your photos wait in the list. For the report: %1").arg(error.detail));
    });
    connect(&m_feed, &UploadFeed::queueStateChanged, this, [this](const pipeline::QueueState &state) {
        if (state.isServerReachable && !m_failingTitle.isEmpty())
            Q_EMIT refusalOver(std::exchange(m_failingTitle, {}));
        const bool wasAtRest = RowWords::isAtRest(std::exchange(m_context.queue, state));
        if (RowWords::isAtRest(state) != wasAtRest) {
            m_photos.setAtRest(!wasAtRest);
            showBatches();
            readCounts();
        }
        contextChanged();
        Q_EMIT queueChanged();
    });
    connect(&m_feed, &UploadFeed::cancelled, this, [this](const QList<QUuid> &itemIds, qint64 undoUntilMs, bool hasStoppedWalk) {
        m_areBatchesStale = true;
        Q_EMIT undoOffered(itemIds.size(), undoUntilMs, hasStoppedWalk);
    });
    connect(&m_pictures, &PictureCache::pictureArrived, &m_photos, &UploadTableModel::notePicture);
    connect(&m_recentFaces, &FolderFaces::known, this, [this](const QUuid &batchId, const QList<store::Item> &faces) {
        if (!faces.isEmpty())
            Q_EMIT recentFaceKnown(batchId, faces.first());
    });
    m_tick.setInterval(TickMs);
    connect(&m_tick, &QTimer::timeout, this, &UploadsController::tick);
}

void UploadsController::start()
{
    m_context.nowMs = nowMs();
    m_photos.setFilter({});
    readBatches();
    readRecent();
    whenDone(m_feed.projects(), this, [this](const Result<QList<ProjectRecord>> &projects) {
        QStringList names;
        if (projects) {
            for (const ProjectRecord &project : *projects)
                names << project.name;
        }
        if (names.isEmpty())
            names << m_projectName;
        Q_EMIT projectsChanged(names);
    });
    m_tick.start();
}

void UploadsController::tick()
{
    m_context.nowMs = nowMs();
    if (m_areBatchesStale)
        readBatches();
    if (m_areCountsStale)
        readCounts();
    if (m_context.queue.nextTryMs || m_context.queue.secondsLeft)
        Q_EMIT verdictsChanged();
}

void UploadsController::readBatches()
{
    m_areBatchesStale = m_areBatchesAsked;
    if (std::exchange(m_areBatchesAsked, true))
        return;
    whenDone(m_feed.batches(false), this, [this](const Result<QList<store::BatchView>> &batches) {
        m_areBatchesAsked = false;
        if (batches)
            takeBatches(*batches);
    });
}

void UploadsController::takeBatches(const QList<store::BatchView> &batches)
{
    const bool isFirst = !std::exchange(m_isRead, true);
    const qint64 foundBefore = m_totals.photos + m_totals.skipped;
    m_views = batches;
    showBatches();
    QSet<QUuid> paused;
    for (const store::BatchView &batch : batches) {
        if (batch.isPaused)
            paused.insert(batch.batch.batchId);
    }
    m_context.pausedBatches = paused;
    contextChanged();
    const QUuid selected = selectedBatch();
    if (!selected.isNull() && m_batches.rowOf(selected) < 0)
        selectBatch({});
    else if (isFirst || foundBefore != m_totals.photos + m_totals.skipped || m_photos.filter().group != store::ItemGroup::All)
        m_photos.refreshOrder();
    readCounts();
    if (isFirst || m_isEmpty != batches.isEmpty()) {
        m_isEmpty = batches.isEmpty();
        Q_EMIT emptyChanged(m_isEmpty);
        if (m_isEmpty)
            readRecent();
    }
}

void UploadsController::showBatches()
{
    QList<store::BatchView> shown = m_views;
    if (RowWords::isAtRest(m_context.queue)) {
        for (store::BatchView &batch : shown)
            batch.waiting += std::exchange(batch.moving, 0);
    }
    m_totals = totalsOf(shown);
    m_batches.setBatches(shown);
}

void UploadsController::readCounts()
{
    m_areCountsStale = true;
    if (std::exchange(m_areCountsAsked, true))
        return;
    m_areCountsStale = false;
    whenDone(m_feed.groupCounts(m_photos.filter()), this, [this](const Result<QHash<store::ItemGroup, qint64>> &counts) {
        m_areCountsAsked = false;
        if (counts)
            Q_EMIT countsChanged(*counts);
    });
}

void UploadsController::readRecent()
{
    whenDone(m_feed.batches(true), this, [this](const Result<QList<store::BatchView>> &batches) {
        if (!batches)
            return;
        QList<store::BatchView> recent;
        for (const store::BatchView &batch : *batches) {
            if (batch.finishedMs && recent.size() < RecentFolders)
                recent << batch;
        }
        m_last = recent.isEmpty() ? std::nullopt : std::optional(recent.first());
        Q_EMIT recentChanged(recent);
        for (const store::BatchView &folder : recent)
            m_recentFaces.ask(folder.batch.batchId, 1);
        Q_EMIT verdictsChanged();
    });
}

void UploadsController::contextChanged()
{
    m_context.nowMs = nowMs();
    m_context.isThisComputer = m_destination.isThisComputer;
    m_photos.setContext(m_context);
    m_batches.setContext(m_context, m_destination);
    m_motionAct = motion().act;
    Q_EMIT verdictsChanged();
}

VerdictWords::Motion UploadsController::motion() const
{
    if (!m_isRead)
        return VerdictWords::starting();
    return VerdictWords::motion(m_totals, m_context.queue, m_destination, m_last, nowMs());
}

Verdict UploadsController::attention() const
{
    return VerdictWords::attention(m_totals, m_context.queue);
}

void UploadsController::setDestination(const Destination &destination)
{
    m_destination = destination;
    contextChanged();
}

void UploadsController::setProjectName(const QString &name)
{
    if (!name.trimmed().isEmpty())
        m_projectName = name.trimmed();
}

void UploadsController::addUrls(const QList<QUrl> &urls)
{
    QList<QByteArray> paths;
    for (const QUrl &url : urls) {
        if (url.isLocalFile())
            paths << pathOf(url);
    }
    if (paths.isEmpty())
        return;
    // Which of them are folders is disk work.
    const auto looked = QtConcurrent::run([paths] {
        QList<bool> areFolders;
        for (const QByteArray &path : paths)
            areFolders << QFileInfo(QFile::decodeName(path)).isDir();
        return areFolders;
    });
    whenDone(looked, this, [this, paths](const QList<bool> &areFolders) {
        QList<QByteArray> loose;
        for (qsizetype i = 0; i < paths.size(); ++i) {
            if (!areFolders.at(i)) {
                loose << paths.at(i);
                continue;
            }
            pipeline::Drop drop;
            drop.batchId = newUuid7();
            drop.paths = {paths.at(i)};
            drop.projectName = m_projectName;
            drop.label = labelOf(paths.at(i));
            m_feed.accept(drop);
        }
        if (loose.isEmpty())
            return;
        pipeline::Drop drop;
        drop.batchId = newUuid7();
        drop.paths = loose;
        drop.projectName = m_projectName;
        drop.label = loose.size() == 1 ? labelOf(loose.first()) : parentLabelOf(loose.first());
        m_feed.accept(drop);
    });
}

void UploadsController::act(MotionAct act)
{
    switch (act) {
    case MotionAct::PauseAll:
        m_feed.pauseAll();
        break;
    case MotionAct::ResumeAll:
        if (isAllPaused())
            m_feed.resumeAll();
        else // one folder after the other was paused until none was left
            togglePauses(m_context.pausedBatches);
        break;
    case MotionAct::TryNow:
        m_feed.tryNow();
        break;
    case MotionAct::SignIn:
        Q_EMIT signInWanted();
        break;
    case MotionAct::ClearFinished:
        m_feed.clearFinished();
        m_areBatchesStale = true;
        break;
    case MotionAct::None:
        break;
    }
}

bool UploadsController::isAllPaused() const
{
    return m_context.queue.hold == Hold::PausedByYou || m_context.queue.hold == Hold::Metered;
}

void UploadsController::togglePauseAll()
{
    act(isAllPaused() || m_motionAct == MotionAct::ResumeAll ? MotionAct::ResumeAll : MotionAct::PauseAll);
}

void UploadsController::togglePause(const QUuid &batchId)
{
    togglePauses({batchId});
}

void UploadsController::togglePauses(const QSet<QUuid> &batchIds)
{
    const QSet<QUuid> unfinished = withSomethingLeft(batchIds);
    const bool isResume = arePaused(unfinished);
    for (const QUuid &batchId : unfinished) {
        if (isResume)
            m_feed.resumeBatch(batchId);
        else if (!m_context.pausedBatches.contains(batchId))
            m_feed.pauseBatch(batchId);
    }
}

QSet<QUuid> UploadsController::withSomethingLeft(QSet<QUuid> batchIds) const
{
    batchIds.removeIf([this](const QUuid &batchId) {
        const BatchRow *row = m_batches.rowAt(m_batches.rowOf(batchId));
        return !row || (row->view.isCounted && row->view.moving + row->view.waiting == 0);
    });
    return batchIds;
}

void UploadsController::withPhotos(const QList<int> &rows, std::function<void(const QList<Chosen> &)> then)
{
    QList<Chosen> known;
    QList<qint64> unknown;
    for (const int row : rows) {
        if (const UploadRow *photo = m_photos.rowAt(row))
            known.append({photo->view.item.itemId, photo->view.item.batchId, photo->view.item.state});
        else
            unknown.append(m_photos.rowIdAt(row));
    }
    readChosen(std::move(known), unknown, std::move(then));
}

void UploadsController::readChosen(QList<Chosen> known, const QList<qint64> &rowIds, std::function<void(const QList<Chosen> &)> then)
{
    if (rowIds.isEmpty())
        return then(known);
    // Page by page: a whole row is some hundred times what is kept of it.
    whenDone(m_feed.itemsByRowId(rowIds.first(std::min(ChosenPage, rowIds.size()))), this,
             [this, known = std::move(known), rest = rowIds.mid(ChosenPage), then = std::move(then)](const Result<QList<store::ItemView>> &views) mutable {
                 if (!views)
                     return;
                 for (const store::ItemView &view : *views)
                     known.append({view.item.itemId, view.item.batchId, view.item.state});
                 readChosen(std::move(known), rest, std::move(then));
             });
}

void UploadsController::withLines(const QList<int> &rows, std::function<void(const std::optional<QStringList> &)> then)
{
    QList<qint64> rowIds;
    rowIds.reserve(rows.size());
    for (const int row : rows)
        rowIds << m_photos.rowIdAt(row);
    readLines({}, rowIds, std::move(then));
}

void UploadsController::readLines(QStringList lines, const QList<qint64> &rowIds, std::function<void(const std::optional<QStringList> &)> then)
{
    qsizetype known = 0;
    while (known < rowIds.size()) {
        const UploadRow *row = m_photos.rowOf(rowIds.at(known));
        if (!row)
            break;
        lines << m_photos.line(*row);
        ++known;
    }
    const QList<qint64> page = rowIds.mid(known, ChosenPage);
    if (page.isEmpty())
        return then(lines);
    whenDone(m_feed.itemsByRowId(page), this,
             [this, lines = std::move(lines), rest = rowIds.mid(known + page.size()), then = std::move(then)](const Result<QList<store::ItemView>> &views) mutable {
                 if (!views)
                     return then(std::nullopt);
                 for (const store::ItemView &view : *views) {
                     const UploadRow *row = m_photos.rowOf(view.rowId); // knows what is sent right now, too
                     lines << m_photos.line(row ? *row : UploadRow{view, {}});
                 }
                 readLines(std::move(lines), rest, std::move(then));
             });
}

void UploadsController::setFilter(const store::ItemFilter &filter)
{
    m_photos.setFilter(filter);
    readCounts();
}

void UploadsController::selectBatch(const QUuid &batchId)
{
    store::ItemFilter filter = m_photos.filter();
    if (filter.batchId == batchId)
        return;
    filter.batchId = batchId;
    setFilter(filter);
}

void UploadsController::setGroup(store::ItemGroup group)
{
    store::ItemFilter filter = m_photos.filter();
    filter.group = group;
    setFilter(filter);
}

void UploadsController::setSearch(const QString &text)
{
    store::ItemFilter filter = m_photos.filter();
    filter.nameContains = text;
    setFilter(filter);
}

void UploadsController::setOrder(store::ItemFilter::Order order, bool isDescending)
{
    store::ItemFilter filter = m_photos.filter();
    filter.order = order;
    filter.isDescending = isDescending;
    setFilter(filter);
}

void UploadsController::seekFailed(int fromRow, bool isForward)
{
    store::ItemFilter filter = m_photos.filter();
    filter.group = store::ItemGroup::NeedsYou;
    whenDone(m_feed.itemOrder(filter), this, [this, fromRow, isForward](const Result<QList<qint64>> &order) {
        if (!order || order->isEmpty())
            return;
        const QList<int> rows = m_photos.rowsOf(*order);
        if (rows.isEmpty())
            return;
        int wanted = isForward ? rows.first() : rows.last(); // around the end
        for (const int row : rows) {
            if (isForward && row > fromRow) {
                wanted = row;
                break;
            }
            if (!isForward && row < fromRow)
                wanted = row;
        }
        Q_EMIT rowWanted(wanted);
    });
}

} // namespace photolift::ui
