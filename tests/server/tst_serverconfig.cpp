#include "app/server/config/serverconfig.h"

#include <QFile>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>

using namespace Qt::StringLiterals;
using namespace photolift::server;

/// The configuration file: what it may say, and what is said about it.
class TestServerConfig : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void theExampleNamesEveryKey();
    void theExampleIsSound();
    void whatIsReadIsWhatIsWritten();
    void faultsAreNamed_data();
    void faultsAreNamed();
    void aRoleNeedsItsOwnLoginOnly_data();
    void aRoleNeedsItsOwnLoginOnly();
    void theOwnersPasswordIsReadToMigrateAlone();
    void aReplicaIsForTheApiAlone();
    void aFolderIsOneProcessAlone();
    void allFaultsComeAtOnce();
    void secretOthersCanReadIsNone();
    void keyEverybodyCanReadIsNone();
    void secretMayComeFromTheEnvironment();

private:
    QString write(const QString &name, const QByteArray &content, bool isPrivate = true) const;
    QByteArray sound() const;
    QString faultsOf(const QByteArray &toml) const;

    QTemporaryDir m_folder;
};

QString TestServerConfig::write(const QString &name, const QByteArray &content, bool isPrivate) const
{
    const QString path = m_folder.filePath(name);
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size())
        qFatal("cannot write %s", qPrintable(path));
    file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner | (isPrivate ? QFileDevice::Permissions() : QFileDevice::ReadOther));
    return path;
}

void TestServerConfig::initTestCase()
{
    write(u"secret"_s, "a secret\n");
}

QByteArray TestServerConfig::sound() const
{
    const QByteArray secret = '"' + m_folder.filePath(u"secret"_s).toUtf8() + '"';
    return "[server]\nlisten = \"[::1]:8421\"\ndata = \"/srv/photolift\"\ntrusted_proxies = [\"192.0.2.1\", \"10.0.0.0/8\"]\n"
           "metrics_listen = \"127.0.0.1:0\"\n[database]\nport = 5433\npassword_file = " + secret
        + "\nworker_password_file = " + secret + "\nretention_password_file = " + secret + "\n[store]\nendpoint = \"https://s3.example.org\"\nbucket = \"photos\"\naddressing = \"virtual-host\"\nregion = \"eu-1\"\naccess_key_file = " + secret
        + "\nsecret_key_file = " + secret + "\nrequire_encryption = true\n";
}

QString TestServerConfig::faultsOf(const QByteArray &toml) const
{
    const auto config = serverConfigFrom(write(u"config.toml"_s, toml));
    const QStringList *faults = std::get_if<QStringList>(&config);
    return faults ? faults->join(u'\n') : QString();
}

void TestServerConfig::theExampleNamesEveryKey()
{
    const QString example = qEnvironmentVariable("PHOTOLIFT_SOURCE") + u"/packaging/server/photolift-server.example.toml"_s;
    QFile file(example);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QStringList named;
    QString table;
    static const QRegularExpression line(u"^(?:\\[(\\w+)\\]|(?:# )?(\\w+) = )"_s);
    for (const QByteArray &text : file.readAll().split('\n')) {
        const auto match = line.match(QString::fromUtf8(text));
        if (!match.hasMatch())
            continue;
        if (!match.captured(1).isEmpty())
            table = match.captured(1);
        else
            named.append(table + u'.' + match.captured(2));
    }
    named.sort();

    QCOMPARE(named, serverConfigKeys(example));
}

void TestServerConfig::theExampleIsSound()
{
    QFile file(qEnvironmentVariable("PHOTOLIFT_SOURCE") + u"/packaging/server/photolift-server.example.toml"_s);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QByteArray toml = file.readAll();
    static const QRegularExpression secretFiles(u"_file = \"/etc/photolift/[^\"]*\""_s); // only the secrets of an installation are missing here
    QString text = QString::fromUtf8(toml);
    text.replace(secretFiles, u"_file = \"%1\""_s.arg(m_folder.filePath(u"secret"_s)));

    QCOMPARE(faultsOf(text.toUtf8()), QString());
}

