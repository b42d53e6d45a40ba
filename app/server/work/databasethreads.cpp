#include "app/server/work/databasethreads.h"

#include "app/server/work/postgreslane.h"
#include "app/server/work/preparedstatements.h"
#include "models/store/database.h"

#include <QLoggingCategory>
#include <QSqlError>
#include <QSqlQuery>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

using namespace Qt::StringLiterals;

Q_LOGGING_CATEGORY(lcServerDatabase, "photolift.server.work.database")

namespace photolift::server {

namespace {

/// How many jobs share one commit: enough for an fsync to be cheap, few enough for the first of them not to wait long.
constexpr std::size_t JobsPerCommit = 64;

Result<> run(const QSqlDatabase &database, const QString &sql)
{
    QSqlQuery query(database);
    if (!query.exec(sql))
        return store::databaseError(database, query.lastError());
    return {};
}

} // namespace

class DatabaseThreads::Private
{
public:
    struct Waiting {
        OnBehalfOf whom;
        WriteJob job;
        Done done;
        Isolation isolation = Isolation::Serializable;
    };
    struct WaitingRead {
        OnBehalfOf whom;
        ReadJob job;
    };

    void writeLoop(std::function<void(Result<>)> opened);
    void readLoop(std::function<void(Result<>)> opened);
    void postgresWriteLoop(std::function<void(Result<>)> opened);
    void postgresReadLoop(std::function<void(Result<>)> opened);
    /// The next one that waits; nullopt when the end has begun and none is left.
    std::optional<Waiting> nextWrite();
    std::optional<WaitingRead> nextRead();
    void commitGroup(const QSqlDatabase &database, std::optional<store::StarWriter> &star, std::deque<Waiting> group);

