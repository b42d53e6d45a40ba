#include "models/pipeline/attemptrunner.h"

#include "models/context/surroundingsprobe.h"
#include "models/photo/kind.h"
#include "models/pipeline/firstlooks.h"
#include "models/pipeline/retryquota.h"
#include "models/pipeline/serverlink.h"
#include "models/pipeline/twinwatch.h"
#include "models/store/recorder.h"
#include "models/vocabulary/correlation.h"
#include "models/vocabulary/faultpoint.h"
#include "models/vocabulary/ids.h"
#include "models/vocabulary/whendone.h"

#include <QtConcurrentRun>

using namespace Qt::StringLiterals;

namespace photolift::pipeline {

AttemptRunner::AttemptRunner(const Workshop &workshop, store::Item item, const store::BatchAccepted &batch, QObject *parent)
    : QObject(parent)
    , m_workshop(workshop)
    , m_book(std::move(item), batch, workshop.surroundings.current(workshop.isEmbeddedServer), nowMs())
{
    connectTimers();
}

AttemptRunner::AttemptRunner(const Workshop &workshop, store::Item item, store::WorkList::Progress progress,
                             std::optional<GivenBack> givenBack, QObject *parent)
    : QObject(parent)
    , m_workshop(workshop)
    , m_book(std::move(item), progress)
    , m_stage(m_book.newestStage())
    , m_waiting(Waiting::Turn)
    , m_givenBack(givenBack)
    , m_isCommitSent(progress.isCommitSent && !progress.uploadId.isNull() && progress.photo)
    , m_upload(progress)
    , m_faults(progress.attempt.metadata["file_restarts"_L1].toInt())
{
    connectTimers();
    // Of the server's word and of a commit without an answer nobody may say "failed".
    if (!m_givenBack && !m_isCommitSent)
        m_patience.start(workshop.tuning.longForMs);
}

AttemptRunner::~AttemptRunner() = default;

void AttemptRunner::connectTimers()
{
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer); // a coarse one may come 5 % before what a server asked for
    connect(&m_timer, &QTimer::timeout, this, &AttemptRunner::wake);
    m_patience.setSingleShot(true);
    connect(&m_patience, &QTimer::timeout, this, &AttemptRunner::patienceEnded);
}

void AttemptRunner::grantSlot()
{
    const CorrelationScope scope(id());
    m_hasSlot = true;
    m_timer.stop();
    m_patience.stop(); // the try itself decides
    if (m_hasEnded)
        return; // its end is being written
    const Waiting before = std::exchange(m_waiting, Waiting::Nothing);
    if (before == Waiting::Nothing) {
        m_unwritten = m_book.begin() + m_book.enter(Stage::Selection);
        go(Stage::Selection);
    } else if (before != Waiting::Turn) {
        go(m_stage);
    } else if (m_givenBack) {
        sendAgain(*std::exchange(m_givenBack, std::nullopt));
    } else {
        m_workshop.recorder.record(m_book.restartedProgram());
        go(m_isCommitSent ? Stage::Verification : Stage::Selection);
    }
}

void AttemptRunner::go(Stage stage)
{
    m_stage = stage;
    if (m_hasEnded)
        return;
    if (m_isCancelled) {
        endCancelled();
        return;
    }
    if (m_isPaused && !m_isCommitSent) {
        if (m_unwritten.isEmpty())
            m_workshop.recorder.record(m_book.paused());
        park(Waiting::Pause);
        return;
    }
    if (m_unwritten.isEmpty() && m_book.attempt().status != Status::Running)
        m_workshop.recorder.record(m_book.running());
    switch (stage) {
    case Stage::Selection:
        select();
        break;
    case Stage::Preprocessing:
        prepare();
        break;
    case Stage::Initiation:
    case Stage::Transfer:
        if (m_prepared.hash.partKind != partKindWanted())
            hashForThisServer();
        else if (!m_workshop.twins.leads(id()))
            leadWasLost();
        else if (stage == Stage::Initiation)
            ask();
        else
            transferParts();
        break;
    default:
        commit();
    }
}

// Selection ---------------------------------------------------------------------------------------------------------

