#pragma once

#include "app/server/http/tlscontext.h"
#include "app/server/objects/s3/s3account.h"
#include "app/server/work/detaildays.h"
#include "app/server/work/processroles.h"
#include "models/store/postgresaddress.h"
#include "models/wire/messages.h"

#include <QByteArray>
#include <QString>
#include <QStringList>

#include <chrono>
#include <optional>
#include <variant>

namespace photolift::server {

/// Where a listener listens.
struct ListenAddress {
    QByteArray host;  ///< a number, no name
    quint16 port = 0; ///< 0: any free one
};

/// What the configuration is read for.
enum class ConfigFor {
    Running,
    Migrating, ///< the tables are made or renewed: that alone needs the login that owns them
};

/// What the configuration file of an organisation's server says; every key is explained in packaging/server/photolift-server.example.toml.
struct ServerConfig {
    ProcessRoles roles; ///< at least one
    ListenAddress listen;
    TlsFiles tls;                         ///< empty: plain HTTP, on loopback only
    QList<QByteArray> trustedProxies;     ///< addresses and networks
    std::optional<ListenAddress> metrics; ///< plain HTTP for the administrator's monitoring
    QString dataFolder; ///< logs and the short-lived copies of photos being examined; with SQLite and a folder store these too

    bool isSandboxRequired = true; ///< no start where photos cannot be opened in a sandbox

    int photosAtOnce = 0; ///< opened by the role worker, 1 to 256; as many as there are processors unless the file says otherwise

    std::chrono::seconds lease{60}; ///< a photo of a worker that has died is another's after so long

    std::chrono::seconds stall{60}; ///< so long a body, or who takes an answer, may be silent or slower than 500 bytes a second

    std::chrono::seconds drain{60}; ///< so long a stop waits for what is under way: requests, and photos that are being examined

    bool isSqlite = false; ///< in dataFolder; else PostgreSQL, as these logins
    std::optional<store::PostgresAddress> database;  ///< of the role api
    std::optional<store::PostgresAddress> worker;    ///< of worker and scheduler
    std::optional<store::PostgresAddress> retention; ///< of retention
    /// A streaming replica of the database, for the numbers that the role api only shows; nullopt: there is none.
    std::optional<store::PostgresAddress> analytics;
    std::optional<store::PostgresAddress> owner; ///< of the schema; ConfigFor::Migrating alone
    /// All of them that the roles of this process need; the first one is the process's own.
    QList<store::PostgresAddress> logins() const;

    std::chrono::seconds linkLife{wire::LinkSeconds}; ///< how long a link for a part may be begun with
    /// So long the administrator keeps backups, in which what was purged stays; 0: there are none; nullopt: not stated.
    std::optional<int> backupsKeptDays;
    DetailDays details;

    /// Everything that is stored is read again once in so long; 0: never.
    std::chrono::days rereadEvery{28};
    std::optional<S3Account> store; ///< nullopt: a folder in dataFolder
};

/// Reads and judges the file, and those files with secrets it names that are needed for this use and the roles. All faults at once, each with its line and what to do.
std::variant<ServerConfig, QStringList> serverConfigFrom(const QString &file, ConfigFor use = ConfigFor::Running);

/// The keys that are looked for in such a file, as "table.key": what its documentation has to name.
QStringList serverConfigKeys(const QString &file);

} // namespace photolift::server
