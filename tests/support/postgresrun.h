#pragma once

#include <QString>
#include <QStringList>
#include <QTemporaryDir>

namespace photolift::support {

/// A real PostgreSQL 15 on loopback with a cluster of its own, TLS on, as an unprivileged user when the test runs as root. Ends with the
/// object. Functions wait; they say false and leave their reason in failure() when something does not work.
class PostgresRun
{
    Q_DISABLE_COPY_MOVE(PostgresRun)
public:
    enum class Durability {
        None, ///< no fsync: fast, for tests that do not crash it
        Real
    };
    PostgresRun();
    ~PostgresRun();

    bool start(Durability durability = Durability::None);
    /// kill -9 of the whole server; start() begins it again.
    void kill();
    /// As an administrator does: who is connected is thrown out.
    bool restart();
    /// Stopped in the middle of everything (-m immediate: nothing is written back) and started again: it recovers from its log.
    bool cut();
    /// An orderly end; start() begins it again.
    bool stop();
    /// A streaming replica of another one that runs, and that this takes over users and passwords from; in place of the first start().
    bool startReplicaOf(const PostgresRun &primary);
    /// Of a replica: it becomes a database of its own.
    bool promote();
    /// Listens at this port from now on, whether it runs or not.
    bool moveTo(quint16 port);
    /// As the owner of the cluster, wherever it listens.
    bool tell(const QString &database, const QString &statement);
    bool makeDatabase(const QString &name);
    /// In a database with the logins of an organisation: packaging/server/photolift-database.sql, as the README tells its administrator.
    bool prepareForServers(const QString &database);

    quint16 port() const { return m_port; }
    static QString user() { return QStringLiteral("photolift_test"); }
    const QString &password() const { return m_password; }
    /// The certificate to verify the server with.
    QString authorityFile() const;
    const QString &failure() const { return m_failure; }

private:
    bool restart(const QString &mode);
    bool initialise();
    bool findPort();
    bool writePort();
    bool run(const QString &program, const QStringList &arguments);

    QTemporaryDir m_folder;
    QString m_password;
    quint16 m_port = 0;
    bool m_hasStarted = false;
    QString m_failure;
};

} // namespace photolift::support
