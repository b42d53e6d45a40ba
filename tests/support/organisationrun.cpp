#include "tests/support/organisationrun.h"

#include "tests/support/serverrun.h"

#include <QDir>
#include <QEventLoop>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QThread>
#include <QTimer>
#include <QUuid>

using namespace Qt::StringLiterals;

namespace photolift::support {

namespace {
constexpr int LeaseSeconds = 5; ///< tests wait for its end
}

OrganisationRun::OrganisationRun()
    : m_postgres(std::make_unique<PostgresRun>())
    , m_program(programFolder() + u"/photolift-server"_s)
{
}

OrganisationRun::~OrganisationRun()
{
    for (const auto &server : m_servers) {
        server->process.kill();
        server->process.waitForFinished(20000);
    }
}

bool OrganisationRun::writePrivate(const QString &name, const QByteArray &content) const
{
    QFile file(path(name));
    return file.open(QIODevice::WriteOnly) && file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner)
        && file.write(content) == content.size();
}

QSqlDatabase OrganisationRun::openDatabase(const QString &name) const
{
    QSqlDatabase database = QSqlDatabase::addDatabase(u"QPSQL"_s, name);
    database.setHostName(u"127.0.0.1"_s);
    database.setPort(m_postgres->port());
    database.setUserName(PostgresRun::user());
    database.setPassword(m_postgres->password());
    database.setDatabaseName(u"photolift"_s);
    (void)database.open();
    return database;
}

bool OrganisationRun::tell(const QString &statement, const QString &role)
{
    const QString name = QUuid::createUuid().toString();
    bool isDone = false;
    {
        const QSqlDatabase database = openDatabase(name);
        QSqlQuery query(database);
        isDone = database.isOpen() && (role.isEmpty() || query.exec(u"SET SESSION AUTHORIZATION "_s + role)) && query.exec(statement);
        if (!isDone)
            m_failure = database.lastError().text() + query.lastError().text();
    }
    QSqlDatabase::removeDatabase(name);
    return isDone;
}

QString OrganisationRun::sql(const QString &statement)
{
    const QString name = QUuid::createUuid().toString();
    QString value;
    {
        QSqlQuery query(openDatabase(name));
        if (query.exec(statement) && query.next())
            value = query.value(0).toString();
        else
            m_failure = query.lastError().text();
    }
    QSqlDatabase::removeDatabase(name);
    return value;
}

QByteArray OrganisationRun::config(const QString &folder, int port, const QStringList &roles) const
{
    QString who = u"owner_password_file = \"%1/owner\"\npassword_file = \"%1/app\"\nworker_password_file = \"%1/worker\"\n"
                  "retention_password_file = \"%1/retention\"\n"_s;
    if (!roles.isEmpty())
        who = QString(roles.contains(u"api"_s) ? u"password_file = \"%1/app\"\n"_s : QString())
            + (roles.contains(u"worker"_s) || roles.contains(u"scheduler"_s) ? u"worker_password_file = \"%1/worker\"\n"_s : QString())
            + (roles.contains(u"retention"_s) ? u"retention_password_file = \"%1/retention\"\n"_s : QString());
    const QString what = roles.isEmpty() ? QString() : u"roles = [\"%1\"]\n"_s.arg(roles.join(u"\", \""_s));
    const int photosAtOnce = roles.isEmpty() ? 3 : 1; // with a process for each role there are several workers: some of the photos wait for them
    return uR"([server]
listen = "127.0.0.1:%6"
metrics_listen = "127.0.0.1:0"
data = "%1/%7"
trusted_proxies = ["127.0.0.1"]
lease_seconds = %8
photos_at_once = %11
drain_seconds = %12
%9[database]
port = %2
authority_file = "%3"
%10[store]
endpoint = "%4"
bucket = "photos"
region = "%5"
access_key_file = "%1/access"
secret_key_file = "%1/secret"
)"_s.arg(m_folder.path()).arg(m_postgres->port()).arg(m_postgres->authorityFile(), m_store.endpoint().toString(), QString::fromLatin1(CephGateway::region()))
        .arg(port).arg(folder).arg(LeaseSeconds).arg(what, who.arg(m_folder.path()) + m_databaseLines).arg(photosAtOnce)
        .arg(m_drainSeconds).toUtf8() + m_storeLines.toUtf8();
}

