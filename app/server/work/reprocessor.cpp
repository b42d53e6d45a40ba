#include "app/server/work/reprocessor.h"

#include "app/server/work/ledger.h"
#include "app/server/work/lowpriority.h"
#include "app/server/work/objecttable.h"
#include "app/server/work/removaltable.h"
#include "models/vocabulary/correlation.h"
#include "models/vocabulary/faultpoint.h"
#include "models/vocabulary/ids.h"

#include <QLoggingCategory>
#include <QRandomGenerator>

#include <algorithm>
#include <utility>

using namespace Qt::StringLiterals;

Q_LOGGING_CATEGORY(lcReprocess, "photolift.server.work.reprocess")

namespace photolift::server {

namespace {

/// A defect that no code describes is tried so often.
constexpr int TriesOfTheUnknown = 5;
/// Nobody rings for this: it is in no hurry.
constexpr std::chrono::milliseconds LookEvery{2000};
/// While uploads go first.
constexpr std::chrono::milliseconds LookAgain{500};

StageOutcome failedWith(const Error &error)
{
    StageOutcome outcome;
    outcome.kind = isServerCondition(error.code) ? StageOutcome::Kind::Later : StageOutcome::Kind::Failed;
    outcome.error = error;
    return outcome;
}

StageOutcome workOf(const StageTools &tools, Stage stage, const Upload &upload)
{
    // Asked by itself: of bytes that cannot be opened at the moment nobody says that they are gone.
    const Result<bool> isThere = tools.store.hasObject(upload.sha256, upload.size);
    if (!isThere || !*isThere)
        return failedWith(isThere ? Error{ErrorCode::StorageCopyDamaged, u"the object is missing"_s} : isThere.error());
    switch (stage) {
    case Stage::Validation: {
        const Result<> checked = checkStored(tools, upload.sha256, upload.size);
        return checked ? StageOutcome() : failedWith(checked.error());
    }
    case Stage::MetadataExtraction: return extractMetadata(tools, upload, std::nullopt);
    case Stage::Processing: return process(tools, upload, std::nullopt);
    default: return {};
    }
}

} // namespace

Reprocessor::Reprocessor(Options options, DatabaseThreads &database)
    : m_options(std::move(options))
    , m_database(database)
{
}

Reprocessor::~Reprocessor()
{
    stop();
}

void Reprocessor::start(const StageTools &tools)
{
    m_tools.emplace(tools);
    m_thread = std::thread([this] { loop(); });
}

void Reprocessor::stop()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_isStopping = true;
    }
    m_stops.notify_all();
    if (m_thread.joinable())
        m_thread.join();
}

void Reprocessor::pause(std::chrono::milliseconds time)
{
    std::unique_lock lock(m_mutex);
    m_stops.wait_for(lock, time, [this] { return m_isStopping; });
}

bool Reprocessor::isStopping()
{
    const std::scoped_lock lock(m_mutex);
    return m_isStopping || m_tools->isStopping;
}

void Reprocessor::loop()
{
    takeLowestPriority();
    while (!isStopping()) {
        bool isAnyWaiting = false;
        m_database.readAndWait([&](const QSqlDatabase &reading) {
            const Result<bool> waiting = ReprocessTable(reading).isAnyWaiting();
            isAnyWaiting = waiting && *waiting;
        });
        std::optional<Photo> photo = isAnyWaiting ? take() : std::nullopt;
        if (photo)
            run(*photo);
        else
            pause(isAnyWaiting ? LookAgain : LookEvery);
    }
}

std::optional<Reprocessor::Photo> Reprocessor::take()
{
    std::optional<Photo> taken;
    const Result<> done = m_database.writeAndWait(
        [&](Writing &writing) -> Result<> {
            taken.reset(); // a job may run again
            const qint64 now = nowMs();
            // Whoever takes one has none in hand: what is held all the same could not be recorded, or was taken and nobody heard of it.
            if (const Result<> freed = ReprocessTable(writing.database).letGo(m_options.owner, now + m_options.retryBase.count()); !freed)
                return freed;
            const Result<std::optional<ReprocessJob>> job =
                ReprocessTable(writing.database).take(m_options.owner, now, now + m_options.lease.count());
            if (!job || !*job)
                return withoutValue(job);
            const Result<std::optional<Upload>> upload = UploadTable(writing.database).currentOf((*job)->clientUploadId);
            if (!upload)
                return upload.error();
            if (!*upload)
                return ReprocessTable(writing.database).fail(**job, ErrorCode::InternalUnknown, now);
            taken = Photo{**job, **upload, now};
            return {};
        },
        Isolation::RowByRow);
    if (!done)
        qCWarning(lcReprocess).noquote() << "nothing could be taken:" << done.error().detail;
    return done ? taken : std::nullopt;
}

