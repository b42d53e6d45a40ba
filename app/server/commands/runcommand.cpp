#include "app/server/commands/runcommand.h"

#include "app/server/api/projectboard.h"
#include "app/server/commands/devicecommands.h"
#include "app/server/commands/exportcommand.h"
#include "app/server/commands/groupcommands.h"
#include "app/server/commands/jobcommands.h"
#include "app/server/commands/migratecommand.h"
#include "app/server/commands/peoplecommands.h"
#include "app/server/commands/projectcommands.h"
#include "app/server/commands/reprocesscommands.h"
#include "app/server/config/configuredparts.h"
#include "app/server/exitcode.h"
#include "app/server/objects/objectstore.h"
#include "app/server/objects/s3/s3prepare.h"
#include "app/server/work/analyticsreads.h"
#include "app/server/work/photosandbox.h"
#include "models/store/database.h"
#include "models/store/openfunctions.h"
#include "models/vocabulary/ids.h"

#include <QFileInfo>
#include <QLoggingCategory>

#include <cstdio>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

int complain(const Error &error)
{
    std::fprintf(stderr, "%s: %s\n", errorName(error.code).data(), qPrintable(error.detail));
    return Failed;
}

Result<> migrateTables(const ServerConfig &config)
{
    if (config.isSqlite && QFileInfo(config.dataFolder).exists() && QFileInfo(config.dataFolder).ownerId() != ::geteuid())
        return Error{ErrorCode::ApiRequestRefused, u"the server makes the tables of server.sqlite itself, and has to own them: start it, or migrate as the owner of server.data"_s};
    if (config.isSqlite) // its tables are made when it is opened
        return DatabaseThreads::open(databaseOptions(config)) ? Result<>() : Result<>(Error{ErrorCode::LocalDiskError, u"server.sqlite"_s});
    if (!config.owner)
        return Error{ErrorCode::ApiRequestRefused, u"database.owner_password_file (or _env) is needed to migrate"_s};
    return migrateAsOwner(*config.owner);
}

Result<> prepareStore(const ServerConfig &config)
{
    if (!config.store)
        return {}; // a folder needs nothing
    return prepareBucket(*config.store);
}

/// That it is a replica of the database, and that its login sees what is asked of it.
Result<> checkReplica(const ServerConfig &config)
{
    const auto primary = store::Connection::open(*config.database);
    if (!primary)
        return primary.error();
    const Result<QString> identity = AnalyticsReads::identityOf((*primary)->database());
    if (!identity)
        return identity.error();
    const auto replica = AnalyticsReads::connect(*config.analytics, *identity);
    if (!replica)
        return replica.error();
    const auto listed = ProjectBoard((*replica)->database()).list({});
    return listed ? Result<>() : Result<>(listed.error());
}

Result<> checkAll(const ServerConfig &config)
{
    if (!config.tls.isEmpty()) {
        if (const auto tls = loadTls(config.tls); !tls)
            return tls.error();
    }
    if (const Result<> made = makeFolders(config); !made)
        return made;
    DatabaseThreads::Options options = databaseOptions(config);
    options.writers = 1;
    options.readers = 0;
    if (config.isSqlite) {
        if (const auto database = DatabaseThreads::open(options); !database)
            return database.error();
    }
    for (const store::PostgresAddress &login : config.logins()) {
        options.postgres = login;
        if (const auto database = DatabaseThreads::open(options); !database)
            return Error{database.error().code, login.user + u": "_s + database.error().detail};
    }
    if (options.postgres) {
        if (const auto connection = store::Connection::open(*options.postgres))
            store::warnOfOpenFunctions((*connection)->database());
    }
    if (config.analytics) {
        if (const Result<> answered = checkReplica(config); !answered)
            return Error{answered.error().code, config.analytics->user + u" on the replica: "_s + answered.error().detail};
    }
    if (config.roles.worker) {
        if (const auto sandbox = photoSandbox(photoProgram(), config.isSandboxRequired); !sandbox)
            return sandbox.error();
    }
    const auto store = openStore(config);
    return store ? Result<>() : Result<>(store.error());
}