void TestServerConfig::whatIsReadIsWhatIsWritten()
{
    const auto config = serverConfigFrom(write(u"config.toml"_s, sound()));
    const auto *read = std::get_if<ServerConfig>(&config);
    QVERIFY(read);
    QCOMPARE(read->listen.host, "::1");
    QCOMPARE(read->listen.port, 8421);
    QCOMPARE(read->trustedProxies, (QList<QByteArray>{"192.0.2.1", "10.0.0.0/8"}));
    QVERIFY(read->tls.isEmpty() && read->metrics);
    QCOMPARE(read->photosAtOnce, std::clamp(QThread::idealThreadCount(), 1, 256));
    QCOMPARE(read->metrics->host, "127.0.0.1");
    QVERIFY(!read->backupsKeptDays);
    const auto stated = serverConfigFrom(write(u"stated.toml"_s, sound().replace("[store]", "[retention]\nbackups_kept_days = 30\n[store]")));
    QVERIFY(std::get_if<ServerConfig>(&stated));
    QCOMPARE(std::get_if<ServerConfig>(&stated)->backupsKeptDays, 30);
    // ANALYTICS 4
    QCOMPARE(read->details.stages, 30);
    QCOMPARE(read->details.errors, 180);
    QCOMPARE(read->details.attempts, 400);
    QVERIFY(read->details.isWaitingForMarts);
    const auto trimmed = serverConfigFrom(
        write(u"trimmed.toml"_s, sound().replace("[store]", "[retention]\nstage_days = 7\nerror_days = 40\nattempt_days = 41\nwait_for_marts = false\n[store]")));
    QVERIFY(std::get_if<ServerConfig>(&trimmed));
    QCOMPARE(std::get_if<ServerConfig>(&trimmed)->details.stages, 7);
    QCOMPARE(std::get_if<ServerConfig>(&trimmed)->details.errors, 40);
    QCOMPARE(std::get_if<ServerConfig>(&trimmed)->details.attempts, 41);
    QVERIFY(!std::get_if<ServerConfig>(&trimmed)->details.isWaitingForMarts);
    QCOMPARE(read->rereadEvery, std::chrono::days(28)); // FAULTS F42: within 30
    const auto never = serverConfigFrom(write(u"never.toml"_s, sound().replace("[store]", "[store]\nreread_days = 0")));
    QVERIFY(std::get_if<ServerConfig>(&never));
    QCOMPARE(std::get_if<ServerConfig>(&never)->rereadEvery, std::chrono::days(0));
    QCOMPARE(read->dataFolder, u"/srv/photolift"_s);
    QVERIFY(read->database && !read->owner && read->store);
    QCOMPARE(read->database->port, 5433);
    QCOMPARE(read->database->user, u"photolift_app"_s);
    QCOMPARE(read->database->password, u"a secret"_s); // without its line end
    QCOMPARE(read->store->bucket, "photos");
    QCOMPARE(read->store->addressing, S3Account::Addressing::VirtualHost);
    QCOMPARE(read->store->credentials.region, "eu-1");
    QVERIFY(read->store->mustEncrypt);
}

