#pragma once

#include <QByteArray>
#include <QHash>
#include <QObject>
#include <QPointer>
#include <QSqlDatabase>
#include <QSqlQuery>

#include <optional>

namespace photolift::server {

/// Statements of one connection that stay prepared from one use to the next: PostgreSQL spends more on parsing and planning a short statement
/// than on running it. The connection's driver owns them, so that execute() finds them by the connection at hand, and nobody asks the other end to
/// forget what has gone with the connection. On the connection's thread alone.
class PreparedStatements : public QObject
{
    Q_OBJECT
public:
    /// For a connection that many jobs will use: from here on what execute() prepares stays.
    static void keepFor(const QSqlDatabase &database);
    /// Those of this connection; null where none are kept.
    static PreparedStatements *of(const QSqlDatabase &database);

    /// One that nobody is using, which is the caller's alone until giveBack(); nullopt when it has to be prepared.
    std::optional<QSqlQuery> take(QLatin1StringView sql);
    /// Finishes it: an unfinished one would hold a read mark of SQLite's.
    void giveBack(const QByteArray &sql, QSqlQuery query);

private:
    using QObject::QObject;

    QHash<QByteArray, QSqlQuery> m_idle; ///< by their text
};

/// The rows of one statement, one after the other, or what it changed. As long as it lives its prepared statement is nobody else's. Moved, never
/// copied; on the connection's thread.
class Answer
{
public:
    /// `home`: who gets the statement back; may be null.
    Answer(QSqlQuery query, PreparedStatements *home, QLatin1StringView sql);
    ~Answer();
    Answer(Answer &&other) noexcept;
    Answer &operator=(Answer &&other) noexcept;

    bool next() { return m_query.next(); }
    QVariant value(int column) const { return m_query.value(column); }
    bool isNull(int column) const { return m_query.isNull(column); }
    int numRowsAffected() const { return m_query.numRowsAffected(); }
    const QSqlQuery &row() const { return m_query; }
    void finish() { m_query.finish(); }

private:
    void leave();

    QSqlQuery m_query;
    QPointer<PreparedStatements> m_home;
    QByteArray m_sql;
};

} // namespace photolift::server