void Reprocessor::run(const Photo &photo)
{
    const CorrelationScope scope(photo.upload.attempt.clientUploadId);
    faultPoint("reprocess.before");
    StageOutcome outcome = workOf(*m_tools, photo.job.stage, photo.upload);
    faultPoint("reprocess.after");
    using Kind = StageOutcome::Kind;
    if (outcome.kind == Kind::Later && isStopping())
        return;
    const bool isUnknown = outcome.error && outcome.error->code == ErrorCode::InternalUnknown && photo.job.tries + 1 >= TriesOfTheUnknown;
    if (outcome.kind == Kind::PassedWithout || (outcome.kind == Kind::Later && isUnknown))
        outcome.kind = Kind::Failed;
    end(photo, outcome);
}

void Reprocessor::end(const Photo &photo, const StageOutcome &outcome)
{
    bool isOurs = true;
    const Result<> written = m_database.writeAndWait([&](Writing &writing) -> Result<> {
        const Result<bool> held = ReprocessTable(writing.database).isHeldBy(photo.job, m_options.owner);
        if (!held)
            return held.error();
        isOurs = *held;
        if (isOurs)
            return record(writing, photo, outcome);
        const Upload &upload = photo.upload;
        const auto known = ObjectTable(writing.database).known(upload.accountId, upload.sha256, upload.size);
        if (!known)
            return known.error();
        // Purged meanwhile: what was just made of it has to go, too.
        return *known ? Result<>() : RemovalTable(writing.database).add(upload.sha256, upload.size);
    });
    faultPoint("reprocess.recorded");
    if (!written) {
        qCWarning(lcReprocess).noquote() << "was not recorded:" << written.error().detail;
        return pause(m_options.retryBase); // take() lets go of it
    }
    if (isOurs && !outcome.error && m_options.changed)
        m_options.changed(photo.upload.uploadId);
    if (outcome.error)
        qCWarning(lcReprocess).noquote() << stageName(photo.job.stage) << errorName(outcome.error->code) << outcome.error->detail;
    else
        qCInfo(lcReprocess).noquote() << stageName(photo.job.stage) << (isOurs ? "was done again" : "is not wanted any more");
}

Result<> Reprocessor::record(Writing &writing, const Photo &photo, const StageOutcome &outcome) const
{
    using Kind = StageOutcome::Kind;
    const ReprocessTable table(writing.database);
    const ObjectTable objects(writing.database);
    Upload upload = photo.upload;
    if (outcome.kind == Kind::Later) {
        const auto pause = std::min<std::chrono::milliseconds>(m_options.retryBase * (1LL << std::min(photo.job.tries, 20)), m_options.retryCap);
        return table.putOff(photo.job, outcome.error->code, nowMs() + 1 + QRandomGenerator::global()->bounded(std::max<qint64>(pause.count(), 1)));
    }
    if (outcome.error) {
        if (outcome.error->code == ErrorCode::StorageCopyDamaged) {
            if (const Result<int> lost = objects.markLost(upload.sha256, upload.size, photo.takenMs, nowMs()); !lost)
                return lost.error();
        }
        return table.fail(photo.job, outcome.error->code, nowMs());
    }
    Ledger ledger(writing, upload);
    if (const Result<> refreshed = ledger.refresh(); !refreshed)
        return refreshed;
    if (outcome.record) {
        if (const Result<> recorded = outcome.record(writing, upload); !recorded)
            return recorded;
        if (const Result<> saved = ledger.save(); !saved)
            return saved;
    }
    if (photo.job.stage == Stage::Processing) {
        const ObjectTable::WithoutPreview judged{upload.accountId, upload.sha256, upload.size, ErrorCode::ProcessingDecodeFailed};
        if (const Result<bool> done = objects.judgeAnew(judged, m_tools->decoder, std::nullopt); !done)
            return done.error();
    }
    // What the search knows of a photo is what its metadata say.
    if (photo.job.stage == Stage::Indexing || photo.job.stage == Stage::MetadataExtraction) {
        if (const Result<> indexed = objects.indexAnew(upload); !indexed)
            return indexed;
    }
    return table.done(photo.job);
}

} // namespace photolift::server
