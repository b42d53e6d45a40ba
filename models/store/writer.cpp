#include "models/store/writer.h"

#include "models/store/changewriter.h"
#include "models/store/database.h"
#include "models/store/outboxtable.h"
#include "models/store/retelling.h"
#include "models/store/statements.h"

#include "models/vocabulary/faultpoint.h"
#include "models/vocabulary/ids.h"

#include <QLoggingCategory>

#include <chrono>
#include <numeric>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace photolift::store {

namespace {

Q_LOGGING_CATEGORY(lcWriter, "photolift.store.writer")

constexpr auto QuietInterval = 100ms;  ///< changes that nobody waits for are written ten times a second
constexpr auto HealInterval = 500ms;   ///< between two tries of what could not be written
/// How long another process may keep the database for itself before that is trouble. SQLite waits for a part of it at a time: asleep in
/// there this thread would hear of no end.
constexpr auto BusyPatience = 5s;
constexpr auto HurriedPatience = 1s;
constexpr auto BusyTry = 250ms;
constexpr qsizetype GroupRows = 10'000; ///< so that one who waits is not held up by a whole folder

/// What passes by itself; anything else stops the writing.
bool canHeal(ErrorCode code)
{
    return code == ErrorCode::LocalListBusy || code == ErrorCode::LocalDiskFull || code == ErrorCode::LocalResourcesLow;
}

bool isBroken(ErrorCode code)
{
    return code == ErrorCode::LocalDiskError || code == ErrorCode::LocalListDamaged;
}

qsizetype rowsOf(const Changes &changes)
{
    qsizetype rows = changes.size();
    for (const Change &change : changes) {
        if (const auto *found = std::get_if<ItemsFound>(&change))
            rows += found->items.size();
        else if (const auto *cancelled = std::get_if<DropCancelled>(&change))
            rows += cancelled->items.size();
    }
    return rows;
}

} // namespace

struct Recorder::Writer::Tables {
    explicit Tables(std::unique_ptr<Connection> opened)
        : connection(std::move(opened))
        , statements(connection->database())
        , outbox(statements)
        , retelling(statements, outbox)
        , changes(connection->database(), statements, outbox)
    {
    }
    /// True: there may be more in the outbox now.
    Result<bool> retellMore()
    {
        Transaction transaction(connection->database());
        if (!transaction.begun())
            return transaction.begun().error();
        const Result<bool> more = retelling.goOn();
        if (!more)
            return more;
        const Result<> committed = transaction.commit();
        return committed ? more : Result<bool>(committed.error());
    }

    std::unique_ptr<Connection> connection;
    Statements statements;
    OutboxTable outbox;
    Retelling retelling;
    ChangeWriter changes;
};

Recorder::Writer::Writer() = default;

Recorder::Writer::~Writer()
{
    stop();
}

Result<> Recorder::Writer::start(const QString &databasePath)
{
    m_opened.start();
    QFuture<Result<>> opened = m_opened.future();
    m_thread.reset(QThread::create([this, databasePath] { run(databasePath); }));
    m_thread->setObjectName(u"recorder"_s);
    m_thread->start();
    opened.waitForFinished();
    return opened.result();
}

void Recorder::Writer::hurry()
{
    std::unique_lock lock(m_mutex);
    m_isHurried = true;
}

void Recorder::Writer::stop()
{
    if (!m_thread)
        return;
    {
        std::unique_lock lock(m_mutex);
        m_isHurried = true;
        m_isStopping = true;
        m_changed.notify_all();
    }
    m_thread->wait();
    m_thread.reset();
}

void Recorder::Writer::push(Changes changes)
{
    enqueue({std::move(changes), {}, {}}, false);
}

QFuture<Result<>> Recorder::Writer::pushDurably(Changes changes)
{
    auto waiting = std::make_shared<QPromise<Result<>>>();
    waiting->start();
    QFuture<Result<>> future = waiting->future();
    enqueue({std::move(changes), std::move(waiting), {}}, true);
    return future;
}

template <typename T> QFuture<Result<T>> Recorder::Writer::ask(std::function<Result<T>(Tables &)> question)
{
    auto waiting = std::make_shared<QPromise<Result<T>>>();
    waiting->start();
    QFuture<Result<T>> future = waiting->future();
    Entry entry;
    entry.question = [waiting, question = std::move(question)](Tables &tables, bool isLastTry) {
        const Result<T> answer = question(tables);
        const bool wasBusy = !answer && answer.error().code == ErrorCode::LocalListBusy;
        if (!wasBusy || isLastTry) {
            waiting->addResult(answer);
            waiting->finish();
        }
        return wasBusy;
    };
    enqueue(std::move(entry), true);
    return future;
}

