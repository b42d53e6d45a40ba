#pragma once

#include "models/store/postgresaddress.h"
#include "models/vocabulary/result.h"

#include <QSqlDatabase>
#include <QSqlError>
#include <QString>
#include <QStringList>

#include <chrono>
#include <memory>

namespace photolift::store {

/// One named connection, made, used and removed on one thread.
class Connection
{
public:
    enum class Use { Write, Read };
    /// SQLite. Pragmas as FAULTS 6: WAL, foreign_keys, busy_timeout 5000, synchronous=FULL for the writer.
    static Result<std::unique_ptr<Connection>> open(const QString &path, Use use);
    /// PostgreSQL 15; what cannot be reached is API_UNAVAILABLE.
    static Result<std::unique_ptr<Connection>> open(const PostgresAddress &address);
    ~Connection();
    Q_DISABLE_COPY_MOVE(Connection)
    QSqlDatabase database() const;
    /// SQLite: how long a statement waits from now on for another process before it says LOCAL_LIST_BUSY.
    Result<> setBusyTimeout(std::chrono::milliseconds longest);

private:
    explicit Connection(QString name);
    QString m_name;
};

/// A writing transaction: takes the write lock at once (so that a busy database says so here and not in the middle), rolls
/// back unless committed. A begin that failed is what commit() answers; begun() tells it earlier.
class Transaction
{
public:
    explicit Transaction(const QSqlDatabase &database);
    ~Transaction();
    Q_DISABLE_COPY_MOVE(Transaction)
    const Result<> &begun() const { return m_begun; }
    Result<> commit();

private:
    QSqlDatabase m_database;
    Result<> m_begun;
    bool m_isOpen = false;
};

/// Names of photos, places and devices are this person's alone: makes the database file 0600 before SQLite makes it as the umask
/// has it, or corrects the mode of one that is there, with its journals (new ones get the mode of the file). Where it does not work,
/// opening says why.
void keepPrivate(const QString &path);

/// Runs the numbered .sql files of each named series that the database has not seen yet, in the order of `series`, each file with
/// its version row in one transaction. They come from the program's resources: :/sql/sqlite/SERIES/NNN_what.sql (a folder beside
/// sqlite for each other engine). Before a SQLite database that has content is changed, a copy is made beside it:
/// FILE.before-SERIES-NNN, SERIES and NNN naming the first file that is going to run.
/// LOCAL_LIST_TOO_NEW when the database knows a higher number than the program; the file is left untouched.
Result<> migrate(const QSqlDatabase &database, const QStringList &series);

/// For a program that does not migrate by itself: every file of these series has run, and no later one. The detail is a plain sentence for
/// the administrator: INTERNAL_UNKNOWN when files are missing, LOCAL_LIST_TOO_NEW when the database is ahead of the program.
Result<> checkSchema(const QSqlDatabase &database, const QStringList &series);

/// That a PostgreSQL can be trusted: a version without the leaks of row-level security (FAULTS C-5), and commits that are on disk when they
/// are answered. The detail is a plain sentence.
Result<> checkPostgres(const QSqlDatabase &database);
/// The part of it about the version; `number` as server_version_num says it (150014 is 15.14). INTERNAL_UNKNOWN when it is one of those with leaks.
Result<> checkPostgresVersion(int number);

/// That the connection's login is one that rights and row-level security hold for (FAULTS C-3): no superuser, none with BYPASSRLS, not the owner of the
/// tables, and no member of such a role. INTERNAL_UNKNOWN with a plain sentence otherwise. For logins that serve, not for the owner's.
Result<> checkServingLogin(const QSqlDatabase &database);

/// That it is the database and no standby of one, which shows what was and takes nothing; API_UNAVAILABLE otherwise.
Result<> checkPrimary(const QSqlDatabase &database);

/// Waits until whatever a new connection to PostgreSQL can see is where commits have to be: on a synchronous standby, where there is one. Rows may be seen
/// that are not yet, when a session was lost behind its commit. For as long as the standby is away, like every commit, and the log says so; not inside of a transaction.
Result<> waitForStandbys(const QSqlDatabase &database);

/// The code for what the engine said. SQLite: LOCAL_LIST_BUSY, LOCAL_DISK_FULL, LOCAL_DISK_ERROR, LOCAL_LIST_DAMAGED,
/// LOCAL_RESOURCES_LOW. PostgreSQL: API_UNAVAILABLE for what passes (restart, failover, conflict of two transactions). Else
/// INTERNAL_UNKNOWN. The detail never holds bound values.
Error databaseError(const QSqlError &error);
/// The same of a database in use, API_UNAVAILABLE when its connection is closed meanwhile: LOCAL_LIST_DAMAGED is noted beside it for the next start (damage.h).
Error databaseError(const QSqlDatabase &database, const QSqlError &error);

/// Two transactions of PostgreSQL were in each other's way (40001, 40P01): the same one again has a chance at once.
bool isConflict(const Error &error);
/// The same, found out by the program: a row is not any more as it was read.
Error conflict(const QString &what);

} // namespace photolift::store
