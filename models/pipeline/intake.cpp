#include "models/pipeline/intake.h"

#include "models/pipeline/firstlooks.h"
#include "models/store/recorder.h"
#include "models/vocabulary/faultpoint.h"
#include "models/vocabulary/ids.h"
#include "models/vocabulary/whendone.h"

#include <QLoggingCategory>

using namespace Qt::StringLiterals;

namespace photolift::pipeline {

namespace {
Q_LOGGING_CATEGORY(lcIntake, "photolift.pipeline")

constexpr int MostOnTheirWay = 4;

bool isBelow(const QByteArray &path, const QByteArray &folder)
{
    return path == folder || path.startsWith(folder.endsWith('/') ? folder : QByteArray(folder + '/'));
}

/// One of them holds the other: the same file may be in both.
bool overlap(const QList<QByteArray> &roots, const QList<QByteArray> &others)
{
    for (const QByteArray &root : roots) {
        for (const QByteArray &other : others) {
            if (isBelow(root, other) || isBelow(other, root))
                return true;
        }
    }
    return false;
}

QString nameOf(const Drop &drop)
{
    if (!drop.label.isEmpty())
        return drop.label;
    const QByteArray first = drop.paths.first();
    return QString::fromUtf8(first.mid(first.lastIndexOf('/') + 1));
}
}

Intake::Intake(const Workshop &workshop, store::WorkList &workList, QList<QByteArray> ownFolders, QObject *parent)
    : QObject(parent)
    , m_workshop(workshop)
    , m_workList(workList)
    , m_ownFolders(std::move(ownFolders))
    , m_room(std::make_shared<QSemaphore>(MostOnTheirWay))
{
}

Intake::~Intake()
{
    stop();
    m_room->release(1000); // whoever waits to hand over goes on to its end
    for (auto &[id, walk] : m_walks)
        walk.thread->wait();
}

void Intake::stop()
{
    m_isStopped = true;
    for (auto &[id, walk] : m_walks) {
        walk.isCutShort = walk.isCutShort || walk.isReopened || !*walk.cancelled;
        *walk.cancelled = true;
    }
}

Result<ProjectRecord> Intake::project(const QString &name)
{
    const Result<std::optional<ProjectRecord>> known = m_workList.projectNamed(name);
    if (!known)
        return known.error();
    if (*known)
        return **known;
    // Not there yet, but perhaps on its way there with a drop of a moment ago: one name is one project.
    ProjectRecord &project = m_newProjects[name];
    if (project.projectId.isNull()) {
        project.projectId = newUuid7();
        project.name = name;
    }
    return project;
}

/// Nearly always none: only these are asked for every file that is found. For another project the same file is another photo.
QList<qint64> Intake::earlierDrops(const store::BatchAccepted &batch)
{
    const Result<QList<store::OpenDrop>> open = m_workList.openDrops(batch.batch.batchId);
    if (!open)
        qCWarning(lcIntake).noquote() << "the queue cannot be read:" << open.error().detail;
    QList<qint64> drops;
    for (const store::OpenDrop &drop : open ? *open : QList<store::OpenDrop>()) {
        if (drop.projectId == batch.project.projectId && overlap(drop.roots, batch.roots))
            drops << drop.rowId;
    }
    return drops;
}

QHash<QByteArray, store::QueuedPhoto> Intake::queuedBefore(const Walk &walk, const WalkHarvest &harvest)
{
    if (walk.earlier.isEmpty())
        return {};
    QList<QByteArray> paths;
    for (const FoundFile &file : harvest.files)
        paths << file.absolutePath;
    const Result<QHash<QByteArray, store::QueuedPhoto>> queued = m_workList.queuedAmong(paths, walk.earlier);
    if (!queued)
        qCWarning(lcIntake).noquote() << "the queue cannot be read:" << queued.error().detail;
    return queued ? *queued : QHash<QByteArray, store::QueuedPhoto>();
}

/// Typing a command again asks for another try of what failed. In the window a drop says how much of it has arrived, so it counts such
/// a photo as its own.
bool Intake::goesOnThere(const Walk &walk, const store::QueuedPhoto &before)
{
    return !before.needsYou || walk.batch.batch.source == SourceKind::Cli;
}

bool Intake::overlapsWalk(const store::BatchAccepted &batch) const
{
    return std::any_of(m_walks.cbegin(), m_walks.cend(), [&](const auto &walk) { return overlap(walk.second.batch.roots, batch.roots); });
}

void Intake::accept(const Drop &drop)
{
    if (drop.paths.isEmpty()) {
        Q_EMIT batchRefused(drop.batchId, Error{ErrorCode::SelectionFileMissing, u"nothing was dropped"_s});
        return;
    }
    const Result<ProjectRecord> project = this->project(drop.projectName);
    if (!project) {
        Q_EMIT batchRefused(drop.batchId, project.error());
        return;
    }
    store::BatchAccepted accepted;
    accepted.project = *project;
    accepted.batch.batchId = drop.batchId;
    accepted.batch.name = nameOf(drop);
    accepted.batch.projectId = project->projectId;
    accepted.batch.source = drop.source;
    accepted.batch.sourceLabel = drop.label;
    accepted.batch.createdMs = nowMs();
    accepted.roots = drop.paths;
    accepted.isBackground = drop.isBackground;
    whenDone(m_workshop.recorder.recordDurably({accepted}), this, [this, accepted](const Result<> &recorded) {
        if (!recorded) {
            Q_EMIT batchRefused(accepted.batch.batchId, recorded.error());
            return;
        }
        faultPoint("pipeline.queued");
        Q_EMIT batchAccepted(accepted.batch.batchId);
        begin(accepted);
    });
}

void Intake::takeUp(const store::BatchAccepted &batch)
{
    begin(batch);
}

void Intake::begin(const store::BatchAccepted &batch)
{
    Q_EMIT walkBegan(batch.batch.batchId);
    if (overlapsWalk(batch))
        m_later.append(batch);
    else
        startWalk(batch);
}

void Intake::startWalk(const store::BatchAccepted &batch)
{
    if (m_isStopped)
        return;
    const QUuid id = batch.batch.batchId;
    Walk &walk = m_walks[id];
    walk.batch = batch;
    walk.earlier = earlierDrops(batch);
    walk.thread.reset(QThread::create([this, id, roots = batch.roots, cancelled = walk.cancelled, room = m_room] {
        // `this` outlives the thread: the destructor waits for it.
        const bool isComplete = pipeline::walk(
            roots,
            [this, id, room](WalkHarvest &&harvest) {
                room->acquire();
                QMetaObject::invokeMethod(
                    this, [this, id, harvest = std::move(harvest)] { harvested(id, harvest); }, Qt::QueuedConnection);
            },
            *cancelled, m_ownFolders);
        QMetaObject::invokeMethod(this, [this, id, isComplete] { ended(id, isComplete); }, Qt::QueuedConnection);
    }));
    walk.thread->setObjectName(u"walk"_s);
    walk.thread->start();
}

void Intake::harvested(const QUuid &batchId, const WalkHarvest &harvest)
{
    faultPoint("pipeline.walk.batch");
    const auto found = m_walks.find(batchId);
    if (found == m_walks.end() || *found->second.cancelled) { // what a cancelled walk had on its way is not queued any more
        m_room->release();
        return;
    }
    Walk &walk = found->second;
    for (const LeftOutPath &left : harvest.leftOut) {
        walk.unread += left.code == ErrorCode::SelectionSkippedSpecial ? 0 : 1;
        Q_EMIT fileLeftOut({batchId, left.path, left.code});
    }
    m_workshop.firstLooks.noteWalked(batchId);
    store::ItemsFound items;
    items.batchId = batchId;
    const QHash<QByteArray, store::QueuedPhoto> known = queuedBefore(walk, harvest);
    for (const FoundFile &file : harvest.files) {
        if (const auto before = known.constFind(file.absolutePath); before != known.cend() && goesOnThere(walk, *before)) {
            Q_EMIT fileAlreadyQueued({batchId, before->itemId, file.absolutePath, before->needsYou});
            continue;
        }
        store::Item item;
        item.itemId = newUuid7();
        item.batchId = batchId;
        item.ordinal = walk.found++;
        item.absolutePath = file.absolutePath;
        item.relativePath = file.relativePath;
        item.identity = file.identity;
        items.items.append(item);
    }
    const WalkProgress progress{batchId, walk.found, false};
    whenDone(m_workshop.recorder.recordDurably({items}), this, [this, progress](const Result<> &recorded) {
        m_room->release();
        if (recorded)
            Q_EMIT walkProgressed(progress);
    });
}

void Intake::ended(const QUuid &batchId, bool isComplete)
{
    const auto found = m_walks.find(batchId);
    if (found == m_walks.end() || found->second.isCutShort) // not counted: the next start goes on
        return;
    Walk &walk = found->second;
    walk.thread->wait();
    if (!isComplete && !*walk.cancelled)
        qCWarning(lcIntake) << "a walk ended early";
    if (walk.isReopened)
        return walkAgain(batchId);
    walk.isCountStale = false;
    const qint64 files = walk.found;
    // A cancelled walk is complete as far as it went: nobody waits for the rest.
    whenDone(m_workshop.recorder.recordDurably({store::BatchCounted{batchId, walk.unread}}), this,
             [this, batchId, files](const Result<> &) {
                 if (m_walks.at(batchId).isCountStale)
                     return ended(batchId, false);
                 m_walks.erase(batchId);
                 Q_EMIT walkProgressed({batchId, files, true});
                 Q_EMIT walkEnded(batchId);
                 for (const store::BatchAccepted &batch : std::exchange(m_later, {})) {
                     if (overlapsWalk(batch))
                         m_later.append(batch);
                     else
                         startWalk(batch);
                 }
             });
}

void Intake::reopen(const QUuid &batchId)
{
    m_workshop.recorder.recordDurably({store::WalkReopened{batchId}}); // a kill from now on ends with a walk, too
    if (const auto found = m_walks.find(batchId); found != m_walks.end()) {
        found->second.isReopened = found->second.isCountStale = true; // as soon as it has ended
        return;
    }
    const auto batch = m_workList.batch(batchId);
    if (batch && *batch)
        begin(**batch);
}

void Intake::walkAgain(const QUuid &batchId)
{
    const store::BatchAccepted batch = m_walks.at(batchId).batch;
    m_walks.erase(batchId);
    startWalk(batch);
}

bool Intake::isWalking(const QUuid &batchId) const
{
    return m_walks.contains(batchId)
        || std::any_of(m_later.cbegin(), m_later.cend(), [&](const auto &batch) { return batch.batch.batchId == batchId; });
}

bool Intake::cancelWalk(const QUuid &batchId)
{
    for (qsizetype at = 0; at < m_later.size(); ++at) {
        if (m_later[at].batch.batchId == batchId) {
            m_later.removeAt(at);
            whenDone(m_workshop.recorder.recordDurably({store::BatchCounted{batchId}}), this,
                     [this, batchId](const Result<> &) {
                         if (isWalking(batchId))
                             return; // that was taken back meanwhile
                         Q_EMIT walkProgressed({batchId, 0, true});
                         Q_EMIT walkEnded(batchId);
                     });
            return true;
        }
    }
    const auto found = m_walks.find(batchId);
    if (found == m_walks.end())
        return false;
    const bool isGoingOn = !found->second.cancelled->exchange(true) || found->second.isReopened;
    found->second.isReopened = false;
    return isGoingOn;
}

} // namespace photolift::pipeline