Result<> withDatabase(const ServerConfig &config, const std::function<Result<>(DatabaseThreads &)> &work, int readers = 0)
{
    if (!config.isSqlite && !config.database)
        return Error{ErrorCode::ApiRequestRefused, u"this is done with the login of the role api, which this configuration does not have"_s};
    if (const Result<> made = makeFolders(config); !made)
        return made;
    DatabaseThreads::Options options = databaseOptions(config);
    options.writers = 1;
    options.readers = readers;
    const auto database = DatabaseThreads::open(options);
    return database ? work(**database) : Result<>(database.error());
}

/// One transaction, then what it gives: never a token of a person who was not recorded.
Result<> inDatabase(const ServerConfig &config, const std::function<Result<>(Writing &)> &job)
{
    return withDatabase(config, [&job](DatabaseThreads &database) { return database.writeAndWait(job); });
}

} // namespace

int runCommand(const Command &command, const ServerConfig &config)
{
    using What = Command::What;
    // What the probe of a store only reports is for the log of a start: a command says nothing where all is well.
    QLoggingCategory::setFilterRules(u"photolift.server.objects.info=false"_s);
    QByteArray output;
    const auto changing = [&](Result<> (*job)(Writing &, const Command &)) {
        return inDatabase(config, [&](Writing &writing) { return job(writing, command); });
    };
    const auto giving = [&](Result<> (*job)(Writing &, const Command &, QByteArray &)) {
        return inDatabase(config, [&](Writing &writing) { return job(writing, command, output); });
    };
    const auto done = [&]() -> Result<> {
        switch (command.what) {
        case What::Serve: return {};
        case What::Check: return checkAll(config);
        case What::Migrate: return migrateTables(config);
        case What::StorePrepare: return prepareStore(config);
        case What::AccountAdd: return changing(addAccount);
        case What::AccountClose:
        case What::AccountOpen: return changing(closeAccount);
        case What::AccountQuota: return changing(setQuota);
        case What::AccountList: return giving(listAccounts);
        case What::UserAdd: return changing(addUser);
        case What::UserRole: return changing(changeRole);
        case What::UserClose:
        case What::UserOpen: return changing(closeUser);
        case What::UserExport: {
            const auto store = openStore(config);
            if (!store)
                return store.error();
            return withDatabase(
                config, [&](DatabaseThreads &database) { return exportPerson(database, **store, command, output); }, 1);
        }
        case What::UserErase: return giving(eraseUser);
        case What::UserEraseUndo: return changing(undoErasure);
        case What::TokenCreate: return giving(createToken);
        case What::TokenList: return giving(listTokens);
        case What::TokenRevoke: return changing(revokeToken);
        case What::DeviceList: return giving(listDevices);
        case What::ProjectList: return giving(listProjects);
        case What::ProjectSet: return changing(setProject);
        case What::ProjectRetire:
        case What::ProjectRestore: return changing(retireProject);
        case What::AppRetire:
        case What::AppRestore: return changing(retireAppVersion);
        case What::TypeRetire:
        case What::TypeRestore: return changing(retirePhotoType);
        case What::LocationRetire:
        case What::LocationRestore: return changing(retireLocation);
        case What::GroupAdd: return changing(addGroup);
        case What::GroupList: return giving(listGroups);
        case What::GroupSet: return changing(setGroup);
        case What::GroupRetire:
        case What::GroupRestore: return changing(retireGroup);
        case What::GroupMemberAdd: return changing(addGroupMember);
        case What::GroupMemberRemove: return changing(removeGroupMember);
        case What::JobsList: return giving(listJobs);
        case What::JobsRetry: return giving(retryJobs);
        case What::PurgeDryRun: {
            const Result<> listed = giving(listPurges);
            if (!output.isEmpty())
                output += saidOfUndo() + saidOfBackups(config.backupsKeptDays);
            return listed;
        }
        case What::PurgeUndo: return giving(undoPurge);
        case What::Reprocess: return withDatabase(config, [&](DatabaseThreads &database) { return reprocess(database, command, output); });
        case What::ReprocessList: return giving(listReprocessing);
        }
        return {};
    }();
    if (!done)
        return complain(done.error());
    std::fwrite(output.constData(), 1, static_cast<std::size_t>(output.size()), stdout);
    return Fine;
}

} // namespace photolift::server
