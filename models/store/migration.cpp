#include "models/store/database.h"
#include "models/store/dialect.h"
#include "models/store/sqlscript.h"

#include "models/vocabulary/faultpoint.h"
#include "models/vocabulary/ids.h"

#include <QDir>
#include <QFile>
#include <QLoggingCategory>
#include <QSqlQuery>

using namespace Qt::StringLiterals;

namespace photolift::store {

namespace {

Q_LOGGING_CATEGORY(lcMigration, "photolift.store.migration")

struct Step {
    QString series;
    int number = 0;
    QString name; ///< of the file, such as 001_star.sql
    QString path;
};

Result<> execute(const QSqlDatabase &database, const QString &statement)
{
    QSqlQuery query(database);
    if (!query.exec(statement))
        return databaseError(query.lastError());
    return {};
}

QString folderOf(const QSqlDatabase &database, const QString &series)
{
    const QString engine = engineOf(database) == Engine::PostgreSql ? u"postgresql"_s : u"sqlite"_s;
    return u":/sql/"_s + engine + u"/"_s + series;
}

/// The files of one series, by number. Two files with one number, or a name without one, are our own mistake.
Result<QList<Step>> stepsOf(const QSqlDatabase &database, const QString &series)
{
    const QDir folder(folderOf(database, series));
    QList<Step> steps;
    const QStringList names = folder.entryList({u"*.sql"_s}, QDir::Files, QDir::Name);
    for (const QString &name : names) {
        const int number = name.section(u'_', 0, 0).toInt();
        if (number != steps.size() + 1)
            return Error{ErrorCode::InternalUnknown, u"the migrations of "_s + series + u" are not numbered 1, 2, 3: "_s + name};
        steps.append({series, number, name, folder.filePath(name)});
    }
    if (steps.isEmpty())
        return Error{ErrorCode::InternalUnknown, u"no migrations found in "_s + folder.path()};
    return steps;
}

Result<bool> hasVersions(const QSqlDatabase &database)
{
    const QStringList tables = database.tables();
    if (tables.isEmpty() && database.lastError().isValid() && database.lastError().type() != QSqlError::NoError)
        return databaseError(database.lastError());
    return tables.contains(u"schema_versions"_s);
}

Result<int> versionOf(const QSqlDatabase &database, const QString &series)
{
    QSqlQuery query(database);
    if (!query.prepare(u"SELECT coalesce(max(version), 0) FROM schema_versions WHERE series = ?"_s))
        return databaseError(query.lastError());
    query.addBindValue(series);
    if (!query.exec() || !query.next())
        return databaseError(query.lastError());
    return query.value(0).toInt();
}

/// A consistent copy of an open database; a plain copy of the file would miss what is in the WAL. Written under another name
/// first, so that a copy that was cut off is never taken for a whole one.
Result<> backUp(const QSqlDatabase &database, const Step &first)
{
    const QString target = database.databaseName() + u".before-"_s + first.series + u'-' + first.name.left(3);
    const QString unfinished = target + u".unfinished"_s;
    QFile::remove(unfinished);
    keepPrivate(unfinished); // SQLite takes an empty file as a new one
    QSqlQuery copy(database);
    if (!copy.prepare(u"VACUUM INTO ?"_s))
        return databaseError(copy.lastError());
    copy.addBindValue(unfinished);
    if (!copy.exec())
        return databaseError(copy.lastError());
    QFile::remove(target);
    if (!QFile::rename(unfinished, target))
        return Error{ErrorCode::LocalDiskError, u"the copy before an upgrade could not be named"_s};
    qCInfo(lcMigration) << "copied the database before" << first.series << first.number;
    return {};
}

Result<> run(const QSqlDatabase &database, const Step &step)
{
    QFile file(step.path);
    if (!file.open(QIODevice::ReadOnly))
        return Error{ErrorCode::InternalUnknown, u"cannot read "_s + step.path};

    Transaction transaction(database);
    if (!transaction.begun())
        return transaction.begun().error();
    // Another program may have run this step while we waited for the lock.
    const Result<int> version = versionOf(database, step.series);
    if (!version)
        return version.error();
    if (*version >= step.number)
        return {};
    const QStringList statements = sqlStatements(QString::fromUtf8(file.readAll()));
    for (const QString &statement : statements) {
        if (const Result<> done = execute(database, statement); !done)
            return Error{done.error().code, step.name + u": "_s + done.error().detail, done.error().cause};
    }
    QSqlQuery note(database);
    if (!note.prepare(u"INSERT INTO schema_versions (series, version, name, applied_ms) VALUES (?, ?, ?, ?)"_s))
        return databaseError(note.lastError());
    note.addBindValue(step.series);
    note.addBindValue(step.number);
    note.addBindValue(step.name);
    note.addBindValue(nowMs());
    if (!note.exec())
        return databaseError(note.lastError());
    note.finish();
    faultPoint("store.migrate.before");
    const Result<> committed = transaction.commit();
    faultPoint("store.migrate.after");
    return committed;
}

/// Two servers that start at the same moment migrate one after the other. SQLite's files have one program each, and a lock of their own.
class MigrationLock
{
public:
    explicit MigrationLock(const QSqlDatabase &database)
        : m_database(database)
        , m_isNeeded(engineOf(database) == Engine::PostgreSql)
        , m_taken(m_isNeeded ? execute(database, u"SELECT pg_advisory_lock(hashtext('photolift.migrate'))"_s) : Result<>())
    {
    }
    ~MigrationLock()
    {
        if (m_isNeeded && m_taken)
            (void)execute(m_database, u"SELECT pg_advisory_unlock(hashtext('photolift.migrate'))"_s);
    }
    Q_DISABLE_COPY_MOVE(MigrationLock)
    const Result<> &taken() const { return m_taken; }

private:
    const QSqlDatabase m_database;
    const bool m_isNeeded;
    const Result<> m_taken;
};

} // namespace

Result<> migrate(const QSqlDatabase &database, const QStringList &series)
{
    const MigrationLock lock(database);
    if (!lock.taken())
        return lock.taken().error();
    const Result<bool> isUsed = hasVersions(database);
    if (!isUsed)
        return isUsed.error();

    QList<Step> pending;
    for (const QString &name : series) {
        const Result<QList<Step>> steps = stepsOf(database, name);
        if (!steps)
            return steps.error();
        const Result<int> version = *isUsed ? versionOf(database, name) : Result<int>(0);
        if (!version)
            return version.error();
        if (*version > steps->size())
            return Error{ErrorCode::LocalListTooNew,
                         name + u" is at "_s + QString::number(*version) + u", known are "_s + QString::number(steps->size())};
        pending += steps->sliced(*version);
    }
    if (pending.isEmpty())
        return {};

    if (*isUsed) {
        // PostgreSQL takes a failed file back whole, and its backups are the administrator's.
        if (engineOf(database) == Engine::PostgreSql)
            qCInfo(lcMigration) << "upgrading from" << pending.first().series << pending.first().number;
        else if (const Result<> copied = backUp(database, pending.first()); !copied)
            return copied;
    } else if (const Result<> made = execute(database, u"CREATE TABLE IF NOT EXISTS schema_versions (series TEXT NOT NULL, "
                                                       "version INTEGER NOT NULL, name TEXT NOT NULL, applied_ms BIGINT NOT NULL, "
                                                       "PRIMARY KEY (series, version))"_s);
               !made) {
        return made;
    }
    for (const Step &step : std::as_const(pending)) {
        if (const Result<> done = run(database, step); !done)
            return done;
    }
    return {};
}

Result<> checkSchema(const QSqlDatabase &database, const QStringList &series)
{
    const Result<bool> isUsed = hasVersions(database);
    if (!isUsed)
        return isUsed.error();
    for (const QString &name : series) {
        const Result<QList<Step>> steps = stepsOf(database, name);
        if (!steps)
            return steps.error();
        const Result<int> version = *isUsed ? versionOf(database, name) : Result<int>(0);
        if (!version)
            return version.error();
        const QString where = u" (%1: the database has %2, the program %3)"_s.arg(name).arg(*version).arg(steps->size());
        if (*version < steps->size())
            return Error{ErrorCode::InternalUnknown, u"The database is older than this program. Run: photolift-server migrate"_s + where};
        if (*version > steps->size())
            return Error{ErrorCode::LocalListTooNew, u"The database belongs to a newer photolift-server. Update this program"_s + where};
    }
    return {};
}

} // namespace photolift::store