void TestServerConfig::faultsAreNamed_data()
{
    QTest::addColumn<QByteArray>("from"); ///< of the sound file
    QTest::addColumn<QByteArray>("to");
    QTest::addColumn<QString>("fault");
    const auto row = [](const char *name, const char *from, const char *to, const char *fault) {
        QTest::newRow(name) << QByteArray(from) << QByteArray(to) << QString::fromLatin1(fault);
    };
    row("no such role", "[database]", "roles = [\"api\", \"painter\"]\n[database]", "server.roles (line 6) does not know painter");
    row("no role at all", "[database]", "roles = []\n[database]", "server.roles (line 6) has to name one at least");
    row("a role without its secret", "worker_password_file = ", "owner = ", "database.worker_password_file or database.worker_password_env is needed");
    row("a part of what SQLite's one process does", "[database]", "roles = [\"worker\"]\n[database]\nengine = \"sqlite\"",
        "server.roles (line 6) has to be all of them with SQLite");
    row("a lease as short as a hiccup", "[database]", "lease_seconds = 1\n[database]", "server.lease_seconds (line 6) has to be a number from 3 to 120");
    row("backups kept for a time before", "[store]", "[retention]\nbackups_kept_days = -1\n[store]",
        "retention.backups_kept_days (line 12) has to be a number from 0 to 36500");
    row("a re-read before the last one", "[store]", "[store]\nreread_days = -1", "store.reread_days (line 12) has to be a number from 0 to 3650");
    row("stages that leave while people look at them", "[store]", "[retention]\nstage_days = 6\n[store]",
        "retention.stage_days (line 12) has to be a number from 7 to 36500");
    row("errors kept for ever and a day", "[store]", "[retention]\nerror_days = 36501\n[store]",
        "retention.error_days (line 12) has to be a number from 7 to 36500");
    row("a stop without an end", "[database]", "drain_seconds = 601\n[database]", "server.drain_seconds (line 6) has to be a number from 1 to 600");
    row("a stall that cuts honest lines", "[database]", "stall_seconds = 9\n[database]", "server.stall_seconds (line 6) has to be a number from 10 to 300");
    row("no photo at a time", "[database]", "photos_at_once = 0\n[database]", "server.photos_at_once (line 6) has to be a number from 1 to 256");
    row("a link that outlives a shut-out", "[store]\n", "[store]\nlink_seconds = 301\n", "store.link_seconds (line 12) has to be a number from 2 to 300");
    row("no TOML", "[server]", "[server", "line 1");
    row("unknown key", "port = 5433", "prot = 5433", "database.prot (line 7) is no key of this file");
    row("a number as text", "port = 5433", "port = \"5433\"", "database.port (line 7) has to be a number from 1 to 65535");
    row("port out of range", "port = 5433", "port = 65536", "database.port (line 7) has to be a number from 1 to 65535");
    row("no port to listen on", "[::1]:8421", "::1", "server.listen (line 2) has to be an address and a port");
    row("a host name to listen on", "[::1]:8421", "photos.example.org:80", "server.listen (line 2)");
    row("a network without TLS", "[::1]:8421", "0.0.0.0:8421", "server.certificate_file is needed unless server.listen is on this computer");
    row("a certificate without its key", "[database]", "certificate_file = \"/etc/x.crt\"\n[database]", "server.key_file is needed, too");
    row("a key without its certificate", "[database]", "key_file = \"/etc/x.key\"\n[database]", "server.certificate_file is needed, too");
    row("no network", "10.0.0.0/8", "10.0.0.0/80", "server.trusted_proxies (line 4) has to be addresses and networks");
    row("a proxy that is no text", "\"10.0.0.0/8\"", "10", "server.trusted_proxies (line 4) has to be a list of texts in quotes");
    row("no port for metrics", "127.0.0.1:0", "127.0.0.1", "server.metrics_listen (line 5) has to be an address and a port");
    row("relative folder", "/srv/photolift", "photolift", "server.data (line 3) has to be an absolute path");
    row("store without TLS", "https://", "http://", "store.endpoint (line 12) has to be an https address");
    row("store for clients without TLS", "bucket = ", "client_endpoint = \"http://photos.example.org\"\nbucket = ",
        "store.client_endpoint (line 13) has to be an https address");
    row("store without TLS that only sounds like this computer", "https://s3.example.org", "http://localhost.example.org",
        "store.endpoint (line 12) has to be an https address");
    row("store with a path", "s3.example.org", "s3.example.org/x", "store.endpoint (line 12)");
    row("unknown word", "virtual-host", "vhost", "store.addressing (line 14) is one of: path, virtual-host");
    row("no bucket", "bucket = \"photos\"\n", "", "store.bucket is needed");
    row("flag as text", "= true", "= \"yes\"", "store.require_encryption (line 18) has to be true or false");
    row("distant database without its authority", "port = 5433", "host = \"db.example.org\"", "database.authority_file is needed");
    row("distant replica without its authority", "port = 5433", "analytics_host = \"replica.example.org\"",
        "database.authority_file is needed when the replica is on another computer");
    row("a replica without its secret", "port = 5433", "analytics_host = \"127.0.0.1\"",
        "database.analytics_password_file or database.analytics_password_env is needed");
    row("no secret", "5433\npassword_file = ", "5433\nowner = ", "database.password_file or database.password_env is needed");
}

