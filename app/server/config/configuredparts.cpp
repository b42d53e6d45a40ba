#include "app/server/config/configuredparts.h"

#include "app/server/exitcode.h"
#include "app/server/objects/folderstore.h"
#include "app/server/objects/s3/s3store.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>

#include <sys/stat.h>

namespace photolift::server {

using namespace Qt::StringLiterals;

namespace {

QString spoolFolder(const ServerConfig &config)
{
    return QDir(config.dataFolder).filePath(u"spool"_s);
}

} // namespace

Result<> makeFolders(const ServerConfig &config)
{
    for (const QString &folder : {config.dataFolder, spoolFolder(config)}) {
        if (!QDir().mkpath(folder) || ::chmod(QFile::encodeName(folder).constData(), 0700) != 0)
            return Error{ErrorCode::LocalDiskError, u"the folder %1 cannot be made, or is another user's"_s.arg(folder)};
    }
    return {};
}

DatabaseThreads::Options databaseOptions(const ServerConfig &config)
{
    DatabaseThreads::Options options;
    options.path = QDir(config.dataFolder).filePath(u"server.sqlite"_s);
    if (!config.isSqlite)
        options.postgres = config.logins().value(0);
    return options;
}

QString photoProgram()
{
    return QCoreApplication::applicationDirPath() + u"/photolift-photo"_s;
}

Result<std::unique_ptr<ObjectStore>> openStore(const ServerConfig &config)
{
    std::unique_ptr<ObjectStore> store;
    if (config.store) {
        store = std::make_unique<S3Store>(S3Store::Options{.account = *config.store, .spoolFolder = QFile::encodeName(spoolFolder(config)), .linkLife = config.linkLife});
    } else {
        FolderStore::Options options;
        options.linkLife = config.linkLife;
        options.folder = QFile::encodeName(config.dataFolder);
        // Whoever has started us starts us again, from what the disk really holds.
        options.onUnsound = [] { QMetaObject::invokeMethod(QCoreApplication::instance(), [] { QCoreApplication::exit(Unsound); }, Qt::QueuedConnection); };
        store = std::make_unique<FolderStore>(options);
    }
    if (const Result<> proven = store->probe(); !proven)
        return proven.error();
    return store;
}

} // namespace photolift::server
