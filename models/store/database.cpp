#include "models/store/database.h"

#include "models/store/damage.h"

#include <QFile>
#include <QFileInfo>
#include <QSqlQuery>
#include <QUrl>

#include <atomic>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace photolift::store {

namespace {

constexpr mode_t OwnerOnly = 0600;

/// Result codes of sqlite3.h; the driver hands on the extended ones, whose low byte is the plain one.
enum SqliteCode {
    Perm = 3,
    Busy = 5,
    Locked = 6,
    NoMemory = 7,
    ReadOnly = 8,
    IoError = 10,
    Corrupt = 11,
    Full = 13,
    CantOpen = 14,
    Protocol = 15,
    NotADatabase = 26,
    IoErrorShmSize = IoError | (19 << 8),
    IoErrorNoMemory = IoError | (12 << 8),
};

ErrorCode codeFor(int native)
{
    if (native == IoErrorShmSize) // the index of the WAL could not grow: nearly always a full disk
        return ErrorCode::LocalDiskFull;
    if (native == IoErrorNoMemory)
        return ErrorCode::LocalResourcesLow;
    switch (native & 0xff) {
    case Busy:
    case Locked:
    case Protocol:
        return ErrorCode::LocalListBusy;
    case Full:
        return ErrorCode::LocalDiskFull;
    case IoError:
    case ReadOnly:
    case Perm:
    case CantOpen:
        return ErrorCode::LocalDiskError;
    case Corrupt:
    case NotADatabase:
        return ErrorCode::LocalListDamaged;
    case NoMemory:
        return ErrorCode::LocalResourcesLow;
    default:
        return ErrorCode::InternalUnknown;
    }
}

/// The five characters of a SQLSTATE; SQLite's numbers are shorter.
constexpr qsizetype SqlStateLength = 5;
constexpr QLatin1StringView SerializationFailure = "40001"_L1;
constexpr QLatin1StringView DeadlockDetected = "40P01"_L1;
constexpr QLatin1StringView LockNotAvailable = "55P03"_L1;

/// Conditions that pass by themselves, or when an administrator has seen to them: connections, shutdown and failover, a standby, a statement or a lock
/// that took too long, no room or memory (class 53), two transactions in each other's way.
ErrorCode codeForState(const QString &state)
{
    const bool isPassing = state.startsWith("08"_L1) || state.startsWith("57P0"_L1) || state == "57014"_L1 || state.startsWith("53"_L1)
        || state == "25006"_L1 || state == SerializationFailure || state == DeadlockDetected || state == LockNotAvailable;
    return isPassing ? ErrorCode::ApiUnavailable : ErrorCode::InternalUnknown;
}

Result<> pragma(const QSqlDatabase &database, const QString &statement)
{
    QSqlQuery query(database);
    if (!query.exec(statement))
        return databaseError(database, query.lastError());
    return {};
}

/// Opens it and reads one page, which finds out about a file that is no database.
Result<> begin(QSqlDatabase &database, Connection::Use use)
{
    if (!database.open())
        return databaseError(database.lastError());
    // 16 MiB a connection: the pages of one screen and of one group of writes; the system caches the rest.
    QStringList pragmas{u"PRAGMA foreign_keys=ON"_s, u"PRAGMA temp_store=MEMORY"_s, u"PRAGMA cache_size=-16384"_s};
    if (use == Connection::Use::Write)
        pragmas << u"PRAGMA journal_mode=WAL"_s << u"PRAGMA synchronous=FULL"_s;
    pragmas << u"SELECT count(*) FROM sqlite_master"_s;
    for (const QString &statement : std::as_const(pragmas)) {
        if (const Result<> done = pragma(database, statement); !done)
            return done;
    }
    return {};
}

/// True where SQLite cannot read a whole database only because it may not make its journals beside it, as of a list that was put away.
/// A journal with content has what the file lacks, and perhaps a writer: one that cannot be opened is never looked past.
bool isKeptFromJournals(const QString &path, const Error &error)
{
    const int native = error.cause.sqlite & 0xff;
    if ((native != ReadOnly && native != CantOpen) || ::access(QFile::encodeName(QFileInfo(path).absolutePath()).constData(), W_OK) == 0)
        return false;
    struct stat journal = {};
    return ::stat(QFile::encodeName(path + u"-wal"_s).constData(), &journal) == 0 ? journal.st_size == 0 : errno == ENOENT;
}

QString nextName()
{
    static std::atomic<int> number = 0;
    return u"photolift-store-"_s + QString::number(++number);
}

} // namespace

Error databaseError(const QSqlError &error)
{
    const QString state = error.nativeErrorCode();
    if (state.size() == SqlStateLength)
        return {codeForState(state), u"sqlstate "_s + state + u": "_s + error.driverText(), {.sqlState = state}};
    // PostgreSQL was not reached, or went away: then there is nobody to name a state.
    if (state.isEmpty() && (error.type() == QSqlError::ConnectionError || error.driverText().contains("QPSQL"_L1)))
        return {ErrorCode::ApiUnavailable, error.databaseText() + u" ("_s + error.driverText() + u")"_s};
    bool isNumber = false;
    const int native = error.nativeErrorCode().toInt(&isNumber);
    return {isNumber ? codeFor(native) : ErrorCode::InternalUnknown,
            u"sqlite "_s + error.nativeErrorCode() + u": "_s + error.databaseText() + u" ("_s + error.driverText() + u")"_s,
            {.sqlite = native}};
}