void TestServerConfig::faultsAreNamed()
{
    QFETCH(const QByteArray, from);
    QFETCH(const QByteArray, to);
    QFETCH(const QString, fault);
    QVERIFY(sound().contains(from));

    const QString faults = faultsOf(sound().replace(from, to));

    QVERIFY2(faults.contains(fault), qPrintable(faults));
}

void TestServerConfig::aRoleNeedsItsOwnLoginOnly_data()
{
    QTest::addColumn<QByteArray>("role");
    QTest::addColumn<QStringList>("logins");
    QTest::newRow("api") << QByteArray("api") << QStringList{u"photolift_app"_s};
    QTest::newRow("worker") << QByteArray("worker") << QStringList{u"photolift_worker"_s};
    QTest::newRow("scheduler") << QByteArray("scheduler") << QStringList{u"photolift_worker"_s};
    QTest::newRow("retention") << QByteArray("retention") << QStringList{u"photolift_retention"_s};
    QTest::newRow("two") << QByteArray("retention\", \"api") << QStringList{u"photolift_app"_s, u"photolift_retention"_s};
}

void TestServerConfig::aRoleNeedsItsOwnLoginOnly()
{
    QFETCH(const QByteArray, role);
    QFETCH(const QStringList, logins);
    QString text = QString::fromUtf8(sound()).replace(u"[database]"_s, u"roles = [\"%1\"]\n[database]"_s.arg(QString::fromLatin1(role)));
    for (const auto &[prefix, user] : {std::pair("", "app"), std::pair("worker_", "worker"), std::pair("retention_", "retention")}) {
        const QString key = u"\n%1password_file = \""_s.arg(QLatin1StringView(prefix));
        if (!logins.contains(u"photolift_"_s + QLatin1StringView(user)))
            text.replace(key, key + u"/nowhere"_s); // this secret is not to be had here
    }
    const QByteArray toml = text.toUtf8();

    const auto config = serverConfigFrom(write(u"config.toml"_s, toml));

    const auto *read = std::get_if<ServerConfig>(&config);
    QVERIFY2(read, qPrintable(faultsOf(toml)));
    QStringList users;
    for (const auto &login : read->logins())
        users.append(login.user);
    QTEST(users, "logins");
}

void TestServerConfig::theOwnersPasswordIsReadToMigrateAlone()
{
    const QByteArray nowhere = sound().replace("port = 5433", "port = 5433\nowner_password_file = \"/nowhere/owner\"");
    const QByteArray secret = m_folder.filePath(u"secret"_s).toUtf8();
    const QByteArray there = sound().replace("port = 5433", QByteArray("port = 5433\nowner = \"o\"\nowner_password_file = \"" + secret + '"'));
    const auto read = [this](const QByteArray &toml, ConfigFor use) { return serverConfigFrom(write(u"config.toml"_s, toml), use); };

    for (const QByteArray &toml : {nowhere, there}) {
        const auto running = read(toml, ConfigFor::Running);
        QVERIFY2(std::get_if<ServerConfig>(&running), qPrintable(faultsOf(toml)));
        QVERIFY(!std::get<ServerConfig>(running).owner);
    }
    const auto refused = read(nowhere, ConfigFor::Migrating);
    QVERIFY(std::get_if<QStringList>(&refused));
    QVERIFY2(std::get<QStringList>(refused).join(u'\n').contains(u"database.owner_password_file (line 8) names /nowhere/owner"_s),
             qPrintable(std::get<QStringList>(refused).join(u'\n')));
    const auto migrating = read(there, ConfigFor::Migrating);
    QVERIFY(std::get_if<ServerConfig>(&migrating) && std::get<ServerConfig>(migrating).owner);
    QCOMPARE(std::get<ServerConfig>(migrating).owner->user, u"o"_s);
    QCOMPARE(std::get<ServerConfig>(migrating).owner->password, u"a secret"_s);
}

