#include "tests/support/postgresrun.h"

#include "tests/support/testcertificate.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QProcessEnvironment>
#include <QRandomGenerator>
#include <QTcpServer>

#include <csignal>
#include <pwd.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace photolift::support {

namespace {

const QString Programs = u"/usr/lib/postgresql/15/bin/"_s;
/// PostgreSQL refuses to run as root; every system has this one.
constexpr char Unprivileged[] = "nobody";

bool isRoot()
{
    return ::geteuid() == 0;
}

bool give(const QString &path)
{
    const passwd *entry = ::getpwnam(Unprivileged);
    return !isRoot() || (entry && ::chown(QFile::encodeName(path).constData(), entry->pw_uid, entry->pw_gid) == 0);
}

/// State and parent of a process as /proc tells them; no state: it is gone.
struct ProcessFacts {
    char state = 0;
    pid_t parent = 0;
};
ProcessFacts factsOf(pid_t process)
{
    QFile stat(u"/proc/%1/stat"_s.arg(process));
    if (!stat.open(QIODevice::ReadOnly))
        return {};
    const QByteArray line = stat.readAll(); // PID (NAME) STATE PARENT ...
    const QList<QByteArray> behindName = line.mid(line.lastIndexOf(')') + 2).split(' ');
    return {behindName.value(0).isEmpty() ? char(0) : behindName.value(0).at(0), static_cast<pid_t>(behindName.value(1).toLongLong())};
}

QList<pid_t> childrenOf(pid_t parent)
{
    QList<pid_t> children;
    const QStringList processes = QDir(u"/proc"_s).entryList(QDir::Dirs);
    for (const QString &name : processes) {
        const auto process = static_cast<pid_t>(name.toLongLong());
        if (process > 0 && factsOf(process).parent == parent)
            children.append(process);
    }
    return children;
}

bool write(const QString &path, const QByteArray &content)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(content) == content.size() && file.flush()
        && file.setPermissions(QFile::ReadOwner | QFile::WriteOwner) && give(path);
}

}

PostgresRun::PostgresRun() = default;

PostgresRun::~PostgresRun()
{
    if (QFile::exists(m_folder.filePath(u"cluster/postmaster.pid"_s)))
        run(Programs + u"pg_ctl"_s, {u"-D"_s, m_folder.filePath(u"cluster"_s), u"-m"_s, u"immediate"_s, u"-w"_s, u"stop"_s});
}

QString PostgresRun::authorityFile() const
{
    return m_folder.filePath(u"authority.pem"_s);
}

bool PostgresRun::run(const QString &program, const QStringList &arguments)
{
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.setStandardOutputFile(m_folder.filePath(u"output"_s)); // a started server keeps it open
    process.setWorkingDirectory(m_folder.path());
    // Where a client of PostgreSQL, such as a replica, looks for certificates of its own; root's is not for the one it runs as.
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"HOME"_s, m_folder.path());
    process.setProcessEnvironment(environment);
    if (isRoot())
        process.start(u"setpriv"_s, QStringList{u"--reuid"_s, QString::fromLatin1(Unprivileged), u"--regid"_s, u"nogroup"_s,
                                                u"--clear-groups"_s, program} + arguments);
    else
        process.start(program, arguments);
    if (process.waitForFinished(60000) && process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0)
        return true;
    m_failure = program + u": "_s + process.errorString();
    for (const QString &name : {u"output"_s, u"log"_s}) {
        QFile file(m_folder.filePath(name));
        if (file.open(QIODevice::ReadOnly))
            m_failure += u'\n' + QString::fromLocal8Bit(file.readAll());
    }
    return false;
}

bool PostgresRun::findPort()
{
    QTcpServer probe;
    if (!m_folder.isValid() || !give(m_folder.path()) || !probe.listen(QHostAddress::LocalHost))
        return false;
    m_port = probe.serverPort();
    return true;
}

bool PostgresRun::initialise()
{
    if (!findPort())
        return false;
    m_password = QString::number(QRandomGenerator::system()->generate64(), 36);
    const QString cluster = m_folder.filePath(u"cluster"_s);
    if (!write(m_folder.filePath(u"password"_s), m_password.toLatin1() + '\n')
        || !run(Programs + u"initdb"_s, {u"-D"_s, cluster, u"-U"_s, user(), u"--pwfile"_s, m_folder.filePath(u"password"_s), u"-A"_s,
                                         u"scram-sha-256"_s, u"-E"_s, u"UTF8"_s, u"--locale=C.UTF-8"_s, u"--no-sync"_s}))
        return false;
    const TestCertificate certificate = makeTestCertificate();
    QFile settings(cluster + u"/postgresql.conf"_s);
    return write(authorityFile(), certificate.pem) && write(cluster + u"/server.crt"_s, certificate.pem)
        && write(cluster + u"/server.key"_s, certificate.key.toPem())
        && write(cluster + u"/pg_hba.conf"_s, "local all all scram-sha-256\nhostssl all,replication all 127.0.0.1/32 scram-sha-256\n")
        && settings.open(QIODevice::Append)
        && settings.write(u"\nlisten_addresses = '127.0.0.1'\nport = %1\nunix_socket_directories = '%2'\nssl = on\n"
                          "max_connections = 200\nshared_buffers = 128MB\n"_s.arg(m_port).arg(m_folder.path()).toUtf8()) > 0;
}

