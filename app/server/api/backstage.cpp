#include "app/server/api/backstage.h"

#include "app/server/work/jobtable.h"
#include "app/server/work/months.h"
#include "app/server/work/purge.h"
#include "app/server/work/rereads.h"
#include "app/server/work/sweep.h"
#include "app/server/work/trim.h"
#include "models/vocabulary/ids.h"

#include <QLoggingCategory>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

Q_LOGGING_CATEGORY(lcBackstage, "photolift.server.api")

// The worker's six threads spend their time on photos.
constexpr int WorkersWriters = 3;
constexpr int WorkersReaders = 1;
/// One may drop a month for minutes.
constexpr int RetentionsWriters = 2;

/// Of those that are opened at a time: enough that the next one is there, few enough that other workers find some.
constexpr int PhotosInHandForEach = 2;

Worker::Options workerOptions(const UploadApi::Options &options)
{
    Worker::Options worker;
    worker.photoProgram = options.photoProgram;
    worker.isSandboxRequired = options.isSandboxRequired;
    worker.makeExaminer = options.makeExaminer;
    worker.decoder = options.decoder;
    worker.receivingThreads = options.receivingThreads;
    worker.examiningThreads = options.examiningThreads;
    worker.mostInHand = std::max<qsizetype>(worker.mostInHand, PhotosInHandForEach * options.examiningThreads);
    worker.helperDeadlineMs = options.helperDeadlineMs;
    worker.home = options.home;
    worker.lease = options.lease;
    worker.finishFor = options.finishFor;
    worker.retryBase = options.retryBase;
    worker.retryCap = options.retryCap;
    return worker;
}

/// The connections of a login that is not the one of `database`; null when it is, or there are no logins.
Result<std::unique_ptr<DatabaseThreads>> openOther(const UploadApi::Options &options, const std::optional<store::PostgresAddress> &login, int writers,
                                                   int readers)
{
    if (!options.postgres || !login || login->user == options.postgres->user)
        return std::unique_ptr<DatabaseThreads>();
    return DatabaseThreads::open({.path = {}, .postgres = login, .writers = writers, .readers = readers});
}

} // namespace

Result<std::unique_ptr<Backstage>> Backstage::open(const UploadApi::Options &options, ObjectStore &store, DatabaseThreads &database,
                                                   std::shared_ptr<ServerMetrics> metrics, Worker::Changed changed)
{
    std::unique_ptr<Backstage> made(new Backstage);
    const ProcessRoles &roles = options.roles;
    if (roles.worker || roles.scheduler) {
        auto opened = openOther(options, options.workerLogin, WorkersWriters, WorkersReaders);
        if (!opened)
            return opened.error();
        made->m_workerDatabase = *std::move(opened);
    }
    if (roles.retention) {
        auto opened = openOther(options, options.retentionLogin, RetentionsWriters, 1);
        if (!opened)
            return opened.error();
        made->m_retentionDatabase = *std::move(opened);
    }
    DatabaseThreads &workers = made->m_workerDatabase ? *made->m_workerDatabase : database;
    DatabaseThreads &retentions = made->m_retentionDatabase ? *made->m_retentionDatabase : database;
    if (roles.worker) {
        Worker::Options worker = workerOptions(options);
        worker.onStage = [metrics](Stage stage, StageEnd end) { metrics->countStage(stage, end); };
        made->m_worker = std::make_unique<Worker>(std::move(worker), store, workers, std::move(changed));
    }
    Chores::Options chores;
    chores.every = options.sweepEvery;
    if (roles.worker && options.rereadEvery.count() > 0) {
        chores.name = "rereading";
        chores.postgres = made->m_workerDatabase ? options.workerLogin : options.postgres;
        chores.work = [&store, &workers, metrics, pass = options.rereadEvery](const std::stop_token &stop) {
            readAgain(store, workers, pass, [&metrics](StoredCopy found) { metrics->countReread(found); }, stop);
        };
        made->m_chores.push_back(std::make_unique<Chores>(chores));
    }
    if (roles.scheduler) {
        chores.name = "scheduler";
        chores.postgres = made->m_workerDatabase ? options.workerLogin : options.postgres;
        chores.work = [&workers](const std::stop_token &) {
            const Result<> done =
                workers.writeAndWait([](Writing &writing) { return ensureMonthsInTime(writing.database, nowMs()); }, Isolation::RowByRow);
            if (!done)
                qCWarning(lcBackstage).noquote() << "no partitions for the next month:" << done.error().detail;
        };
        made->m_chores.push_back(std::make_unique<Chores>(chores));
    }
    if (roles.retention) {
        // Each by itself: thousands of photos to remove, or a month to drop, make nothing else late.
        chores.postgres = made->m_retentionDatabase ? options.retentionLogin : options.postgres;
        chores.name = "sweep";
        chores.work = [&store, &retentions, staleAfter = options.staleAfter](const std::stop_token &stop) { sweep(store, retentions, staleAfter, stop); };
        made->m_chores.push_back(std::make_unique<Chores>(chores));
        chores.name = "retention";
        chores.work = [&store, &retentions, backupsKeptDays = options.backupsKeptDays](const std::stop_token &stop) {
            purge(store, retentions, backupsKeptDays, stop);
        };
        made->m_chores.push_back(std::make_unique<Chores>(chores));
        chores.name = "trimming";
        chores.work = [&retentions, details = options.details](const std::stop_token &stop) { trimDetails(retentions, details, stop); };
        made->m_chores.push_back(std::make_unique<Chores>(chores));
    }
    return made;
}

Backstage::~Backstage()
{
    stop();
}

Result<> Backstage::start()
{
    if (m_worker) {
        if (const Result<> started = m_worker->start(); !started)
            return started;
    }
    for (const auto &chores : m_chores)
        chores->start();
    return {};
}

void Backstage::stop()
{
    for (const auto &chores : m_chores)
        chores->tellToStop();
    if (m_worker) // it finishes its photos and lets go of the others, however long a statement of the chores takes
        m_worker->stop();
    for (const auto &chores : m_chores)
        chores->stop();
    for (const auto &database : {m_workerDatabase.get(), m_retentionDatabase.get()}) {
        if (database)
            database->stop();
    }
}

bool Backstage::isAlive() const
{
    return !m_worker || m_worker->isAlive();
}

Result<> Backstage::addJob(Writing &writing, const QUuid &uploadId, qint64 nowMs) const
{
    return m_worker ? m_worker->addJob(writing, uploadId, nowMs) : JobTable(writing.database).addFree(uploadId, nowMs);
}

void Backstage::wake(const QUuid &uploadId)
{
    if (m_worker) // else the others hear of it with the change
        m_worker->wake(uploadId);
}

void Backstage::lookForWork()
{
    if (m_worker)
        m_worker->lookForWork();
}

} // namespace photolift::server