void TestServerConfig::aReplicaIsForTheApiAlone()
{
    const QByteArray toml = sound().replace("port = 5433", QByteArray("port = 5433\nanalytics_host = \"127.0.0.1\"\nanalytics_port = 5434\nanalytics_password_file = \""
                                                               + m_folder.filePath(u"secret"_s).toUtf8() + '"'));
    const auto config = serverConfigFrom(write(u"config.toml"_s, toml));
    const auto *read = std::get_if<ServerConfig>(&config);
    QVERIFY2(read && read->analytics, qPrintable(faultsOf(toml)));
    QCOMPARE(read->analytics->port, 5434);
    QCOMPARE(read->analytics->user, u"photolift_reader"_s);
    QCOMPARE(read->analytics->database, read->database->database);
    QCOMPARE(read->logins().size(), 3); // it is none of those without which nothing works

    const auto worker = serverConfigFrom(write(u"worker.toml"_s, QByteArray(toml).replace("[database]", "roles = [\"worker\"]\n[database]")));
    const auto *other = std::get_if<ServerConfig>(&worker);
    QVERIFY(other && !other->analytics);
}

void TestServerConfig::aFolderIsOneProcessAlone()
{
    const QString faults = faultsOf("[server]\nroles = [\"worker\"]\ndata = \"/srv\"\n[store]\nkind = \"folder\"\n");
    QVERIFY2(faults.contains(u"server.roles (line 2) has to be all of them with a folder as the store"_s), qPrintable(faults));
}

void TestServerConfig::allFaultsComeAtOnce()
{
    const QString faults = faultsOf("[server]\nlisten = 1\n[store]\nkind = \"tape\"\n");
    for (const QString &key : {u"server.listen"_s, u"server.data"_s, u"database.password_file"_s, u"store.kind"_s, u"store.bucket"_s})
        QVERIFY2(faults.contains(key), qPrintable(key + u" in\n"_s + faults));
}

void TestServerConfig::secretOthersCanReadIsNone()
{
    write(u"open"_s, "a secret", false);
    const QString faults = faultsOf(sound().replace("/secret\"\n[store]", "/open\"\n[store]"));
    QVERIFY2(faults.contains(u"others can read"_s), qPrintable(faults));
}

void TestServerConfig::keyEverybodyCanReadIsNone()
{
    const QByteArray key = write(u"key"_s, "a key", false).toUtf8();
    const QByteArray pair = "certificate_file = \"" + key + "\"\nkey_file = \"" + key + "\"\n[database]";
    const QString faults = faultsOf(sound().replace("[database]", pair));
    QVERIFY2(faults.contains(u"server.key_file (line 7) names"_s) && faults.contains(u"everybody can read"_s), qPrintable(faults));
}

void TestServerConfig::secretMayComeFromTheEnvironment()
{
    QByteArray toml = sound();
    const qsizetype at = toml.indexOf("password_file");
    toml.replace(at, toml.indexOf('\n', at) - at, "password_env = \"PHOTOLIFT_TEST_SECRET\"");
    QVERIFY(faultsOf(toml).contains(u"PHOTOLIFT_TEST_SECRET, which is not set"_s));
    qputenv("PHOTOLIFT_TEST_SECRET", "from there");
    QCOMPARE(faultsOf(toml), QString());
}

QTEST_GUILESS_MAIN(TestServerConfig)
#include "tst_serverconfig.moc"
