#include "app/server/work/worker.h"

#include "app/server/work/jobtable.h"
#include "app/server/work/ledger.h"
#include "app/server/work/lowpriority.h"
#include "app/server/work/objecttable.h"
#include "app/server/work/photosandbox.h"
#include "app/server/work/removaltable.h"
#include "app/server/work/secondlook.h"
#include "app/server/work/statement.h"
#include "app/server/work/uploadstory.h"
#include "models/store/database.h"
#include "models/vocabulary/correlation.h"
#include "models/vocabulary/faultpoint.h"
#include "models/vocabulary/ids.h"

#include <QElapsedTimer>
#include <QLoggingCategory>
#include <QRandomGenerator>

#include <algorithm>
#include <utility>

using namespace Qt::StringLiterals;

Q_LOGGING_CATEGORY(lcServerWork, "photolift.server.work")

namespace photolift::server {

namespace {

/// A defect that no code describes is tried so often before the attempt ends with it.
constexpr int TriesOfTheUnknown = 5;

void passFaultPoint(Stage stage, const char *where)
{
    faultPoint(QByteArray("work.").append(stageName(stage).data()).append('.').append(where));
}

} // namespace

struct Worker::Loaded {
    Upload upload;
    Job job;
    bool areBytesGoing = false; ///< equal ones are just being removed from the store
};

Worker::Worker(Options options, ObjectStore &store, DatabaseThreads &database, Changed changed)
    : m_options(std::move(options))
    , m_store(store)
    , m_database(database)
    , m_changed(std::move(changed))
    , m_owner(m_options.home + u'/' + idText(newUuid7()))
    , m_reprocessor({m_owner, m_options.lease, m_options.retryBase, m_options.retryCap, m_changed}, m_database)
{
}

Worker::~Worker()
{
    stop();
}

Result<> Worker::start()
{
    photo::Helper::Options helper;
    helper.program = m_options.photoProgram;
    helper.processes = m_options.examiningThreads + 1; // an upload never waits for what is done again
    helper.isOneShot = true;
    helper.deadlineMs = m_options.helperDeadlineMs;
    helper.niceness = 19;
    m_decoder = m_options.decoder;
    if (!m_options.makeExaminer) {
        const auto sandbox = photoSandbox(m_options.photoProgram, m_options.isSandboxRequired);
        if (!sandbox)
            return sandbox.error();
        tellIsolation(*sandbox);
        helper.sandbox = sandbox->command;
        if (m_decoder.isEmpty())
            m_decoder = sandbox->decoder;
    }
    qCInfo(lcServerWork) << "photos opened at a time:" << m_options.examiningThreads;
    m_helper = m_options.makeExaminer ? m_options.makeExaminer() : std::make_unique<HelperHost>(helper);
    const QString formerLives = m_options.home.isEmpty() ? u"%"_s : m_options.home + u"/%"_s;
    const Result<> taken = take([&](const JobTable &jobs) { return jobs.takeOver(m_owner, leaseUntilMs(), formerLives); });
    if (!taken)
        return taken;
    const Result<> freed = m_database.writeAndWait([&](Writing &writing) { return ReprocessTable(writing.database).freeOf(m_owner, formerLives); });
    if (!freed)
        return freed;
    m_reprocessor.start({m_store, *m_helper, m_isStopping, m_decoder});
    m_hands = m_options.receivingThreads + m_options.examiningThreads;
    for (int i = 0; i < m_options.receivingThreads; ++i)
        m_threads.emplace_back([this, i] { receivingLoop(i + 1); });
    for (int i = 0; i < m_options.examiningThreads; ++i)
        m_threads.emplace_back([this, i] { examiningLoop(i + 1); });
    m_threads.emplace_back([this] { tendingLoop(); });
    if (!m_decoder.isEmpty())
        m_threads.emplace_back([this] { secondLookLoop(); });
    return {};
}

void Worker::stop()
{
    {
        const std::scoped_lock lock(m_tendingMutex);
        m_isStopping = true;
    }
    m_tendingWakes.notify_all();
    m_receiving.close();
    m_examining.close();
    {
        std::unique_lock lock(m_tendingMutex);
        m_tendingWakes.wait_for(lock, m_options.finishFor, [this] { return m_hands == 0; });
    }
    m_isGivingUp = true;
    for (std::thread &thread : m_threads)
        thread.join();
    m_reprocessor.stop();
    // Nobody works on any of them now. Without a home there is no other process, and the next life takes them up all the same.
    if (!m_threads.empty() && !m_options.home.isEmpty())
        releaseAll();
    m_threads.clear();
    m_helper.reset();
}

bool Worker::isAlive() const
{
    return !m_isStopping && Lane::Clock::now() - m_tended.load() < m_options.lease;
}

void Worker::countEnd(Stage stage, StageOutcome::Kind kind) const
{
    using Kind = StageOutcome::Kind;
    if (!m_options.onStage)
        return;
    switch (kind) {
    case Kind::Passed: return m_options.onStage(stage, StageEnd::Passed);
    case Kind::Later: return m_options.onStage(stage, StageEnd::PutOff);
    case Kind::Returned: return m_options.onStage(stage, StageEnd::Returned);
    default: return m_options.onStage(stage, StageEnd::Failed);
    }
}

Worker::Written Worker::writeWhileOurs(const QUuid &uploadId, const DatabaseThreads::WriteJob &job, Isolation isolation)
{
    bool isOurs = true;
    const auto writeIfOurs = [&](Writing &writing) -> Result<> {
        const Result<bool> held = JobTable(writing.database).isHeldBy(uploadId, m_owner);
        if (!held)
            return held.error();
        isOurs = *held;
        return isOurs ? job(writing) : Result<>();
    };
    const Result<> written = m_database.writeAndWait(writeIfOurs, isolation);
    if (!isOurs)
        qCWarning(lcServerWork).noquote() << "another server has taken up" << idText(uploadId) << "meanwhile";
    if (!written)
        qCWarning(lcServerWork).noquote() << idText(uploadId) << "was not recorded:" << written.error().detail;
    return !written ? Written::Not : isOurs ? Written::Here : Written::Elsewhere;
}

std::optional<Worker::Loaded> Worker::load(const QUuid &uploadId, Lane &lane)
{
    std::optional<Loaded> loaded;
    std::optional<Error> error;
    m_database.readAndWait([&](const QSqlDatabase &database) {
        const Result<std::optional<Job>> job = JobTable(database).byId(uploadId);
        Result<std::optional<Upload>> upload = UploadTable(database).byId(uploadId);
        if (!job || !upload)
            error = job ? upload.error() : job.error();
        if (error || !*job || !*upload)
            return;
        // Last: whoever removes bytes looks for committed uploads after the claim (removaltable.h).
        const Result<bool> areGoing = RemovalTable(database).isClaimed((*upload)->sha256, (*upload)->size);
        if (areGoing)
            loaded = Loaded{**std::move(upload), **job, *areGoing};
        else
            error = areGoing.error();
    });
    if (error) {
        qCWarning(lcServerWork).noquote() << "upload" << idText(uploadId) << "could not be read:" << error->detail;
        // We hold its job and renew its lease: whoever let it go now would have let it go for the life of this process.
        if (!m_isStopping)
            putOff(lane, uploadId, 1);
    }
    return loaded;
}

void Worker::putOff(Lane &lane, const QUuid &uploadId, int tries)
{
    const auto doubled = m_options.retryBase * (1LL << std::min(tries, 20));
    const auto pause = std::min<std::chrono::milliseconds>(doubled, m_options.retryCap);
    // Full jitter, so that a thousand waiting photos do not come back in one moment.
    const auto jittered = std::chrono::milliseconds(1 + QRandomGenerator::global()->bounded(std::max<qint64>(pause.count(), 1)));
    lane.add(uploadId, Lane::Clock::now() + jittered);
}

QString Worker::workerName(QLatin1StringView lane, int number) const
{
    // The end of the id: its beginning is the time, which lives of one day share.
    return u"%1-%2@%3"_s.arg(lane).arg(number).arg(m_owner.right(12));
}

void Worker::receivingLoop(int number)
{
    const QString worker = workerName("receiving"_L1, number);
    while (const std::optional<QUuid> uploadId = m_receiving.take()) {
        receiveOne(*uploadId, worker);
        m_receiving.done(*uploadId);
        handIsFree();
    }
    handEnds();
}

void Worker::examiningLoop(int number)
{
    takeLowestPriority();
    const QString worker = workerName("examining"_L1, number);
    while (const std::optional<QUuid> uploadId = m_examining.take()) {
        examineOne(*uploadId, worker);
        m_examining.done(*uploadId);
        handIsFree();
    }
    handEnds();
}

void Worker::handEnds()
{
    {
        const std::scoped_lock lock(m_tendingMutex);
        --m_hands;
    }
    m_tendingWakes.notify_all();
}

void Worker::secondLookLoop()
{
    takeLowestPriority();
    const StageTools tools{m_store, *m_helper, m_isStopping, m_decoder};
    const auto pause = [this](std::chrono::milliseconds time) {
        std::unique_lock lock(m_tendingMutex);
        m_tendingWakes.wait_for(lock, time, [this] { return m_isStopping.load(); });
    };
    while (!m_isStopping && !forgetRefusalsOfOtherDecoders(m_database, m_decoder))
        pause(m_options.retryCap);
    while (!m_isStopping) {
        // Photos that somebody is bringing come first.
        if (m_examining.size() + m_receiving.size() > 0) {
            pause(std::chrono::seconds(1));
            continue;
        }
        const Looked looked = lookOnceMore(tools, m_database);
        if (looked == Looked::Nothing)
            return;
        if (looked == Looked::Later)
            pause(m_options.retryCap);
    }
}

void Worker::receiveOne(const QUuid &uploadId, const QString &worker)
{
    std::optional<Loaded> loaded = load(uploadId, m_receiving);
    if (!loaded || loaded->upload.state != UploadState::Committed)
        return;
    if (loaded->job.stage > Stage::Reception)
        return m_examining.add(uploadId);
    Upload &upload = loaded->upload;
    const CorrelationScope scope(upload.attempt.clientUploadId);
    const StageTools tools{m_store, *m_helper, m_isGivingUp, m_decoder};

    passFaultPoint(Stage::Reception, "before");
    QElapsedTimer timer;
    timer.start();
    ReceptionEnd end;
    end.reception = receive(tools, upload);
    end.receptionMs = timer.restart();
    if (end.reception.kind == StageOutcome::Kind::Passed)
        end.verification = rereadStored(tools, upload, end.reread);
    end.rereadMs = timer.elapsed();
    end.reception.metadata.insert(u"worker"_s, worker);
    if (end.reread)
        end.reception.metadata.insert(u"reread_ms"_s, end.rereadMs);
    passFaultPoint(Stage::Reception, "after");

    if (end.isLater() && m_isStopping)
        return;
    const auto record = [&](Writing &writing) { return recordReception(writing, upload, end); };
    const Written written = writeWhileOurs(uploadId, record, isolationOf(end));
    if (written == Written::Elsewhere)
        return;
    if (written == Written::Here)
        countEnd(Stage::Reception, end.reception.kind == StageOutcome::Kind::Passed ? end.verification.kind : end.reception.kind);
    if (written == Written::Not || end.isLater()) {
        if (!m_isStopping)
            putOff(m_receiving, uploadId, loaded->job.tries);
        return;
    }
    passFaultPoint(Stage::Reception, "committed");
    m_changed(uploadId);
    logStages(lcServerWork(), upload, {Stage::Reception});
    if (end.isReturned()) {
        const StageOutcome &reason = end.reception.error ? end.reception : end.verification;
        qCWarning(lcServerWork).noquote() << "has to come again:" << errorName(reason.error->code);
        (void)m_store.discard(uploadId);
        return;
    }
    m_examining.add(uploadId);
}

void Worker::examineOne(const QUuid &uploadId, const QString &worker)
{
    std::optional<Loaded> loaded = load(uploadId, m_examining);
    if (!loaded)
        return;
    if (loaded->upload.state == UploadState::Ended && loaded->job.stage == Stage::Indexing)
        return indexAgain(uploadId);
    if (loaded->upload.state != UploadState::Committed)
        return;
    if (loaded->job.stage <= Stage::Reception)
        return m_receiving.add(uploadId);
    if (loaded->areBytesGoing)
        return putOff(m_examining, uploadId, loaded->job.tries);
    Upload &upload = loaded->upload;
    const CorrelationScope scope(upload.attempt.clientUploadId);
    const StageTools tools{m_store, *m_helper, m_isGivingUp, m_decoder};
    std::optional<photo::HelperAnswer> examined;

    const auto enter = [&](Writing &writing) -> Result<> {
        Ledger ledger(writing, upload);
        if (const Result<> refreshed = ledger.refresh(); !refreshed)
            return refreshed;
        if (const Result<> begun = ledger.enter(loaded->job.stage, nowMs()); !begun)
            return begun;
        return ledger.save();
    };
    const Written entered = writeWhileOurs(uploadId, enter, Isolation::RowByRow);
    if (entered != Written::Here) {
        if (entered == Written::Not && !m_isStopping)
            putOff(m_examining, uploadId, loaded->job.tries);
        return;
    }
    m_changed(uploadId);
    logStages(lcServerWork(), upload, {loaded->job.stage});

    int tries = loaded->job.tries;
    qint64 aheadMs = 0;
    for (Stage stage = loaded->job.stage;; stage = after(stage)) {
        if (m_isGivingUp) // a stop alone lets it come to its end: the child has done most of the work by now
            return;
        passFaultPoint(stage, "before");
        QElapsedTimer timer;
        timer.start();
        StageOutcome outcome = workOn(stage, tools, upload, examined);
        passFaultPoint(stage, "after");
        endWhatCannotHeal(outcome);
        if (outcome.kind == StageOutcome::Kind::Later && m_isStopping)
            return;
        // What the child says of its times moves no more than has passed.
        const qint64 elapsedMs = timer.elapsed();
        const qint64 elsewhereMs = std::clamp(outcome.elsewhereMs, -elapsedMs, aheadMs);
        aheadMs -= elsewhereMs;
        if (!finishStage(upload, stage, outcome, {elapsedMs + elsewhereMs, aheadMs}, tries, worker))
            return;
        tries = 0;
    }
}

bool Worker::finishStage(Upload &upload, Stage stage, const StageOutcome &given, const StageTime &time, int tries, const QString &worker)
{
    using Kind = StageOutcome::Kind;
    StageOutcome outcome = given;
    outcome.metadata.insert(u"worker"_s, worker);
    if (outcome.kind == Kind::Later && outcome.error->code == ErrorCode::InternalUnknown && tries + 1 >= TriesOfTheUnknown)
        outcome.kind = Kind::Failed;

    const auto record = [&](Writing &writing) { return recordStage(writing, upload, stage, outcome, time); };
    const Written written = writeWhileOurs(upload.uploadId, record, isolationOf(stage, outcome));
    if (written == Written::Elsewhere)
        return false;
    if (written == Written::Here)
        countEnd(stage, outcome.kind);
    if (written == Written::Not || outcome.kind == Kind::Later) {
        if (!m_isStopping)
            putOff(m_examining, upload.uploadId, tries);
        return false;
    }
    passFaultPoint(stage, "committed");
    m_changed(upload.uploadId);
    if (outcome.error)
        qCInfo(lcServerWork).noquote() << "stage" << stageName(stage) << errorName(outcome.error->code) << outcome.error->detail;
    logStages(lcServerWork(), upload, {stage, after(stage)});
    if (outcome.afterwards)
        outcome.afterwards();
    else if (outcome.kind == Kind::Returned)
        (void)m_store.discard(upload.uploadId);
    if (isIndexedLater(upload) && !m_isStopping)
        putOff(m_examining, upload.uploadId, tries);
    return upload.state == UploadState::Committed;
}

void Worker::indexAgain(const QUuid &uploadId)
{
    const std::optional<Loaded> loaded = load(uploadId, m_examining);
    if (!loaded)
        return;
    bool isIndexed = false;
    const auto index = [&](Writing &writing) -> Result<> {
        const Result<> found = alone(writing.database, [&] { return ObjectTable(writing.database).index(loaded->upload); });
        if (!found && store::isConflict(found.error()))
            return found; // the whole comes again at once
        isIndexed = bool(found);
        if (!isIndexed)
            qCWarning(lcServerWork).noquote() << idText(uploadId) << "is not in the search yet:" << found.error().detail;
        return isIndexed ? JobTable(writing.database).remove(uploadId) : JobTable(writing.database).countTry(uploadId);
    };
    const Written written = writeWhileOurs(uploadId, index, Isolation::Serializable);
    if (written != Written::Elsewhere && !(written == Written::Here && isIndexed) && !m_isStopping)
        putOff(m_examining, uploadId, loaded->job.tries);
}

} // namespace photolift::server
