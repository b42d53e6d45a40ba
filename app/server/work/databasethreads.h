#pragma once

#include "models/store/postgresaddress.h"
#include "models/store/starwriter.h"
#include "models/vocabulary/result.h"

#include <QSqlDatabase>
#include <QString>

#include <functional>
#include <memory>
#include <optional>

namespace photolift::server {

/// What a writing job works with: the connection and the star on it.
struct Writing {
    QSqlDatabase database;
    store::StarWriter &star;
};

/// What a writing job may rely on, on PostgreSQL. SQLite has one writer at a time.
enum class Isolation {
    Serializable, ///< what it read still holds when it is committed, whatever other servers do meanwhile
    RowByRow,     ///< READ COMMITTED: for jobs that judge each row where they write it, and would only be in everybody's way otherwise
};

/// Whose rows a job works with. PostgreSQL shows it no others, and none at all where nobody is named (rights.sql); SQLite has one account.
struct OnBehalfOf {
    QString account;
    /// The server's own business: tokens of all people, the queue.
    static OnBehalfOf everybody() { return {QStringLiteral("*")}; }
};

/// The server's database behind threads of its own, some write, some read. SQLite has one writing thread, which commits whatever waits in
/// one transaction, so that a hundred requests a second cost far fewer fsyncs; each job has a savepoint of its own and fails alone.
/// PostgreSQL has several, one connection and one transaction a job each (postgreslane.h): there a job may run more than once.
/// Every function may be called from any thread.
class DatabaseThreads
{
public:
    using Meet = std::function<Result<>(const QSqlDatabase &)>;
    struct Options {
        QString path; ///< of the SQLite file
        std::optional<store::PostgresAddress> postgres = {}; ///< instead of it
        int writers = 4; ///< of PostgreSQL
        int readers = 2;
        int waiting = 2000; ///< jobs that may wait, for writing and for reading each
        /// On each connection to PostgreSQL before its first job, also when it was lost and opened again: another database may answer there
        /// now. With an error the connection is not used. On any of the threads.
        Meet meet = {};
    };
    using WriteJob = std::function<Result<>(Writing &)>;
    /// Runs on a writing thread after the commit was made durable (success) or undone (the reason). Must not block.
    using Done = std::function<void(const Result<> &)>;
    using ReadJob = std::function<void(const QSqlDatabase &)>;

    /// Opens and migrates a SQLite file; the errors are those of store::Connection and store::migrate. A PostgreSQL is migrated by its
    /// administrator: here it is checked (store::checkSchema, store::checkPostgres, store::checkServingLogin).
    static Result<std::unique_ptr<DatabaseThreads>> open(Options options);
    ~DatabaseThreads(); ///< stop()
    DatabaseThreads(const DatabaseThreads &) = delete;
    DatabaseThreads &operator=(const DatabaseThreads &) = delete;

    /// False when too much waits already or the end has begun: neither function will be called.
    bool write(OnBehalfOf whom, WriteJob job, Done done, Isolation isolation = Isolation::Serializable);
    /// For the worker and the sweep, whose number is bounded: waits for the commit, never refused for a full queue. On behalf of everybody.
    Result<> writeAndWait(WriteJob job, Isolation isolation = Isolation::Serializable);
    /// On one of the reading threads, which may also block for a moment on the object store.
    bool read(OnBehalfOf whom, ReadJob job);
    /// For the worker: waits until the job has run; false when the end has begun. On behalf of everybody.
    bool readAndWait(ReadJob job);
    struct Load { qsizetype writes = 0; qsizetype reads = 0; };
    Load load() const; ///< what waits for a thread
    /// Ends after what waits already; nothing new is taken.
    void stop();

private:
    class Private;
    explicit DatabaseThreads(std::unique_ptr<Private> priv);
    std::unique_ptr<Private> d;
};

} // namespace photolift::server