    Options options;
    std::mutex mutex;
    std::condition_variable writesWait;
    std::condition_variable readsWait;
    std::deque<Waiting> writes;
    std::deque<WaitingRead> reads;
    bool isStopping = false;
    std::vector<std::thread> threads;
};

void DatabaseThreads::Private::writeLoop(std::function<void(Result<>)> opened)
{
    const auto connection = store::Connection::open(options.path, store::Connection::Use::Write);
    if (!connection)
        return opened(connection.error());
    const QSqlDatabase database = (*connection)->database();
    if (const Result<> migrated = store::migrate(database, {u"star"_s, u"server"_s}); !migrated)
        return opened(migrated.error());
    opened({});

    PreparedStatements::keepFor(database);
    std::optional<store::StarWriter> star;
    for (;;) {
        std::deque<Waiting> group;
        {
            std::unique_lock lock(mutex);
            writesWait.wait(lock, [this] { return isStopping || !writes.empty(); });
            if (writes.empty())
                return;
            while (!writes.empty() && group.size() < JobsPerCommit) {
                group.push_back(std::move(writes.front()));
                writes.pop_front();
            }
        }
        commitGroup(database, star, std::move(group));
    }
}

void DatabaseThreads::Private::commitGroup(const QSqlDatabase &database, std::optional<store::StarWriter> &star, std::deque<Waiting> group)
{
    std::vector<Result<>> outcomes;
    outcomes.reserve(group.size());
    Result<> begun = run(database, u"BEGIN IMMEDIATE"_s);
    for (Waiting &waiting : group) {
        if (!begun) {
            outcomes.emplace_back(begun.error());
            continue;
        }
        if (!star)
            star.emplace(database);
        Result<> outcome = run(database, u"SAVEPOINT job"_s);
        if (outcome) {
            Writing writing{database, *star};
            outcome = waiting.job(writing);
            const Result<> left = run(database, outcome ? u"RELEASE job"_s : u"ROLLBACK TO job"_s);
            if (!outcome) {
                // The star may remember keys of rows that are gone now.
                star.reset();
                if (left)
                    (void)run(database, u"RELEASE job"_s);
            }
            if (!left)
                begun = left.error(); // a savepoint that cannot be left takes the whole group with it
        }
        outcomes.push_back(std::move(outcome));
    }
    if (begun)
        begun = run(database, u"COMMIT"_s);
    if (!begun) {
        qCWarning(lcServerDatabase).noquote() << "a group of" << group.size() << "writes was undone:" << begun.error().detail;
        (void)run(database, u"ROLLBACK"_s);
        star.reset();
    }
    for (std::size_t i = 0; i < group.size(); ++i) {
        if (!group[i].done)
            continue;
        group[i].done(begun ? outcomes[i] : Result<>(begun.error()));
    }
}

void DatabaseThreads::Private::readLoop(std::function<void(Result<>)> opened)
{
    const auto connection = store::Connection::open(options.path, store::Connection::Use::Read);
    if (!connection)
        return opened(connection.error());
    const QSqlDatabase database = (*connection)->database();
    opened({});

    PreparedStatements::keepFor(database);
    while (const std::optional<WaitingRead> waiting = nextRead())
        waiting->job(database);
}

std::optional<DatabaseThreads::Private::WaitingRead> DatabaseThreads::Private::nextRead()
{
    std::unique_lock lock(mutex);
    readsWait.wait(lock, [this] { return isStopping || !reads.empty(); });
    if (reads.empty())
        return std::nullopt;
    WaitingRead waiting = std::move(reads.front());
    reads.pop_front();
    return waiting;
}

std::optional<DatabaseThreads::Private::Waiting> DatabaseThreads::Private::nextWrite()
{
    std::unique_lock lock(mutex);
    writesWait.wait(lock, [this] { return isStopping || !writes.empty(); });
    if (writes.empty())
        return std::nullopt;
    Waiting waiting = std::move(writes.front());
    writes.pop_front();
    return waiting;
}

void DatabaseThreads::Private::postgresWriteLoop(std::function<void(Result<>)> opened)
{
    PostgresLane lane(*options.postgres, options.meet);
    if (Result<> begun = lane.begin(); !begun)
        return opened(begun);
    opened({});
    while (const std::optional<Waiting> waiting = nextWrite()) {
        const Result<> outcome = lane.write(waiting->whom, waiting->job, waiting->isolation);
        if (waiting->done)
            waiting->done(outcome);
    }
}

void DatabaseThreads::Private::postgresReadLoop(std::function<void(Result<>)> opened)
{
    PostgresLane lane(*options.postgres, options.meet);
    if (Result<> begun = lane.begin(); !begun)
        return opened(begun);
    opened({});
    while (const std::optional<WaitingRead> waiting = nextRead())
        lane.read(waiting->whom, waiting->job);
}

Result<std::unique_ptr<DatabaseThreads>> DatabaseThreads::open(Options options)
{
    auto priv = std::make_unique<Private>();
    priv->options = std::move(options);
    Private *const p = priv.get();
    auto threads = std::unique_ptr<DatabaseThreads>(new DatabaseThreads(std::move(priv)));

    // One after the other: the writing connection makes and migrates the file that the others read.
    const auto startThread = [p](auto loop) {
        std::mutex mutex;
        std::condition_variable isKnown;
        std::optional<Result<>> verdict;
        p->threads.emplace_back([p, loop, &mutex, &isKnown, &verdict] {
            (p->*loop)([&](Result<> opened) {
                const std::scoped_lock lock(mutex);
                verdict = std::move(opened);
                isKnown.notify_one();
            });
        });
        std::unique_lock lock(mutex);
        isKnown.wait(lock, [&verdict] { return verdict.has_value(); });
        return *verdict;
    };
    const bool isPostgres = p->options.postgres.has_value();
    const int writers = isPostgres ? p->options.writers : 1;
    Result<> started;
    for (int i = 0; started && i < writers; ++i)
        started = startThread(isPostgres ? &Private::postgresWriteLoop : &Private::writeLoop);
    for (int i = 0; started && i < p->options.readers; ++i)
        started = startThread(isPostgres ? &Private::postgresReadLoop : &Private::readLoop);
    if (!started)
        return started.error();
    return threads;
}

DatabaseThreads::DatabaseThreads(std::unique_ptr<Private> priv)
    : d(std::move(priv))
{
}

DatabaseThreads::~DatabaseThreads()
{
    stop();
}

bool DatabaseThreads::write(OnBehalfOf whom, WriteJob job, Done done, Isolation isolation)
{
    {
        const std::scoped_lock lock(d->mutex);
        if (d->isStopping || d->writes.size() >= static_cast<std::size_t>(d->options.waiting))
            return false;
        d->writes.push_back({std::move(whom), std::move(job), std::move(done), isolation});
    }
    d->writesWait.notify_one();
    return true;
}

Result<> DatabaseThreads::writeAndWait(WriteJob job, Isolation isolation)
{
    struct Wait {
        std::mutex mutex;
        std::condition_variable isDone;
        std::optional<Result<>> outcome;
    };
    const auto wait = std::make_shared<Wait>();
    {
        const std::scoped_lock lock(d->mutex);
        if (d->isStopping)
            return Error{ErrorCode::ApiUnavailable, u"the server is stopping"_s};
        d->writes.push_back({OnBehalfOf::everybody(), std::move(job), [wait](const Result<> &outcome) {
                                 const std::scoped_lock waitLock(wait->mutex);
                                 wait->outcome = outcome;
                                 wait->isDone.notify_one();
                             },
                             isolation});
    }
    d->writesWait.notify_one();
    std::unique_lock lock(wait->mutex);
    wait->isDone.wait(lock, [&wait] { return wait->outcome.has_value(); });
    return *wait->outcome;
}

DatabaseThreads::Load DatabaseThreads::load() const
{
    const std::scoped_lock lock(d->mutex);
    return {static_cast<qsizetype>(d->writes.size()), static_cast<qsizetype>(d->reads.size())};
}

bool DatabaseThreads::read(OnBehalfOf whom, ReadJob job)
{
    {
        const std::scoped_lock lock(d->mutex);
        if (d->isStopping || d->reads.size() >= static_cast<std::size_t>(d->options.waiting))
            return false;
        d->reads.push_back({std::move(whom), std::move(job)});
    }
    d->readsWait.notify_one();
    return true;
}

bool DatabaseThreads::readAndWait(ReadJob job)
{
    std::mutex mutex;
    std::condition_variable isDone;
    bool hasRun = false;
    {
        const std::scoped_lock lock(d->mutex);
        if (d->isStopping)
            return false;
        d->reads.push_back({OnBehalfOf::everybody(), [&](const QSqlDatabase &database) {
                                job(database);
                                const std::scoped_lock doneLock(mutex);
                                hasRun = true;
                                isDone.notify_one();
                            }});
    }
    d->readsWait.notify_one();
    std::unique_lock lock(mutex);
    isDone.wait(lock, [&hasRun] { return hasRun; });
    return true;
}

void DatabaseThreads::stop()
{
    {
        const std::scoped_lock lock(d->mutex);
        d->isStopping = true;
    }
    d->writesWait.notify_all();
    d->readsWait.notify_all();
    for (std::thread &thread : d->threads) {
        if (thread.joinable())
            thread.join();
    }
}

} // namespace photolift::server