QFuture<Result<QList<OutboxRow>>> Recorder::Writer::oldest(int limit)
{
    return ask<QList<OutboxRow>>([limit](Tables &tables) -> Result<QList<OutboxRow>> {
        Result<QList<OutboxRow>> rows = tables.outbox.oldest(limit);
        while (rows && rows->isEmpty()) {
            const Result<bool> more = tables.retellMore();
            if (!more)
                return more.error();
            if (!*more)
                break;
            rows = tables.outbox.oldest(limit);
        }
        return rows;
    });
}

QFuture<Result<>> Recorder::Writer::markSent(const QList<qint64> &sequences)
{
    return ask<std::monostate>([sequences](Tables &tables) -> Result<> {
        Transaction transaction(tables.connection->database());
        if (!transaction.begun())
            return transaction.begun();
        if (const Result<> marked = tables.outbox.markSent(sequences, nowMs()); !marked)
            return marked;
        const Result<> committed = transaction.commit();
        if (committed)
            tables.outbox.noteSettled(sequences);
        return committed;
    });
}

QFuture<Result<>> Recorder::Writer::sendAgain(Lost lost)
{
    return ask<std::monostate>([lost](Tables &tables) -> Result<> {
        Transaction transaction(tables.connection->database());
        if (!transaction.begun())
            return transaction.begun();
        if (lost == Lost::SinceTheCopy) {
            if (const Result<> due = tables.outbox.sendAgain(nowMs()); !due)
                return due;
        }
        if (const Result<> begun = tables.retelling.begin(); !begun)
            return begun;
        return transaction.commit();
    });
}

QFuture<Result<qint64>> Recorder::Writer::depth()
{
    return ask<qint64>([](Tables &tables) { return tables.outbox.depth(); });
}

void Recorder::Writer::enqueue(Entry entry, bool isUrgent)
{
    std::unique_lock lock(m_mutex);
    m_incoming.push_back(std::move(entry));
    m_isUrgent = m_isUrgent || isUrgent;
    m_changed.notify_all();
}

void Recorder::Writer::run(const QString &databasePath)
{
    Result<std::unique_ptr<Connection>> connection = Connection::open(databasePath, Connection::Use::Write);
    Result<> migrated = connection ? migrate((*connection)->database(), {u"star"_s, u"client"_s}) : Result<>(connection.error());
    if (migrated)
        migrated = (*connection)->setBusyTimeout(BusyTry);
    if (migrated)
        m_tables = std::make_unique<Tables>(std::move(*connection));
    m_opened.addResult(migrated);
    m_opened.finish();
    if (!migrated)
        return;

    while (collect())
        work();
    m_tables.reset();
}

/// Waits for something to do and takes it. False when there is nothing left and nothing will come.
bool Recorder::Writer::collect()
{
    std::unique_lock lock(m_mutex);
    if (m_backlog.empty()) {
        m_changed.wait(lock, [this] { return !m_incoming.empty() || m_isStopping; });
        m_changed.wait_for(lock, QuietInterval, [this] { return m_isUrgent || m_isStopping; });
    }
    std::move(m_incoming.begin(), m_incoming.end(), std::back_inserter(m_backlog));
    m_incoming.clear();
    m_isUrgent = false;
    return !m_backlog.empty();
}

/// The next entries that share a transaction; a question comes alone.
Recorder::Writer::Group Recorder::Writer::nextGroup()
{
    Group group;
    qsizetype rows = 0;
    while (!m_backlog.empty() && rows < GroupRows) {
        Entry &next = m_backlog.front();
        if (next.question && !group.empty())
            break;
        const bool isAlone = next.question || m_alone > 0;
        if (m_alone > 0)
            --m_alone;
        rows += rowsOf(next.changes);
        group.push_back(std::move(next));
        m_backlog.pop_front();
        if (isAlone)
            break;
    }
    return group;
}

void Recorder::Writer::work()
{
    while (!m_backlog.empty()) {
        Group group = nextGroup();
        if (group.front().question) {
            if (wasAnswered(group.front()))
                continue;
            putBack(group);
            return;
        }
        if (m_isBroken) {
            fail(group, *m_trouble);
            continue;
        }
        const Result<> written = write(group);
        if (written) {
            finish(group, written);
            endLarge();
            continue;
        }
        const ErrorCode code = written.error().code;
        if (!canHeal(code) && !isBroken(code) && group.size() > 1) {
            // One entry is a mistake of ours and must not take its neighbours along: each gets a transaction of its own.
            m_alone = group.size();
            putBack(group);
            continue;
        }
        if (code == ErrorCode::LocalListBusy) {
            if (!m_busySince)
                m_busySince = std::chrono::steady_clock::now();
            if (mayStayBusy()) {
                putBack(group);
                return;
            }
        }
        trouble(written.error());
        if (canHeal(code)) {
            putBack(group);
            pauseBeforeRetry();
            return; // what came meanwhile is collected behind it
        }
        m_isBroken = isBroken(code);
        qCCritical(lcWriter) << "a change could not be recorded:" << errorName(code) << written.error().detail;
        fail(group, written.error());
    }
}

