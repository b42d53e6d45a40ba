#include "app/server/config/serverconfig.h"

#include "app/server/config/configreader.h"
#include "app/server/http/trustedproxies.h"

#include <QDir>
#include <QFile>
#include <QHostAddress>

#include <thread>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

constexpr qint64 MostPorts = 65535;
constexpr qint64 ShortestLink = 2;
constexpr qint64 MostBackupDays = 36500;
constexpr qint64 MostRereadDays = 3650;
constexpr qint64 FewestDetailDays = 7; // the database refuses fewer (020_trims.sql)
constexpr qint64 MostDetailDays = 36500;
constexpr qint64 ShortestLease = 3;
constexpr qint64 LongestLease = 120; // FAULTS F12
constexpr qint64 ShortestStall = 10; // FAULTS F53
constexpr qint64 LongestStall = 300;
constexpr qint64 LongestDrain = 600;
constexpr qint64 MostPhotosAtOnce = 256;

bool isLoopback(const QString &host)
{
    return host == u"localhost"_s || QHostAddress(host).isLoopback();
}

ListenAddress listenAddress(ConfigReader &reader, const char *key, const QString &where)
{
    const qsizetype colon = where.lastIndexOf(u':');
    QString host = where.first(std::max<qsizetype>(0, colon));
    if (host.startsWith(u'[') && host.endsWith(u']'))
        host = host.sliced(1, host.size() - 2);
    bool isNumber = false;
    const ListenAddress address{QHostAddress(host).toString().toLatin1(), where.sliced(colon + 1).toUShort(&isNumber)};
    if (!isNumber || address.host.isEmpty())
        reader.fault(key, u"has to be an address and a port, such as 127.0.0.1:8420 or [::]:8420"_s);
    return address;
}

void readListeners(ConfigReader &reader, ServerConfig &config)
{
    config.listen = listenAddress(reader, "server.listen", reader.text("server.listen", u"127.0.0.1:8420"_s));
    config.tls = {reader.text("server.certificate_file"), reader.text("server.key_file")};
    if (config.tls.certificate.isEmpty() != config.tls.key.isEmpty())
        reader.fault(config.tls.key.isEmpty() ? "server.key_file" : "server.certificate_file", u"is needed, too: a certificate and its key belong together"_s);
    else if (config.tls.isEmpty() && !config.listen.host.isEmpty() && !isLoopback(QString::fromLatin1(config.listen.host)))
        reader.fault("server.certificate_file", u"is needed unless server.listen is on this computer: tokens would travel in the clear"_s);
    if (QFile(config.tls.key).permissions() & (QFileDevice::ReadOther | QFileDevice::WriteOther))
        reader.fault("server.key_file", u"names %1, which everybody can read: chmod 0640"_s.arg(config.tls.key));
    if (const QString where = reader.text("server.metrics_listen"); !where.isEmpty())
        config.metrics = listenAddress(reader, "server.metrics_listen", where);
    for (const QString &proxy : reader.texts("server.trusted_proxies"))
        config.trustedProxies.append(proxy.toLatin1());
    if (const Result<TrustedProxies> proxies = TrustedProxies::parse(config.trustedProxies); !proxies)
        reader.fault("server.trusted_proxies", u"has to be addresses and networks, such as 192.0.2.1 and 10.0.0.0/8: "_s + proxies.error().detail);
}

ProcessRoles readRoles(ConfigReader &reader)
{
    if (!reader.has("server.roles"))
        return {};
    ProcessRoles roles{false, false, false, false};
    const QStringList words = reader.texts("server.roles");
    for (const QString &word : words) {
        if (word == u"api"_s)
            roles.api = true;
        else if (word == u"worker"_s)
            roles.worker = true;
        else if (word == u"scheduler"_s)
            roles.scheduler = true;
        else if (word == u"retention"_s)
            roles.retention = true;
        else
            reader.fault("server.roles", u"does not know "_s + word + u"; there are api, worker, scheduler and retention"_s);
    }
    if (words.isEmpty())
        reader.fault("server.roles", u"has to name one at least: api, worker, scheduler, retention"_s);
    return roles;
}