bool PostgresRun::startReplicaOf(const PostgresRun &primary)
{
    const QString cluster = m_folder.filePath(u"cluster"_s);
    QFile certificate(primary.authorityFile());
    if (!findPort() || !certificate.open(QIODevice::ReadOnly) || !write(authorityFile(), certificate.readAll()))
        return false;
    m_password = primary.password();
    qputenv("PGPASSWORD", m_password.toLatin1());
    if (!run(Programs + u"pg_basebackup"_s, {u"-D"_s, cluster, u"-h"_s, u"127.0.0.1"_s, u"-p"_s, QString::number(primary.port()), u"-U"_s, user(), u"-R"_s,
                                             u"-X"_s, u"stream"_s, u"-c"_s, u"fast"_s, u"--no-sync"_s}))
        return false;
    QFile settings(cluster + u"/postgresql.conf"_s);
    return settings.open(QIODevice::Append)
           && settings.write(u"\nunix_socket_directories = '%1'\n"_s.arg(m_folder.path()).toUtf8()) > 0 && settings.flush() && writePort() && start();
}

/// The last one counts, from the next start on.
bool PostgresRun::writePort()
{
    QFile settings(m_folder.filePath(u"cluster/postgresql.conf"_s));
    return settings.open(QIODevice::Append) && settings.write(u"\nport = %1\n"_s.arg(m_port).toUtf8()) > 0 && settings.flush();
}

bool PostgresRun::promote()
{
    return run(Programs + u"pg_ctl"_s, {u"-D"_s, m_folder.filePath(u"cluster"_s), u"-w"_s, u"-t"_s, u"60"_s, u"promote"_s});
}

bool PostgresRun::moveTo(quint16 port)
{
    m_port = port;
    if (!writePort() || (QFile::exists(m_folder.filePath(u"cluster/postmaster.pid"_s)) && !stop()))
        return false;
    return start();
}

bool PostgresRun::tell(const QString &database, const QString &statement)
{
    qputenv("PGPASSWORD", m_password.toLatin1());
    return run(Programs + u"psql"_s, {u"-h"_s, m_folder.path(), u"-p"_s, QString::number(m_port), u"-U"_s, user(), u"-d"_s, database, u"-c"_s, statement});
}

bool PostgresRun::stop()
{
    return run(Programs + u"pg_ctl"_s, {u"-D"_s, m_folder.filePath(u"cluster"_s), u"-m"_s, u"fast"_s, u"-w"_s, u"stop"_s});
}

bool PostgresRun::start(Durability durability)
{
    if (m_port == 0 && !initialise())
        return false;
    QString options;
    if (durability == Durability::None)
        options = u"-c fsync=off -c synchronous_commit=off -c full_page_writes=off"_s;
    // Before its first start nobody knows its port, which another may have taken since it was found.
    for (int ports = 1; !run(Programs + u"pg_ctl"_s, {u"-D"_s, m_folder.filePath(u"cluster"_s), u"-l"_s, m_folder.filePath(u"log"_s), u"-w"_s, u"-t"_s,
                                                      u"60"_s, u"-o"_s, options, u"start"_s});
         ++ports) {
        if (m_hasStarted || ports == 3 || !m_failure.contains("Address already in use"_L1) || !findPort() || !writePort())
            return false;
        QFile::remove(m_folder.filePath(u"log"_s));
    }
    m_hasStarted = true;
    return true;
}

void PostgresRun::kill()
{
    QFile pid(m_folder.filePath(u"cluster/postmaster.pid"_s));
    if (!pid.open(QIODevice::ReadOnly))
        return;
    const auto postmaster = static_cast<pid_t>(pid.readLine().trimmed().toLongLong());
    const QList<pid_t> family = QList<pid_t>{postmaster} + childrenOf(postmaster);
    ::kill(postmaster, SIGKILL);
    // Its children notice, and hold the cluster's memory until then; a new server would refuse to start beside them.
    for (const pid_t member : family) {
        while (factsOf(member).state != 0) // nor a zombie: a new server takes its number for a living one
            ::usleep(10'000);
    }
}

bool PostgresRun::cut()
{
    return restart(u"immediate"_s);
}

bool PostgresRun::restart()
{
    return restart(u"fast"_s);
}

bool PostgresRun::restart(const QString &mode)
{
    return run(Programs + u"pg_ctl"_s, {u"-D"_s, m_folder.filePath(u"cluster"_s), u"-l"_s, m_folder.filePath(u"log"_s), u"-w"_s, u"-t"_s,
                                        u"60"_s, u"-m"_s, mode, u"restart"_s});
}

bool PostgresRun::makeDatabase(const QString &name)
{
    qputenv("PGPASSWORD", m_password.toLatin1());
    return run(Programs + u"createdb"_s, {u"-h"_s, m_folder.path(), u"-p"_s, QString::number(m_port), u"-U"_s, user(), name});
}

bool PostgresRun::prepareForServers(const QString &database)
{
    QFile file(qEnvironmentVariable("PHOTOLIFT_SOURCE") + u"/packaging/server/photolift-database.sql"_s);
    if (!file.open(QIODevice::ReadOnly)) {
        m_failure = file.fileName() + u": "_s + file.errorString();
        return false;
    }
    return tell(database, QString::fromUtf8(file.readAll()));
}

} // namespace photolift::support