bool OrganisationRun::addToDatabase(const QString &lines)
{
    m_databaseLines = lines;
    return writePrivate(u"config.toml"_s, config(u"data"_s, 0));
}

bool OrganisationRun::start(CephGateway::Daemons daemons, PostgresRun::Durability durability)
{
    // Side by side: each of them mostly waits for programs of its own. The store's belong to this thread, where they are ended.
    bool isDatabaseUp = false;
    const std::unique_ptr<QThread> starter(QThread::create([&] { isDatabaseUp = m_postgres->start(durability); }));
    starter->start();
    const bool isStoreUp = m_store.start(daemons);
    starter->wait();
    if (!isDatabaseUp) {
        m_failure = m_postgres->failure();
        return false;
    }
    if (!isStoreUp) {
        m_failure = m_store.failure();
        return false;
    }
    if (!makeLogins())
        return false;
    if (!writePrivate(u"access"_s, CephGateway::accessKey()) || !writePrivate(u"secret"_s, CephGateway::secretKey() + '\n')
        || !writePrivate(u"config.toml"_s, config(u"data"_s, 0)))
        return false;
    for (const QStringList &words : {QStringList{u"migrate"_s}, QStringList{u"store"_s, u"prepare"_s}, QStringList{u"check"_s}}) {
        command(words);
        if (m_lastExit != 0)
            return false;
    }
    return true;
}

bool OrganisationRun::makeLogins()
{
    if (!m_postgres->makeDatabase(u"photolift"_s)) {
        m_failure = m_postgres->failure();
        return false;
    }
    for (const char *role : {"owner", "app", "worker", "retention", "analyst"}) {
        QFile kept(path(QString::fromLatin1(role)));
        const QByteArray secret = kept.open(QIODevice::ReadOnly) ? kept.readAll().trimmed() : QUuid::createUuid().toByteArray(QUuid::WithoutBraces);
        if (!tell(u"CREATE ROLE photolift_%1 LOGIN PASSWORD '%2'"_s.arg(QLatin1StringView(role), QLatin1StringView(secret)))
            || !writePrivate(QString::fromLatin1(role), secret + '\n'))
            return false;
    }
    if (!tell(u"ALTER DATABASE photolift OWNER TO photolift_owner"_s) || !tell(u"ALTER SCHEMA public OWNER TO photolift_owner"_s))
        return false;
    if (!m_postgres->prepareForServers(u"photolift"_s)) {
        m_failure = m_postgres->failure();
        return false;
    }
    return true;
}

bool OrganisationRun::loseDatabase()
{
    auto another = std::make_unique<PostgresRun>();
    if (!another->start()) {
        m_failure = another->failure();
        return false;
    }
    m_postgres = std::move(another);
    return writePrivate(u"config.toml"_s, config(u"data"_s, 0));
}

QByteArray OrganisationRun::command(const QStringList &words)
{
    QProcess process;
    process.start(programFolder() + u"/photolift-server"_s, QStringList{u"--config"_s, configFile()} + words);
    while (process.state() != QProcess::NotRunning && waitForWord(process, 60000)) { }
    m_lastExit = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
    m_failure = words.join(u' ') + u": "_s + QString::fromUtf8(process.readAllStandardError());
    return process.readAllStandardOutput();
}

bool OrganisationRun::waitForWord(QProcess &process, int ms) const
{
    if (m_storeLines.isEmpty())
        return process.waitForReadyRead(ms) || process.state() == QProcess::NotRunning;
    bool isHeard = false;
    QEventLoop loop;
    const auto hear = [&] {
        isHeard = true;
        loop.quit();
    };
    QObject::connect(&process, &QProcess::readyRead, &loop, hear);
    QObject::connect(&process, &QProcess::finished, &loop, hear);
    QTimer::singleShot(ms, &loop, &QEventLoop::quit);
    loop.exec();
    return isHeard;
}