void AttemptRunner::select()
{
    const int apartMs = m_workshop.tuning.stableLookMs;
    if (const qint64 leftMs = m_seen ? apartMs - m_sinceSeen.elapsed() : 0; leftMs > 0) { // whoever is in a hurry
        park(Waiting::SecondLook);
        m_timer.start(std::chrono::milliseconds(leftMs));
        return;
    }
    if (m_unwritten.isEmpty())
        m_workshop.recorder.record(m_book.enter(Stage::Selection));
    whenDone(QtConcurrent::run(&m_workshop.looks, selectFile, item().absolutePath, m_seen ? m_seen : m_workshop.firstLooks.of(item())), this,
             [this](const SelectionAnswer &answer) { selected(answer); });
}

void AttemptRunner::selected(const SelectionAnswer &answer)
{
    const CorrelationScope scope(id());
    ++m_looks;
    if (m_isCancelled) {
        endCancelled();
        return;
    }
    if (!answer.file) {
        const Error &error = answer.file.error();
        if (error.code == ErrorCode::SelectionStillWriting) {
            m_sinceSeen.start();
            if (!std::exchange(m_seen, answer.seen)) { // nothing is wrong yet, the second look decides
                park(Waiting::SecondLook);
                m_timer.start(m_workshop.tuning.stableLookMs);
                return;
            }
        }
        const bool isNoPhoto = error.code == ErrorCode::SelectionNotAccepted || error.code == ErrorCode::SelectionFileEmpty;
        if (isNoPhoto && isLostCopy())
            endAnotherFile(Stage::Selection);
        else if (isNoPhoto)
            skip(error, Stage::Selection);
        else
            failed(Stage::Selection, faultOf(error));
        return;
    }
    m_file = *answer.file;
    m_workshop.recorder.record(std::exchange(m_unwritten, {})
                               + m_book.leave(Stage::Selection, true, {{u"looks"_s, m_looks}}));
    m_looks = 0;
    m_seen.reset();
    go(Stage::Preprocessing);
}

void AttemptRunner::skip(const Error &error, Stage stage)
{
    if (m_unwritten.isEmpty()) { // the attempt is on record already: it ends here
        store::Changes changes = m_book.fault(stage, faultOf(error), 1, true) + m_book.leave(stage, false);
        finishWith(changes + m_book.end(Status::Failed, ItemState::Skipped, error.code, stage, {}));
        return;
    }
    m_unwritten.clear();
    store::Item item = m_book.item();
    item.state = ItemState::Skipped;
    item.errorCode = error.code;
    item.errorStage = stage;
    item.isMissed = photo::severityWhenSkipped(error.code, item.relativePath) >= photo::MissedSeverity;
    item.attemptNumber -= 1;
    item.clientUploadId = {};
    m_hasEnded = true;
    whenDone(m_workshop.recorder.recordDurably({store::ItemMoved{item}}), this,
             [this](const Result<> &) { Q_EMIT skipped(); });
    // Without the slot: in a folder of 10,000 texts the commits of many are one, instead of each waiting for its own.
    if (std::exchange(m_hasSlot, false))
        Q_EMIT slotReleased();
}

// Preprocessing -----------------------------------------------------------------------------------------------------

void AttemptRunner::prepare()
{
    m_workshop.recorder.record(m_book.enter(Stage::Preprocessing));
    m_upload.guessPartBytes(m_workshop.server.info());
    m_preparation = std::make_unique<PreparationStep>(m_workshop.helper, m_workshop.pool, nullptr);
    connect(m_preparation.get(), &PreparationStep::finished, this, &AttemptRunner::prepared);
    m_preparation->start(m_file, item().absolutePath, m_book.attempt(), m_upload.partBytes(), partKindWanted());
}

/// What the server said it wants; SHA-256 as long as it has said nothing.
photo::DigestKind AttemptRunner::partKindWanted() const
{
    const std::optional<wire::Info> &info = m_workshop.server.info();
    return info ? photo::digestKind(info->partChecksum).value_or(photo::DigestKind::Sha256) : photo::DigestKind::Sha256;
}

