#include "models/pipeline/engine.h"

#include "models/context/surroundingsprobe.h"
#include "models/pipeline/keptsettings.h"
#include "models/pipeline/pauses.h"
#include "models/pipeline/queuestateboard.h"
#include "models/pipeline/ratelimit.h"
#include "models/pipeline/recordasked.h"
#include "models/store/archive.h"
#include "models/store/mending.h"
#include "models/store/recorder.h"
#include "models/vocabulary/ids.h"
#include "models/vocabulary/stagelog.h"
#include "models/vocabulary/whendone.h"

#include <QLoggingCategory>

using namespace Qt::StringLiterals;

namespace photolift::pipeline {

namespace {
Q_LOGGING_CATEGORY(lcEngine, "photolift.pipeline")

constexpr int StopMs = 1000;
constexpr int LastWriteMs = 6000; ///< beyond the patience of SQLite itself
}

class Engine::Private
{
public:
    Private(Engine &engine, const Services &given, const Tuning &paces) : q(engine), services(given), tuning(paces) {}

    bool open();
    void connectParts();
    void takeUp();
    void updateGate();
    void serverAnswered(const wire::Info &info);
    void walkEnded(const QUuid &batchId);
    void itemEnded(const QUuid &itemId, const QUuid &clientUploadId);
    static void logCommitted(const store::Change &change);
    void committed(const store::Changes &changes);
    void lookIdle();
    void clearFinished();
    void finishStop();
    void whenStarted(std::function<void()> command); ///< on the engine's thread