QString OrganisationRun::tokenFileFor(const QString &user)
{
    const QString name = u"token-"_s + user;
    return writePrivate(name, command({u"token"_s, u"create"_s, user})) && m_lastExit == 0 ? path(name) : QString();
}

bool OrganisationRun::openPhotosWith(const QString &program)
{
    // A program finds its siblings beside the file that it is, not beside a link to it.
    const QString copy = path(u"programs/photolift-server"_s);
    if (!QDir().mkpath(path(u"programs"_s)) || !QFile::copy(m_program, copy) || !QFile::link(program, path(u"programs/photolift-photo"_s))) {
        m_failure = u"no copy of the server"_s;
        return false;
    }
    m_program = copy;
    return true;
}

bool OrganisationRun::startServer(const QStringList &roles)
{
    m_servers.push_back(std::make_unique<Server>());
    m_servers.back()->roles = roles;
    if (launch(m_servers.size() - 1))
        return true;
    m_servers.pop_back();
    return false;
}

bool OrganisationRun::restartServer(int number)
{
    return launch(static_cast<std::size_t>(number));
}

bool OrganisationRun::launch(std::size_t number)
{
    Server &server = *m_servers[number];
    const QString name = u"server-%1"_s.arg(number);
    if (!writePrivate(name + u".toml"_s, config(name, server.address.port(0), server.roles)))
        return false;
    const QString log = path(name + u".log"_s);
    const bool isShown = qEnvironmentVariableIsSet("PHOTOLIFT_SHOW_SERVER");
    server.process.setProcessChannelMode(isShown ? QProcess::ForwardedErrorChannel : QProcess::SeparateChannels);
    if (!isShown)
        server.process.setStandardErrorFile(log, QIODevice::Append);
    server.process.start(m_program, {u"--config"_s, path(name + u".toml"_s)});
    QByteArray output;
    while (!output.contains('\n')) {
        if (!waitForWord(server.process, 30000) || server.process.state() == QProcess::NotRunning) {
            QFile lines(log);
            m_failure = u"the server did not start: "_s + (lines.open(QIODevice::ReadOnly) ? QString::fromUtf8(lines.readAll().right(2000)) : QString());
            return false;
        }
        output += server.process.readAllStandardOutput();
    }
    const QJsonObject ready = QJsonDocument::fromJson(output.left(output.indexOf('\n'))).object();
    server.address = QUrl(ready.value(u"address"_s).toString());
    server.metrics = QUrl(ready.value(u"metrics"_s).toString());
    m_failure = QString::fromUtf8(output);
    const bool isForClients = server.roles.isEmpty() || server.roles.contains(u"api"_s);
    return server.address.isEmpty() != isForClients && !server.metrics.isEmpty();
}

void OrganisationRun::killServer(int number)
{
    QProcess &process = m_servers[static_cast<std::size_t>(number)]->process;
    process.kill();
    process.waitForFinished(20000);
}

int OrganisationRun::stopServer(int number)
{
    tellToStop(number);
    return exitWithin(number, 30000);
}

void OrganisationRun::tellToStop(int number)
{
    m_servers[static_cast<std::size_t>(number)]->process.terminate();
}

int OrganisationRun::exitWithin(int number, int ms)
{
    QProcess &process = m_servers[static_cast<std::size_t>(number)]->process;
    if (process.state() != QProcess::NotRunning && !process.waitForFinished(ms))
        return -1;
    return process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
}

qint64 OrganisationRun::processId(int number) const
{
    return m_servers[static_cast<std::size_t>(number)]->process.processId();
}

QUrl OrganisationRun::metrics(int number) const
{
    return m_servers[static_cast<std::size_t>(number)]->metrics;
}

QUrl OrganisationRun::address(int number) const
{
    return m_servers[static_cast<std::size_t>(number)]->address;
}

} // namespace photolift::support