/// The parts were hashed before the server was asked, or another server or store is there now: its kind of checksum is made first,
/// and the server asked (again) what it holds. What was hashed for another store is never sent.
void AttemptRunner::hashForThisServer()
{
    if (const std::optional<StageRecord> row = m_book.stage(m_stage); row && !row->endedMs)
        m_workshop.recorder.record(m_book.retried(m_stage) + m_book.leave(m_stage, false));
    m_upload.dropLinks();
    m_hasAskedWhatItWants = false;
    go(Stage::Preprocessing);
}

void AttemptRunner::prepared(const Result<Prepared> &prepared)
{
    const CorrelationScope scope(id());
    m_preparation.release()->deleteLater();
    if (m_isCancelled) {
        endCancelled();
        return;
    }
    if (!prepared) {
        failed(Stage::Preprocessing, faultOf(prepared.error()));
        return;
    }
    m_prepared = *prepared;
    if (!m_hashBefore.isEmpty() && m_hashBefore != m_prepared.hash.sha256) {
        m_hashBefore.clear();
        failed(Stage::Preprocessing, faultOf(Error{ErrorCode::PreprocessingReadsDiffer, {}}));
        return;
    }
    m_hashBefore.clear();
    const QString sha256 = QString::fromLatin1(m_prepared.hash.sha256.toHex());
    if (isLostCopy() && sha256 != item().lostSha256) {
        endAnotherFile(Stage::Preprocessing);
        return;
    }
    store::Changes changes;
    if (m_prepared.metadataNote)
        changes += m_book.fault(Stage::Preprocessing, faultOf(*m_prepared.metadataNote), 1, false);
    changes += m_book.photoKnown(m_prepared.photo);
    changes += m_book.leave(Stage::Preprocessing, true, m_prepared.timings);
    const QUuid twin = m_workshop.twins.leaderOf(item().batchId, sha256, m_prepared.hash.size, id(), item().itemId);
    if (!twin.isNull())
        m_book.note("duplicate_of"_L1, idText(twin));
    m_book.note("server_offset_ms"_L1, m_workshop.api.clockOffsetMs());
    if (const std::optional<qint64> skew = clockSkewMs(m_workshop.api.clockOffsetMs()))
        m_book.note("clock_skew"_L1, *skew);
    changes += m_book.hashed(sha256, storedIdentity(m_file.identity));
    m_workshop.recorder.record(changes);
    if (twin.isNull())
        go(Stage::Initiation);
    else
        waitAsTwin();
}

// Initiation --------------------------------------------------------------------------------------------------------

void AttemptRunner::ask()
{
    const store::Changes changes = m_book.enter(Stage::Initiation)
        + m_book.networkSeen(m_workshop.surroundings.current(m_workshop.isEmbeddedServer).network);
    const AttemptRecord &attempt = m_book.attempt();
    wire::Question question;
    question.sha256 = item().sha256;
    question.size = m_prepared.hash.size;
    question.name = attempt.relativePath.mid(attempt.relativePath.lastIndexOf(u'/') + 1);
    question.mediaType = m_prepared.photo.mimeType;
    question.modifiedMs = item().identity.modifiedNs / 1'000'000;
    question.project = m_workshop.projectOf(item().batchId);
    question.batch = m_workshop.batchOf(item().batchId);
    question.attempt = attempt;
    question.parts = m_upload.firstParts(m_prepared.hash, m_workshop.tuning.firstLinks);
    if (const qint64 ago = nowMs() - m_workshop.listLostMs.value_or(0); ago >= 0 && ago < wire::LinkSeconds * 1000LL)
        question.lostListMs = ago;
    // Durable first: the server must never know of an attempt, or of a version of its row, that a kill can take from us.
    whenDone(m_workshop.recorder.recordDurably(changes), this, [this, question](const Result<> &recorded) {
        const CorrelationScope scope(id());
        if (m_isCancelled)
            endCancelled();
        else if (!recorded)
            failed(Stage::Initiation, faultOf(recorded.error()));
        else
            whenDone(m_workshop.api.ask(question), this,
                     [this](const transfer::ApiAnswer<wire::Offer> &answer) { offered(answer); });
    });
    noteRequest(Stage::Initiation);
}