    Engine &q;
    const Services services;
    const Tuning tuning;
    std::unique_ptr<EngineParts> parts;
    std::unique_ptr<QueueStateBoard> board;
    std::unique_ptr<KeptSettings> settings;
    std::unique_ptr<Pauses> pauses;
    std::unique_ptr<RateLimit> rateLimit;
    std::unique_ptr<store::Archive> archive;
    QList<std::function<void()>> beforeStart;
    QElapsedTimer stopping;
    bool isStopping = false;
    bool isStopped = false;
};

Engine::Engine(Services services, Tuning tuning, QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>(*this, services, tuning))
{
}

Engine::~Engine() = default;

bool Engine::Private::open()
{
    Result<std::unique_ptr<store::WorkList>> workList = store::WorkList::open(services.databasePath);
    if (!workList) {
        qCCritical(lcEngine).noquote() << "the queue cannot be read:" << errorName(workList.error().code) << workList.error().detail;
        QueueState state;
        state.hold = QueueState::Hold::Other;
        state.holdCode = workList.error().code;
        Q_EMIT q.queueStateChanged(state);
        return false;
    }
    parts = std::make_unique<EngineParts>(services, tuning, *std::move(workList));
    board = std::make_unique<QueueStateBoard>(services, tuning, *parts, nullptr);
    settings = std::make_unique<KeptSettings>(*services.recorder);
    pauses = std::make_unique<Pauses>(services, *settings, parts->scheduler, *board);
    rateLimit = std::make_unique<RateLimit>(services, *settings, *board);
    return true;
}

void Engine::Private::connectParts()
{
    EngineParts &p = *parts;
    QObject::connect(services.recorder, &store::Recorder::committed, &q, [this](const store::Changes &changes) { committed(changes); });
    QObject::connect(services.recorder, &store::Recorder::troubled, &q, [this](const Error &error) { parts->holds.hold(error.code); });
    QObject::connect(services.recorder, &store::Recorder::recovered, &q, [this] { parts->holds.noteListWritten(); });
    QObject::connect(services.surroundings, &context::SurroundingsProbe::networkChanged, &q, [this] {
        pauses->lookAtNetwork();
        parts->server.tryAgain();
        parts->holds.lookNow();
        parts->nextAttempts.allNow();
        parts->scheduler.tryNow();
    });

    QObject::connect(&p.intake, &Intake::batchAccepted, &q, &Engine::batchAccepted);
    QObject::connect(&p.intake, &Intake::batchRefused, &q, &Engine::batchRefused);
    QObject::connect(&p.intake, &Intake::fileAlreadyQueued, &q, [this](const AlreadyQueued &file) {
        Q_EMIT q.fileAlreadyQueued(file);
        if (file.isTriedAgain)
            parts->desk.retryItems({file.itemId});
    });
    QObject::connect(&p.intake, &Intake::fileLeftOut, &q, &Engine::fileLeftOut);
    QObject::connect(&p.intake, &Intake::walkProgressed, &q, &Engine::walkProgressed);
    QObject::connect(&p.intake, &Intake::walkBegan, &q, [this](const QUuid &batchId) { parts->scheduler.setCounting(batchId, true); });
    QObject::connect(&p.intake, &Intake::walkEnded, &q, [this](const QUuid &batchId) { walkEnded(batchId); });

    QObject::connect(&p.server, &ServerLink::answered, &q, [this](const wire::Info &info) { serverAnswered(info); });
    QObject::connect(&p.server, &ServerLink::changed, &q, [this] { updateGate(); });
    QObject::connect(&p.holds, &QueueHolds::held, &q, [this](ErrorCode code) {
        if (code == ErrorCode::LocalResourcesLow)
            parts->scheduler.halveSlots();
    });
    QObject::connect(&p.holds, &QueueHolds::lifted, &q, [this] {
        updateGate();
        if (!parts->holds.isHeld())
            parts->scheduler.holdLifted();
    });
    QObject::connect(&p.holds, &QueueHolds::changed, &q, [this] { updateGate(); });
    QObject::connect(&p.room, &RoomQuestion::changed, &q, [this] { updateGate(); });

    QObject::connect(&p.scheduler, &Scheduler::committed, &q, [this](const CommittedUpload &upload) { parts->follower.follow(upload); });
    QObject::connect(&p.scheduler, &Scheduler::attemptEnded, &q,
            [this](const QUuid &itemId, const QUuid &clientUploadId) { itemEnded(itemId, clientUploadId); });
    QObject::connect(&p.scheduler, &Scheduler::filled, &q, [this] {
        parts->follower.setBusy(parts->scheduler.active() > 0);
        board->changeSoon();
        if (parts->scheduler.isHungry())
            parts->lostCopies.feed();
        lookIdle();
    });
    QObject::connect(&p.early, &EarlySelection::skipped, &q, [this](const QUuid &itemId) { itemEnded(itemId, {}); });
    QObject::connect(&p.follower, &StatusFollower::verified, &q, &Engine::photoVerified);
    QObject::connect(&p.follower, &StatusFollower::verified, &p.scheduler, &Scheduler::regainSlot);
    QObject::connect(&p.follower, &StatusFollower::ended, &q, [this](const QUuid &itemId, const QUuid &id) {
        parts->twins.forget(id);
        itemEnded(itemId, id);
        parts->scheduler.wake();
    });
    QObject::connect(&p.follower, &StatusFollower::givenBack, &q, [this](const store::Item &item, const GivenBack &why) {
        parts->scheduler.takeBack(item, why);
    });
    QObject::connect(&p.follower, &StatusFollower::troubled, &q, [this](const Fault &fault) {
        if (fault.error.cause.httpStatus == 0)
            parts->server.noteUnreachable(fault.code());
        else if (fault.code() == ErrorCode::ApiTokenExpired)
            parts->server.lookNow(); // one place judges whether the sign-in has ended
    });
    QObject::connect(&p.nextAttempts, &NextAttempts::queuedAgain, &q, [this] { parts->scheduler.forgetPage(); });
    QObject::connect(&p.lostCopies, &LostCopies::taken, &p.scheduler, &Scheduler::forgetPage);
    QObject::connect(&p.lostCopies, &LostCopies::queued, &p.scheduler, &Scheduler::forgetPage);
    QObject::connect(&p.desk, &QueueDesk::cancelled, &q, &Engine::cancelled);
    QObject::connect(&p.desk, &QueueDesk::walkWanted, &q, [this](const QUuid &batchId) { parts->intake.reopen(batchId); });
    QObject::connect(board.get(), &QueueStateBoard::changed, &q, &Engine::queueStateChanged);
    QObject::connect(&p.feed, &ChangeFeed::itemsChanged, &q, &Engine::itemsChanged);
    QObject::connect(&p.feed, &ChangeFeed::batchesChanged, &q, &Engine::batchesChanged);
    QObject::connect(&p.sampler, &ProgressSampler::sampled, &q, [this](const QList<ItemProgress> &items) {
        Q_EMIT q.progressSampled(items);
        board->changeSoon();
    });
}

void Engine::Private::takeUp()
{
    if (const auto stored = parts->workList->settings())
        settings->takeUp(*stored);
    rateLimit->apply();
    pauses->takeUp();
    if (const qint64 lostMs = settings->said(store::ListLostSetting).toLongLong(); lostMs > 0)
        parts->workshop.listLostMs = lostMs;
    QList<store::Item> between;
    if (const auto items = parts->workList->unfinished()) {
        for (const store::Item &item : *items) {
            const auto progress = parts->workList->progress(item.clientUploadId);
            if (!progress || isTerminal(progress->attempt.status)) {
                between.append(item);
            } else if (item.isSafe && !progress->uploadId.isNull()) {
                parts->follower.follow({.itemId = item.itemId,
                                        .uploadId = progress->uploadId,
                                        .attempt = progress->attempt,
                                        .sha256 = item.sha256,
                                        .verification = {},
                                        .verificationMs = 0});
            } else {
                parts->scheduler.takeUp(item, *progress);
                if (item.errorCode == ErrorCode::UserCancelled) // and the step under way had not ended
                    parts->scheduler.runnerOf(item.itemId)->cancel();
            }
        }
    }
    parts->nextAttempts.start(between);
    if (const auto uncounted = parts->workList->uncountedBatches()) {
        for (const store::BatchAccepted &batch : *uncounted)
            parts->intake.takeUp(batch);
    }
}

void Engine::Private::updateGate()
{
    const bool isHeld = !parts->server.isReachable() || parts->holds.isHeld();
    parts->scheduler.setOpen(!isHeld && parts->room.isDecided() && !isStopping);
    parts->early.setActive(!isStopping);
    board->changeSoon();
}

void Engine::Private::serverAnswered(const wire::Info &info)
{
    Q_EMIT q.serverInfoChanged(info);
    updateGate();
    parts->follower.wake();
}

void Engine::Private::walkEnded(const QUuid &batchId)
{
    parts->forgetBatch(batchId); // its size is known now
    parts->room.ask();
    parts->scheduler.setCounting(batchId, false);
    lookIdle();
}

void Engine::Private::itemEnded(const QUuid &itemId, const QUuid &clientUploadId)
{
    Q_UNUSED(clientUploadId);
    if (const auto item = parts->workList->item(itemId); item && *item)
        parts->nextAttempts.noteEnded(**item);
    Q_EMIT q.itemEnded(itemId);
    lookIdle();
}

/// What the log says of stages is what is on record, the server's rows included.
void Engine::Private::logCommitted(const store::Change &change)
{
    if (const auto *stage = std::get_if<store::StageChanged>(&change))
        logStage(lcEngine(), stage->stage);
    else if (const auto *moved = std::get_if<store::AttemptChanged>(&change); moved && isTerminal(moved->attempt.status))
        logEnd(lcEngine(), moved->attempt);
}

void Engine::Private::committed(const store::Changes &changes)
{
    for (const store::Change &change : changes)
        logCommitted(change);
    board->changeSoon();
    parts->room.take(changes);
    const bool isMore = std::any_of(changes.begin(), changes.end(), [](const store::Change &change) {
        return std::holds_alternative<store::ItemsFound>(change);
    });
    const bool isAnew = std::any_of(changes.begin(), changes.end(), [](const store::Change &change) {
        return std::holds_alternative<store::CancelUndone>(change) || std::holds_alternative<store::WalkReopened>(change);
    });
    if (isAnew)
        parts->early.lookAnew();
    if (isMore) {
        parts->scheduler.forgetPage();
        parts->early.lookOn();
    }
    parts->feed.take(changes);
}

void Engine::Private::lookIdle()
{
    const bool isIdle = parts->scheduler.isIdle() && !parts->lostCopies.isFeeding() && parts->follower.count() == 0 && !parts->intake.isWalking() && parts->room.isDecided();
    if (isIdle)
        Q_EMIT q.idle();
}

void Engine::Private::clearFinished()
{
    if (!archive) {
        Result<std::unique_ptr<store::Archive>> opened = store::Archive::open(services.databasePath);
        if (!opened)
            return;
        archive = *std::move(opened);
    }
    whenDone(archive->batches(), &q, [this](const Result<QList<store::BatchView>> &batches) {
        if (!batches)
            return;
        store::Changes changes;
        for (const store::BatchView &view : *batches) {
            if (view.isCounted && view.moving == 0 && view.waiting == 0 && view.needsYou == 0)
                changes.append(store::BatchCleared{view.batch.batchId});
        }
        if (!changes.isEmpty())
            services.recorder->recordDurably(changes);
    });
}

void Engine::Private::finishStop()
{
    const QList<AttemptRunner *> runners = parts->scheduler.runners();
    const bool isMoving = std::any_of(runners.begin(), runners.end(), [](const AttemptRunner *runner) { return runner->hasSlot(); });
    if (isMoving && stopping.elapsed() < StopMs) {
        QTimer::singleShot(20, &q, [this] { finishStop(); });
        return;
    }
    for (AttemptRunner *runner : runners)
        runner->settle();
    parts->follower.settle();
    const auto end = [this] {
        if (!std::exchange(isStopped, true))
            Q_EMIT q.stopped();
    };
    // A list that is locked or a disk that is full may stay so for hours, and this program is asked to end now.
    QTimer::singleShot(LastWriteMs, &q, end);
    whenDone(services.recorder->recordDurably({}), &q, [end](const Result<> &) { end(); });
}

// Commands: queued to the engine's thread -----------------------------------------------------------------------------

void Engine::Private::whenStarted(std::function<void()> command)
{
    QMetaObject::invokeMethod(
        &q,
        [this, command = std::move(command)] {
            if (parts)
                command();
            else
                beforeStart.append(command); // start() may still be on its way
        },
        Qt::QueuedConnection);
}

void Engine::start()
{
    QMetaObject::invokeMethod(
        this,
        [this] {
            if (d->parts || !d->open())
                return;
            d->connectParts();
            d->takeUp();
            d->updateGate();
            for (const std::function<void()> &command : std::exchange(d->beforeStart, {}))
                command();
        },
        Qt::QueuedConnection);
}

void Engine::stop()
{
    QMetaObject::invokeMethod(
        this,
        [this] {
            if (d->isStopping)
                return;
            d->isStopping = true;
            if (!d->parts) {
                Q_EMIT stopped();
                return;
            }
            d->stopping.start();
            d->updateGate();
            d->parts->follower.stop();
            d->parts->intake.stop();
            d->finishStop();
        },
        Qt::QueuedConnection);
}

void Engine::accept(const Drop &drop)
{
    d->whenStarted([this, drop] { d->parts->intake.accept(drop); });
}

void Engine::pauseAll()
{
    d->whenStarted([this] { d->pauses->pauseAll(); });
}

void Engine::resumeAll()
{
    d->whenStarted([this] { d->pauses->resumeAll(); });
}

void Engine::pauseBatch(const QUuid &batchId)
{
    d->whenStarted([this, batchId] { d->pauses->setBatchPaused(batchId, true); });
}

void Engine::resumeBatch(const QUuid &batchId)
{
    d->whenStarted([this, batchId] { d->pauses->setBatchPaused(batchId, false); });
}

void Engine::putFirst(const QUuid &batchId)
{
    d->whenStarted([this, batchId] {
        recordAsked(*d->services.recorder, {store::BatchPriority{batchId, nowMs()}}, this, "a folder first",
                    [this](bool) { d->parts->scheduler.forgetPage(); });
    });
}

void Engine::clearFinished()
{
    d->whenStarted([this] { d->clearFinished(); });
}

void Engine::cancelBatch(const QUuid &batchId)
{
    d->whenStarted([this, batchId] {
        const bool hasStoppedWalk = d->parts->intake.cancelWalk(batchId);
        d->parts->desk.cancelBatch(batchId, hasStoppedWalk);
    });
}

void Engine::cancelItems(const QList<QUuid> &itemIds)
{
    d->whenStarted([this, itemIds] { d->parts->desk.cancelItems(itemIds); });
}

void Engine::undoCancel()
{
    d->whenStarted([this] { d->parts->desk.undoCancel(); });
}

void Engine::retryItems(const QList<QUuid> &itemIds)
{
    d->whenStarted([this, itemIds] { d->parts->desk.retryItems(itemIds); });
}

void Engine::retryAllFailed(const QUuid &batchId)
{
    d->whenStarted([this, batchId] {
        d->parts->desk.retryFailed(batchId);
        if (batchId.isNull())
            d->parts->nextAttempts.allNow();
    });
}

void Engine::retryByCause(ErrorCode cause)
{
    d->whenStarted([this, cause] { d->parts->desk.retryByCause(cause); });
}

void Engine::skipItems(const QList<QUuid> &itemIds)
{
    d->whenStarted([this, itemIds] { d->parts->desk.skipItems(itemIds); });
}

QFuture<Result<>> Engine::bringAgain(const QList<QUuid> &clientUploadIds)
{
    return d->parts ? d->parts->lostCopies.take(clientUploadIds)
                    : QtFuture::makeReadyFuture(Result<>(Error{ErrorCode::LocalListBusy, u"the queue is not open yet"_s}));
}

void Engine::setRateLimit(qint64 bytesPerSecond)
{
    d->whenStarted([this, bytesPerSecond] { d->rateLimit->set(bytesPerSecond); });
}

void Engine::setRateLimitForNow(qint64 bytesPerSecond)
{
    d->whenStarted([this, bytesPerSecond] { d->rateLimit->setForNow(bytesPerSecond); });
}

void Engine::tryNow()
{
    d->whenStarted([this] {
        d->parts->server.tryAgain();
        d->parts->holds.lookNow();
        d->parts->nextAttempts.allNow();
        d->parts->scheduler.tryNow();
    });
}

void Engine::serverReady(const QUrl &address, const QByteArray &token)
{
    d->whenStarted([this, address, token] {
        d->parts->server.serverReady(address, token);
        d->parts->scheduler.tryNow();
    });
}

void Engine::serverAbsent()
{
    d->whenStarted([this] { d->parts->server.noteAbsent(ErrorCode::NetworkConnectFailed); });
}

} // namespace photolift::pipeline