void Recorder::Writer::putBack(Group &group)
{
    std::move(group.rbegin(), group.rend(), std::front_inserter(m_backlog));
}

/// False: the question is to be asked again.
bool Recorder::Writer::wasAnswered(const Entry &entry)
{
    const bool isLastTry = m_busySince && !mayStayBusy();
    const bool wasBusy = entry.question(*m_tables, isLastTry);
    if (!wasBusy)
        m_busySince.reset();
    else if (!m_busySince)
        m_busySince = std::chrono::steady_clock::now();
    return !wasBusy || isLastTry;
}

bool Recorder::Writer::mayStayBusy()
{
    std::unique_lock lock(m_mutex);
    return std::chrono::steady_clock::now() - *m_busySince < (m_isHurried ? HurriedPatience : BusyPatience);
}

/// SQLite takes its log into the file within the commit that made it long. Of a whole drop that takes nearly as long as writing it, and
/// whoever waits for the commit has no use for that: the log is as durable.
void Recorder::Writer::beginLarge()
{
    m_isLarge = true;
    QSqlQuery(m_tables->connection->database()).exec(u"PRAGMA wal_autocheckpoint = 0"_s);
}

void Recorder::Writer::endLarge()
{
    if (!std::exchange(m_isLarge, false))
        return;
    QSqlQuery query(m_tables->connection->database());
    query.exec(u"PRAGMA wal_checkpoint(PASSIVE)"_s);
    query.exec(u"PRAGMA wal_autocheckpoint = 1000"_s); // SQLite's own
}

Result<> Recorder::Writer::write(const Group &group)
{
    const auto rows = std::transform_reduce(group.begin(), group.end(), qsizetype(0), std::plus(), [](const Entry &entry) { return rowsOf(entry.changes); });
    if (rows >= GroupRows)
        beginLarge();
    Transaction transaction(m_tables->connection->database());
    if (!transaction.begun())
        return transaction.begun();
    for (const Entry &entry : group) {
        for (const Change &change : entry.changes) {
            if (const Result<> done = m_tables->changes.write(change); !done)
                return done;
        }
    }
    faultPoint("store.commit.before");
    const Result<> committed = transaction.commit();
    if (committed)
        faultPoint("store.commit.after");
    return committed;
}

void Recorder::Writer::finish(const Group &group, const Result<> &result)
{
    m_busySince.reset();
    recover();
    Changes all;
    for (const Entry &entry : group)
        all += entry.changes;
    Q_EMIT m_recorder->committed(all);
    for (const Entry &entry : group) {
        if (entry.waiting) {
            entry.waiting->addResult(result);
            entry.waiting->finish();
        }
    }
}

void Recorder::Writer::fail(const Group &group, const Error &error)
{
    for (const Entry &entry : group) {
        if (entry.waiting) {
            entry.waiting->addResult(Result<>(error));
            entry.waiting->finish();
        }
    }
}

void Recorder::Writer::trouble(const Error &error)
{
    if (m_trouble && m_trouble->code == error.code)
        return;
    m_trouble = error;
    qCWarning(lcWriter) << "cannot write:" << errorName(error.code) << error.detail;
    Q_EMIT m_recorder->troubled(error);
}

void Recorder::Writer::recover()
{
    if (!m_trouble)
        return;
    m_trouble.reset();
    qCInfo(lcWriter) << "writing works again";
    Q_EMIT m_recorder->recovered();
}

/// Gives the condition time to pass. At the end of the program there is no time: who still waits is told so.
void Recorder::Writer::pauseBeforeRetry()
{
    std::unique_lock lock(m_mutex);
    if (!m_isStopping) {
        m_changed.wait_for(lock, HealInterval, [this] { return m_isStopping; });
        return;
    }
    qCCritical(lcWriter).noquote() << "ended while nothing could be written:" << errorName(m_trouble->code) << m_trouble->detail
                                   << "changes of which nobody was told that they are recorded:" << m_backlog.size();
    for (Entry &entry : m_backlog) {
        if (entry.question)
            (void)entry.question(*m_tables, true);
    }
    fail(m_backlog, *m_trouble);
    m_backlog.clear();
}

} // namespace photolift::store