void AttemptRunner::offered(const transfer::ApiAnswer<wire::Offer> &answer)
{
    const CorrelationScope scope(id());
    faultPoint("pipeline.ask.after");
    if (!answer) {
        if (m_isCancelled)
            endCancelled();
        else
            failed(Stage::Initiation, faultOf(answer.fault));
        return;
    }
    const wire::Offer &offer = *answer.value;
    noteProgress();
    if (offer.kind == wire::Offer::Kind::Duplicate) {
        endDuplicate(offer);
        return;
    }
    if (offer.kind == wire::Offer::Kind::Refused) {
        endRefused(offer);
        return;
    }
    const bool hasOurParts = m_upload.agree(offer, m_prepared.hash);
    const QString outcome = offer.kind == wire::Offer::Kind::Resume ? u"resume"_s : u"upload"_s;
    m_workshop.recorder.record(m_book.leave(Stage::Initiation, true, {{u"outcome"_s, outcome}})
                               + store::Changes{store::UploadAssigned{id(), m_upload.id(), m_upload.partBytes()}});
    if (offer.isCommitted) {
        m_isCommitSent = true;
        m_workshop.recorder.record(m_book.enter(Stage::Verification));
        if (std::exchange(m_isCancelled, false)) // it came too late: only the row says so
            m_workshop.recorder.record(m_book.cancelMeant(false) + m_book.cancelAsked());
        leaveToServer();
    } else {
        go(hasOurParts ? Stage::Transfer : Stage::Preprocessing);
    }
}

void AttemptRunner::endDuplicate(const wire::Offer &offer)
{
    store::Changes changes = m_book.leave(Stage::Initiation, true, {{u"outcome"_s, u"duplicate"_s}});
    finishWith(changes + m_book.end(Status::Duplicate, ItemState::Duplicate, {}, {}, {}, offer.rowVersion + 1));
}

void AttemptRunner::endRefused(const wire::Offer &offer)
{
    const Error error{offer.refusedWith.value_or(ErrorCode::ValidationInvalidImage), u"the server refused the same bytes before"_s};
    store::Changes changes = m_book.fault(Stage::Initiation, faultOf(error), 1, true);
    changes += m_book.leave(Stage::Initiation, false, {{u"outcome"_s, u"refused"_s}});
    finishWith(changes + m_book.end(Status::Failed, ItemState::NeedsYou, error.code, Stage::Initiation, {}, offer.rowVersion + 1));
}

// Transfer ----------------------------------------------------------------------------------------------------------

void AttemptRunner::transferParts()
{
    m_workshop.recorder.record(m_book.enter(Stage::Transfer));
    TransferOrder order = m_upload.order(m_prepared.hash);
    order.clientUploadId = id();
    order.descriptor = m_file.descriptor;
    const NetworkFacts network = m_workshop.surroundings.current(m_workshop.isEmbeddedServer).network;
    order.bytesPerSecond = qint64(network.typicalBandwidthKbps.value_or(0)) * 1000 / 8;
    m_transfer = std::make_unique<TransferStep>(m_workshop.api, m_workshop.dataPlane, order, nullptr);
    connect(m_transfer.get(), &TransferStep::partAcknowledged, this, [this](const store::PartAcknowledged &part) {
        const CorrelationScope scope(id());
        m_storeHost = m_transfer->storeHost();
        noteRequest(Stage::Transfer);
        m_upload.acknowledged(part);
        m_workshop.recorder.record({part});
        noteProgress();
    });
    connect(m_transfer.get(), &TransferStep::finished, this, &AttemptRunner::transferEnded);
    connect(m_transfer.get(), &TransferStep::stopped, this, [this] {
        const CorrelationScope scope(id());
        m_transfer.release()->deleteLater();
        go(Stage::Transfer); // to where a cancel or a pause waits
    });
    connect(m_transfer.get(), &TransferStep::failed, this, [this](const Fault &fault) {
        const CorrelationScope scope(id());
        m_storeHost = m_transfer->storeHost();
        m_transfer.release()->deleteLater();
        if (fault.code() != ErrorCode::TransferDamagedOnTheWay) {
            transferFailed(fault);
            return;
        }
        // The store got other bytes than were hashed: was it the way, or has the file changed?
        lookAtSource([this, fault](const std::optional<Error> &change) { transferFailed(change ? faultOf(*change) : fault); });
    });
    m_transfer->start();
}

