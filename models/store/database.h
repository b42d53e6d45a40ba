#pragma once

#include "models/vocabulary/result.h"

#include <QSqlDatabase>
#include <QSqlError>
#include <QString>
#include <QStringList>

#include <memory>

namespace photolift::store {

/// One named SQLite connection, made, used and removed on one thread. Pragmas as FAULTS 6: WAL, foreign_keys, busy_timeout
/// 5000, synchronous=FULL for the writer.
class Connection
{
public:
    enum class Use { Write, Read };
    static Result<std::unique_ptr<Connection>> open(const QString &path, Use use);
    ~Connection();
    Q_DISABLE_COPY_MOVE(Connection)
    QSqlDatabase database() const;

private:
    explicit Connection(QString name);
    QString m_name;
};

/// Rolls back unless committed.
class Transaction
{
public:
    explicit Transaction(const QSqlDatabase &database);
    ~Transaction();
    Q_DISABLE_COPY_MOVE(Transaction)
    Result<> commit();

private:
    QSqlDatabase m_database;
    bool m_isOpen = false;
};

/// Runs the numbered .sql files of each named series (resources/sql/SERIES/NNN_what.sql, in the program's resources under
/// :/sql) that the database has not seen yet, each with its version row in one transaction, after a copy of the file was made.
/// LOCAL_LIST_TOO_NEW when the database knows a higher number than the program; the file is left untouched.
Result<> migrate(const QSqlDatabase &database, const QStringList &series);

/// The code for what SQLite said: LOCAL_LIST_BUSY, LOCAL_DISK_FULL, LOCAL_DISK_ERROR, LOCAL_LIST_DAMAGED, else INTERNAL_UNKNOWN.
Error databaseError(const QSqlError &error);

} // namespace photolift::store
