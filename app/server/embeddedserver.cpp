#include "app/server/embeddedserver.h"

#include "app/server/accesstoken.h"
#include "app/server/api/uploadapi.h"
#include "app/server/endwatch.h"
#include "app/server/folderlock.h"
#include "app/server/http/httpserver.h"
#include "app/server/objects/folderstore.h"
#include "app/server/say.h"
#include "models/store/damage.h"
#include "models/vocabulary/ids.h"

#include <QDir>
#include <QFile>
#include <QLoggingCategory>
#include <QTimer>

#include <sys/stat.h>
#include <unistd.h>

Q_DECLARE_LOGGING_CATEGORY(lcServer)

namespace photolift::server {

using namespace Qt::StringLiterals;

namespace {

constexpr int TokenTimeoutMs = 30000;
constexpr int DamageLookMs = 1000;

/// A pipe or socket on standard input is a parent that gives the token and ends us by closing it.
bool hasParent()
{
    struct stat facts{};
    return ::fstat(STDIN_FILENO, &facts) == 0 && (S_ISFIFO(facts.st_mode) || S_ISSOCK(facts.st_mode));
}

/// A damaged database is kept beside the new one that is made in its place. The objects stay where they are and are found again by their
/// content; the new epoch makes the client tell everything again, also its copies of what only the old database had (api/recall.h).
Result<> setAsideDamaged(const QString &database)
{
    const Result<bool> damaged = store::isDamaged(database);
    if (!damaged)
        return damaged.error();
    if (!*damaged)
        return {};
    const Result<QString> kept = store::setAside(database, nowMs());
    return kept ? Result<>() : Result<>(kept.error());
}

} // namespace

int runEmbedded(QCoreApplication &app, const EmbeddedOptions &options)
{
    const QDir folder(options.dataFolder);
    if (!folder.mkpath(u"."_s))
        return giveUp({ErrorCode::LocalDiskError, u"the data folder cannot be made"_s});
    const QByteArray path = QFile::encodeName(folder.absolutePath());
    ::chmod(path.constData(), 0700);
    const Result<FolderLock> lock = FolderLock::take(path);
    if (!lock)
        return giveUp(lock.error());

    EndWatch watch;
    watch.watchEnd();
    QObject::connect(&watch, &EndWatch::endAsked, &app, [&app] { app.exit(Fine); });
    const bool isChild = options.tokenFile.isEmpty() && hasParent();
    const QByteArray tokenFile = options.tokenFile.isEmpty() ? QByteArray(path + "/token") : QFile::encodeName(options.tokenFile);
    const Result<AccessToken> token = isChild ? AccessToken::readFrom(STDIN_FILENO, TokenTimeoutMs) : AccessToken::makeIn(tokenFile);
    if (!token && isChild)
        return giveUp({token.error().code, token.error().detail % u"; with a pipe on standard input it is read from there, with --token-file FILE one is made"_s});
    if (!token)
        return giveUp(token.error());
    if (isChild)
        watch.watchParent(STDIN_FILENO);

    FolderStore::Options storeOptions;
    storeOptions.folder = path;
    // Whoever has started us starts us again, from what the disk really holds.
    storeOptions.onUnsound = [&app] { QMetaObject::invokeMethod(&app, [&app] { app.exit(Unsound); }, Qt::QueuedConnection); };
    FolderStore store(storeOptions);
    if (const Result<> proven = store.probe(); !proven)
        return giveUp(proven.error());

    const QString database = folder.absoluteFilePath(u"server.sqlite"_s);
    if (const Result<> sound = setAsideDamaged(database); !sound)
        return giveUp(sound.error());
    // What is found damaged only in use is examined at the next start: whoever has started us starts us again.
    QTimer damageWatch;
    QObject::connect(&damageWatch, &QTimer::timeout, &app, [&app, database] {
        if (store::isDamageNoted(database))
            app.exit(Unsound);
    });
    damageWatch.start(DamageLookMs);

    UploadApi::Options apiOptions;
    apiOptions.dataFolder = folder.absolutePath();
    apiOptions.storageFolder = folder.absoluteFilePath(u"objects"_s);
    apiOptions.photoProgram = QCoreApplication::applicationDirPath() + u"/photolift-photo"_s;
    UploadApi api(apiOptions, store);

    HttpServer::Options httpOptions;
    httpOptions.address = options.address;
    httpOptions.port = options.port;
    // Without the token a program gets nothing: nobody watches the health of this server, and no device token is exchanged here.
    QList<Route> routes = api.routes();
    routes.removeIf([](const Route &route) { return route.access == Access::Open; });
    HttpServer http(httpOptions, routes + store.routes(), [token = *token](QByteArrayView given) {
        // The one person of this computer (SCHEMA.md, Account).
        static const Caller Local{u"local"_s, u"local"_s, Role::Admin, {}};
        return token.isRight(given) ? std::optional(Local) : std::nullopt;
    });
    if (const Result<> started = api.start(); !started)
        return giveUp(started.error());
    const Result<quint16> port = http.start();
    if (!port)
        return giveUp(port.error());
    const QString host = options.address.contains(':') ? u"[::1]"_s : QString::fromLatin1(options.address);
    say({{u"address"_s, u"http://%1:%2"_s.arg(host).arg(*port)}});
    qCInfo(lcServer) << "listening on port" << *port;

    const int code = app.exec();
    qCInfo(lcServer) << "stopping";
    api.stop();
    http.stop();
    return code;
}

} // namespace photolift::server