void AttemptRunner::transferFailed(const Fault &fault)
{
    if (m_isCancelled)
        endCancelled();
    else
        failed(Stage::Transfer, fault);
}

/// The same file still? Then nothing; else why not.
void AttemptRunner::lookAtSource(const std::function<void(const std::optional<Error> &)> &then)
{
    whenDone(QtConcurrent::run(&m_workshop.looks, [path = item().absolutePath] { return photo::identityOf(path); }), this,
             [this, then](const Result<photo::FileIdentity> &identity) {
                 const CorrelationScope scope(id());
                 if (!identity)
                     then(identity.error());
                 else if (*identity != m_file.identity)
                     then(Error{ErrorCode::SelectionFileChanged, u"another size, time or inode after sending"_s});
                 else
                     then(std::nullopt);
             });
}

void AttemptRunner::transferEnded()
{
    QJsonObject metadata = m_upload.metadata(m_prepared.hash);
    const QJsonObject timings = m_transfer->timings();
    for (auto timing = timings.begin(); timing != timings.end(); ++timing)
        metadata[timing.key()] = timing.value();
    m_transfer.release()->deleteLater();
    // Its parts were what was hashed; now neither name nor content may have moved.
    lookAtSource([this, metadata](const std::optional<Error> &change) {
        if (m_isCancelled || change) {
            transferFailed(change ? faultOf(*change) : Fault{});
            return;
        }
        store::Changes changes = m_book.leave(Stage::Transfer, true, metadata);
        const std::optional<StageRecord> row = m_book.stage(Stage::Transfer);
        m_workshop.surroundings.noteTransfer(m_upload.sentBytes(), row->durationMs.value_or(0), metadata["rtt_us"_L1].toInteger(),
                                             m_workshop.isEmbeddedServer);
        changes += m_book.networkSeen(m_workshop.surroundings.current(m_workshop.isEmbeddedServer).network);
        m_workshop.recorder.record(changes);
        go(Stage::Verification);
    });
}

// Verification ------------------------------------------------------------------------------------------------------

void AttemptRunner::commit()
{
    faultPoint("pipeline.commit.before");
    m_isCommitSent = true;
    const store::Changes changes = m_book.enter(Stage::Verification) + m_book.leftForServer(true)
        + store::Changes{store::CommitSent{id()}};
    wire::Commit commit;
    commit.sha256 = item().sha256;
    commit.size = m_book.attempt().fileSize;
    commit.attempt = m_book.attempt();
    commit.photo = m_book.photo().value_or(PhotoRecord());
    whenDone(m_workshop.recorder.recordDurably(changes), this, [this, commit](const Result<> &recorded) {
        const CorrelationScope scope(id());
        if (!recorded) {
            failed(Stage::Verification, faultOf(recorded.error()));
            return;
        }
        whenDone(m_workshop.api.commit(m_upload.id(), commit), this,
                 [this](const transfer::ApiAnswer<std::monostate> &answer) { commitAnswered(answer); });
        faultPoint("pipeline.commit.after");
    });
    noteRequest(Stage::Verification);
}

void AttemptRunner::commitAnswered(const transfer::ApiAnswer<std::monostate> &answer)
{
    const CorrelationScope scope(id());
    if (!answer) {
        failed(Stage::Verification, faultOf(answer.fault));
        return;
    }
    faultPoint("pipeline.commit.answered");
    noteProgress();
    leaveToServer();
}

void AttemptRunner::leaveToServer()
{
    CommittedUpload upload;
    upload.itemId = item().itemId;
    upload.uploadId = m_upload.id();
    upload.attempt = m_book.attempt();
    upload.sha256 = item().sha256;
    upload.verification = m_book.stage(Stage::Verification);
    upload.verificationMs = m_book.durationMs(Stage::Verification);
    m_hasEnded = true;
    Q_EMIT committed(upload);
}

} // namespace photolift::pipeline
