#pragma once

#include "tests/support/cephgateway.h"
#include "tests/support/postgresrun.h"

#include <QProcess>
#include <QSqlDatabase>
#include <QTemporaryDir>
#include <QUrl>

#include <memory>
#include <vector>

namespace photolift::support {

/// An organisation's installation: PostgreSQL with its logins, an S3 store, a configuration, and photolift-server set up with its own
/// commands as the README tells an administrator. Ends with the object. Functions wait; they say false and leave their reason in failure().
class OrganisationRun
{
    Q_DISABLE_COPY_MOVE(OrganisationRun)
public:
    OrganisationRun();
    ~OrganisationRun();

    /// PostgreSQL and the store, both set up; no server yet.
    bool start(CephGateway::Daemons daemons = CephGateway::Daemons::One, PostgresRun::Durability durability = PostgresRun::Durability::None);
    /// Further lines of the table [store] of the servers that start from now on. They may lead to something that lives on the test's
    /// own thread, such as a proxy: from then on everything here waits with an event loop.
    void addToStore(const QString &lines) { m_storeLines = lines; }
    /// Further lines of the table [database], of commands and of the servers that start from now on.
    bool addToDatabase(const QString &lines);
    /// Servers that start from now on are a copy of photolift-server beside this program in the place of photolift-photo.
    bool openPhotosWith(const QString &program);
    /// The computer of the database is lost with all that was on it: another one with an empty PostgreSQL of its own takes its place, for commands and for
    /// the servers that start from now on. Secrets and configuration are still there.
    bool loseDatabase();
    /// The README's block of the superuser: logins, by the secrets that are there, and an empty database. start() has done it.
    bool makeLogins();
    /// One more server on them; its number counts from 0. Each has a data folder and a log of its own, and with `roles` the logins of these
    /// alone.
    bool startServer(const QStringList &roles = {});
    void killServer(int number);
    /// The same once more, where it listened before.
    bool restartServer(int number);
    /// SIGTERM; the exit code.
    int stopServer(int number);
    /// The two halves of it; -1: it has not ended within the time, or was killed.
    void tellToStop(int number);
    int exitWithin(int number, int ms);
    /// Of the servers that start from now on.
    void setDrainSeconds(int seconds) { m_drainSeconds = seconds; }
    QUrl address(int number = 0) const; ///< empty without the role api
    qint64 processId(int number = 0) const;
    QUrl metrics(int number = 0) const;

    /// photolift-server --config ...: what it gave on standard output; exit code in lastExit(), standard error in failure().
    QByteArray command(const QStringList &words);
    int lastExit() const { return m_lastExit; }
    /// A file with a fresh device token of this person, 0600.
    QString tokenFileFor(const QString &user);

    /// A connection of that name as the owner of the cluster; whoever asks removes it again.
    QSqlDatabase openDatabase(const QString &name) const;
    /// First column of the first row, as the owner of the cluster.
    QString sql(const QString &query);
    /// `role`: as that login, in whose rights it is then done.
    bool tell(const QString &statement, const QString &role = {});

    PostgresRun &postgres() { return *m_postgres; }
    CephGateway &store() { return m_store; }
    const CephGateway &store() const { return m_store; }
    QString configFile() const { return path(QStringLiteral("config.toml")); }
    QString path(const QString &name) const { return m_folder.filePath(name); }
    const QString &failure() const { return m_failure; }

    /// A file for secrets.
    bool writePrivate(const QString &name, const QByteArray &content) const;

private:
    QByteArray config(const QString &folder, int port, const QStringList &roles = {}) const;

    QTemporaryDir m_folder;
    std::unique_ptr<PostgresRun> m_postgres;
    CephGateway m_store;
    struct Server {
        QProcess process;
        QUrl address;
        QUrl metrics;
        QStringList roles;
    };
    bool launch(std::size_t number);
    /// True once there is something to read, or it has ended; false after the time.
    bool waitForWord(QProcess &process, int ms) const;
    std::vector<std::unique_ptr<Server>> m_servers;
    QString m_program; ///< photolift-server
    int m_drainSeconds = 10;
    QString m_storeLines;
    QString m_databaseLines;
    int m_lastExit = -1;
    QString m_failure;
};

} // namespace photolift::support