/// A login and its secret, which is not even read where no role needs it.
std::optional<store::PostgresAddress> readLogin(ConfigReader &reader, store::PostgresAddress address, bool isNeeded, const char *prefix,
                                                const QString &name)
{
    const QByteArray user = QByteArray("database.") + prefix + "user";
    const QByteArray password = QByteArray("database.") + prefix + "password";
    address.user = reader.text(user.constData(), name);
    if (!isNeeded) {
        (void)reader.has(QByteArray(password + "_file").constData());
        (void)reader.has(QByteArray(password + "_env").constData());
        return std::nullopt;
    }
    address.password = QString::fromUtf8(reader.requiredSecret(password.constData()));
    return address;
}

/// Only who makes tables reads its secret: a server that runs cannot lose what it never had.
std::optional<store::PostgresAddress> readOwner(ConfigReader &reader, store::PostgresAddress address, ConfigFor use)
{
    address.user = reader.text("database.owner", u"photolift_owner"_s);
    const bool hasFile = reader.has("database.owner_password_file");
    const bool hasVariable = reader.has("database.owner_password_env");
    if (use != ConfigFor::Migrating || !(hasFile || hasVariable))
        return std::nullopt;
    address.password = QString::fromUtf8(reader.requiredSecret("database.owner_password"));
    return address;
}

void readDatabase(ConfigReader &reader, ServerConfig &config, ConfigFor use)
{
    const ProcessRoles &roles = config.roles;
    config.isSqlite = reader.word("database.engine", {u"postgresql"_s, u"sqlite"_s}) == u"sqlite"_s;
    if (config.isSqlite) {
        if (!(roles.api && roles.worker && roles.scheduler && roles.retention))
            reader.fault("server.roles", u"has to be all of them with SQLite: its file is one process's alone"_s);
        return;
    }
    store::PostgresAddress address;
    address.host = reader.text("database.host", u"127.0.0.1"_s);
    address.port = static_cast<quint16>(reader.integer("database.port", 5432, 1, MostPorts));
    address.database = reader.text("database.name", u"photolift"_s);
    address.authorityFile = reader.text("database.authority_file");
    if (address.authorityFile.isEmpty() && !isLoopback(address.host))
        reader.fault("database.authority_file", u"is needed when the database is on another computer: its certificate is verified in full"_s);
    if (!address.authorityFile.isEmpty() && !QFile::exists(address.authorityFile))
        reader.fault("database.authority_file", u"names a file that is not there"_s);

    config.database = readLogin(reader, address, roles.api, "", u"photolift_app"_s);
    config.worker = readLogin(reader, address, roles.worker || roles.scheduler, "worker_", u"photolift_worker"_s);
    config.retention = readLogin(reader, address, roles.retention, "retention_", u"photolift_retention"_s);
    store::PostgresAddress replica = address;
    replica.host = reader.text("database.analytics_host");
    replica.port = static_cast<quint16>(reader.integer("database.analytics_port", 5432, 1, MostPorts));
    const bool hasReplica = roles.api && !replica.host.isEmpty();
    if (hasReplica && address.authorityFile.isEmpty() && !isLoopback(replica.host))
        reader.fault("database.authority_file", u"is needed when the replica is on another computer: its certificate is verified in full"_s);
    config.analytics = readLogin(reader, replica, hasReplica, "analytics_", u"photolift_reader"_s);
    config.owner = readOwner(reader, address, use);
}

void readRetention(ConfigReader &reader, ServerConfig &config)
{
    if (reader.has("retention.backups_kept_days"))
        config.backupsKeptDays = static_cast<int>(reader.integer("retention.backups_kept_days", 0, 0, MostBackupDays));
    DetailDays &days = config.details;
    days.stages = static_cast<int>(reader.integer("retention.stage_days", days.stages, FewestDetailDays, MostDetailDays));
    days.errors = static_cast<int>(reader.integer("retention.error_days", days.errors, FewestDetailDays, MostDetailDays));
    days.attempts = static_cast<int>(reader.integer("retention.attempt_days", days.attempts, FewestDetailDays, MostDetailDays));
    days.isWaitingForMarts = reader.flag("retention.wait_for_marts", days.isWaitingForMarts);
}