Error databaseError(const QSqlDatabase &database, const QSqlError &error)
{
    if (!error.isValid() && !database.isOpen()) // the driver has noticed the end before we asked, and says nothing more
        return {ErrorCode::ApiUnavailable, u"the connection is closed"_s};
    const Error said = databaseError(error);
    if (said.code == ErrorCode::LocalListDamaged)
        noteDamage(database.databaseName());
    return said;
}

bool isConflict(const Error &error)
{
    return error.cause.sqlState == SerializationFailure || error.cause.sqlState == DeadlockDetected;
}

Error conflict(const QString &what)
{
    return {ErrorCode::ApiUnavailable, what, {.sqlState = SerializationFailure}};
}

void keepPrivate(const QString &path)
{
    const QByteArray file = QFile::encodeName(path);
    // Only when it is new: closing a descriptor of a file that is in use here would drop SQLite's locks on it.
    if (const int made = ::open(file.constData(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, OwnerOnly); made >= 0) {
        ::close(made);
        return;
    }
    for (const char *journal : {"", "-wal", "-shm"})
        ::chmod(QByteArray(file + journal).constData(), OwnerOnly);
}

Connection::Connection(QString name)
    : m_name(std::move(name))
{
}

Connection::~Connection()
{
    QSqlDatabase::database(m_name, false).close();
    QSqlDatabase::removeDatabase(m_name);
}

Result<std::unique_ptr<Connection>> Connection::open(const QString &path, Use use)
{
    const QString name = nextName();
    std::unique_ptr<Connection> connection(new Connection(name));

    if (use == Use::Write)
        keepPrivate(path);
    QSqlDatabase database = QSqlDatabase::addDatabase(u"QSQLITE"_s, name);
    database.setDatabaseName(path);
    database.setConnectOptions(use == Use::Read ? u"QSQLITE_BUSY_TIMEOUT=5000;QSQLITE_OPEN_READONLY"_s
                                                : u"QSQLITE_BUSY_TIMEOUT=5000"_s);
    Result<> begun = begin(database, use);
    if (!begun && use == Use::Read && isKeptFromJournals(path, begun.error())) {
        database.close();
        database.setDatabaseName(QString::fromLatin1(QUrl::fromLocalFile(path).toEncoded()) + u"?immutable=1"_s);
        database.setConnectOptions(u"QSQLITE_OPEN_READONLY;QSQLITE_OPEN_URI"_s);
        begun = begin(database, use);
    }
    if (!begun)
        return begun.error();
    return connection;
}

Result<std::unique_ptr<Connection>> Connection::open(const PostgresAddress &address)
{
    const QString name = nextName();
    std::unique_ptr<Connection> connection(new Connection(name));
    QSqlDatabase database = QSqlDatabase::addDatabase(u"QPSQL"_s, name);
    database.setHostName(address.host);
    database.setPort(address.port);
    database.setDatabaseName(address.database);
    database.setUserName(address.user);
    database.setPassword(address.password);
    QString options = u"connect_timeout=10;application_name=photolift"
                      // One whose computer lost its power says nothing more: without these a connection to it is waited for, for hours.
                      ";keepalives_idle=10;keepalives_interval=5;keepalives_count=3;tcp_user_timeout=20000"_s;
    if (!address.authorityFile.isEmpty())
        options += u";sslmode=verify-full;sslrootcert="_s + address.authorityFile;
    database.setConnectOptions(options);
    if (!database.open())
        return databaseError(database.lastError());
    for (const QString &statement : {u"SET TIME ZONE 'UTC'"_s, u"SET jit = off"_s, u"SET client_min_messages = warning"_s,
                                     // What is answered is on disk, however the server is set up; waiting for a standby as well is fine.
                                     u"SELECT set_config('synchronous_commit', 'on', false) "
                                     "WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')"_s,
                                     u"SET statement_timeout = %1"_s.arg(address.statementTimeoutMs)}) {
        if (const Result<> done = pragma(database, statement); !done)
            return done.error();
    }
    return connection;
}

QSqlDatabase Connection::database() const
{
    return QSqlDatabase::database(m_name, false);
}

Result<> Connection::setBusyTimeout(std::chrono::milliseconds longest)
{
    return pragma(database(), u"PRAGMA busy_timeout=%1"_s.arg(longest.count()));
}

Transaction::Transaction(const QSqlDatabase &database)
    : m_database(database)
{
    const bool isSqlite = database.driverName() == u"QSQLITE"_s;
    m_begun = pragma(database, isSqlite ? u"BEGIN IMMEDIATE"_s : u"BEGIN"_s);
    m_isOpen = static_cast<bool>(m_begun);
}

Transaction::~Transaction()
{
    // A full disk makes SQLite roll back by itself; the statement fails then, and that is fine.
    if (m_isOpen)
        (void)pragma(m_database, u"ROLLBACK"_s);
}

Result<> Transaction::commit()
{
    if (!m_begun)
        return m_begun;
    const Result<> committed = pragma(m_database, u"COMMIT"_s);
    if (committed)
        m_isOpen = false;
    return committed;
}

} // namespace photolift::store