QUrl endpointOf(ConfigReader &reader, const char *key, const QString &text)
{
    const QUrl url(text, QUrl::StrictMode);
    const bool isSecure = url.scheme() == u"https"_s || (url.scheme() == u"http"_s && isLoopback(url.host()));
    if (!url.isValid() || url.host().isEmpty() || !isSecure || !(url.path().isEmpty() || url.path() == u"/"_s))
        reader.fault(key, u"has to be an https address without a path (http on this computer only)"_s);
    return url;
}

void readStore(ConfigReader &reader, ServerConfig &config)
{
    config.rereadEvery = std::chrono::days(reader.integer("store.reread_days", config.rereadEvery.count(), 0, MostRereadDays));
    if (reader.word("store.kind", {u"s3"_s, u"folder"_s}) == u"folder"_s) {
        if (!(config.roles.api && config.roles.worker && config.roles.retention))
            reader.fault("server.roles", u"has to be all of them with a folder as the store: it is one process's alone"_s);
        return;
    }
    S3Account account;
    account.endpoint = endpointOf(reader, "store.endpoint", reader.requiredText("store.endpoint"));
    if (const QString other = reader.text("store.client_endpoint"); !other.isEmpty())
        account.clientEndpoint = endpointOf(reader, "store.client_endpoint", other);
    account.bucket = reader.requiredText("store.bucket").toLatin1();
    account.addressing = reader.word("store.addressing", {u"path"_s, u"virtual-host"_s}) == u"path"_s ? S3Account::Addressing::Path
                                                                                                      : S3Account::Addressing::VirtualHost;
    account.credentials.region = reader.text("store.region", u"us-east-1"_s).toLatin1();
    account.credentials.accessKey = reader.requiredSecret("store.access_key");
    account.credentials.secretKey = reader.requiredSecret("store.secret_key");
    account.authorityFile = reader.text("store.authority_file");
    if (!account.authorityFile.isEmpty() && !QFile::exists(account.authorityFile))
        reader.fault("store.authority_file", u"names a file that is not there"_s);
    account.mustEncrypt = reader.flag("store.require_encryption", false);
    config.store = account;
}

ServerConfig readAll(ConfigReader &reader, ConfigFor use)
{
    ServerConfig config;
    config.dataFolder = reader.requiredText("server.data");
    if (!config.dataFolder.isEmpty() && !QDir::isAbsolutePath(config.dataFolder))
        reader.fault("server.data", u"has to be an absolute path"_s);
    config.roles = readRoles(reader);
    config.isSandboxRequired = reader.flag("server.require_sandbox", true);
    const qint64 processors = std::clamp<qint64>(std::thread::hardware_concurrency(), 1, MostPhotosAtOnce); // 0: the system does not say
    config.photosAtOnce = static_cast<int>(reader.integer("server.photos_at_once", processors, 1, MostPhotosAtOnce));
    config.linkLife = std::chrono::seconds(reader.integer("store.link_seconds", config.linkLife.count(), ShortestLink, wire::LinkSeconds));
    config.lease = std::chrono::seconds(reader.integer("server.lease_seconds", config.lease.count(), ShortestLease, LongestLease));
    config.stall = std::chrono::seconds(reader.integer("server.stall_seconds", config.stall.count(), ShortestStall, LongestStall));
    config.drain = std::chrono::seconds(reader.integer("server.drain_seconds", config.drain.count(), 1, LongestDrain));
    readListeners(reader, config);
    readDatabase(reader, config, use);
    readRetention(reader, config);
    readStore(reader, config);
    return config;
}

} // namespace

QList<store::PostgresAddress> ServerConfig::logins() const
{
    QList<store::PostgresAddress> needed;
    for (const auto &login : {database, worker, retention}) {
        if (login)
            needed.append(*login);
    }
    return needed;
}

std::variant<ServerConfig, QStringList> serverConfigFrom(const QString &file, ConfigFor use)
{
    ConfigReader reader(file);
    ServerConfig config = readAll(reader, use);
    QStringList faults = reader.finish();
    if (!faults.isEmpty())
        return faults;
    return config;
}

QStringList serverConfigKeys(const QString &file)
{
    ConfigReader reader(file);
    (void)readAll(reader, ConfigFor::Running);
    return reader.asked();
}

} // namespace photolift::server
