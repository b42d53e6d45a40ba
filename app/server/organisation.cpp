#include "app/server/organisation.h"

#include "app/server/api/uploadapi.h"
#include "app/server/config/configuredparts.h"
#include "app/server/endwatch.h"
#include "app/server/home.h"
#include "app/server/http/httpserver.h"
#include "app/server/objects/folderstore.h"
#include "app/server/say.h"

#include <QDeadlineTimer>
#include <QJsonDocument>
#include <QLoggingCategory>

#include <algorithm>

Q_DECLARE_LOGGING_CATEGORY(lcServer)

namespace photolift::server {

using namespace Qt::StringLiterals;

namespace {

/// To write answers that were made while the worker ended, when that has taken all the time.
constexpr std::chrono::seconds LastAnswers{1};

HttpServer::Options listenerOptions(const ListenAddress &where)
{
    HttpServer::Options options;
    options.address = where.host;
    options.port = where.port;
    options.isLoopbackOnly = false; // a proxy in front of us passes on the Host it was called by
    return options;
}

QString addressOf(QLatin1StringView scheme, const ListenAddress &where, quint16 port)
{
    const QString host = where.host.contains(':') ? u"[%1]"_s.arg(QLatin1StringView(where.host)) : QString::fromLatin1(where.host);
    return u"%1://%2:%3"_s.arg(scheme, host).arg(port);
}

} // namespace

int runOrganisation(QCoreApplication &app, const ServerConfig &config)
{
    EndWatch watch;
    watch.watchHangUp();
    QObject::connect(&watch, &EndWatch::endAsked, &app, [&app] { app.exit(Fine); });
    if (const Result<> made = makeFolders(config); !made)
        return giveUp(made.error());
    const Result<Home> home = Home::take(config.dataFolder);
    if (!home)
        return giveUp(home.error());
    const Result<std::unique_ptr<ObjectStore>> store = openStore(config);
    if (!store)
        return giveUp(store.error());

    UploadApi::Options apiOptions;
    apiOptions.dataFolder = config.dataFolder;
    apiOptions.roles = config.roles;
    apiOptions.lease = config.lease;
    apiOptions.finishFor = config.drain;
    apiOptions.examiningThreads = config.photosAtOnce;
    apiOptions.postgres = databaseOptions(config).postgres;
    apiOptions.workerLogin = config.worker;
    apiOptions.retentionLogin = config.retention;
    apiOptions.analyticsReplica = config.analytics;
    apiOptions.backupsKeptDays = config.backupsKeptDays;
    apiOptions.details = config.details;
    apiOptions.rereadEvery = config.rereadEvery;
    apiOptions.photoProgram = photoProgram();
    if (!config.isSqlite)
        apiOptions.home = home->id();
    apiOptions.isSandboxRequired = config.isSandboxRequired;
    UploadApi api(apiOptions, **store);

    QList<Route> routes = api.routes();
    if (auto *folder = dynamic_cast<FolderStore *>(store->get()))
        routes += folder->routes();
    HttpServer::Options options = listenerOptions(config.listen);
    options.tls = config.tls;
    options.trustedProxies = config.trustedProxies;
    options.bodyStall = config.stall;
    options.onAnswered = api.countRequests();
    HttpServer http(options, routes, [&api](QByteArrayView token) { return api.recognise(token); });
    HttpServer metrics(listenerOptions(config.metrics.value_or(ListenAddress())), api.metricsRoutes(), [](QByteArrayView) { return std::nullopt; });
    QObject::connect(&watch, &EndWatch::reloadAsked, &app, [&http] {
        if (const Result<> reloaded = http.reloadTls(); !reloaded)
            qCWarning(lcServer).noquote() << errorName(reloaded.error().code).data() << "the certificate from before stays:" << reloaded.error().detail;
        else
            qCInfo(lcServer) << "certificate and key were read anew";
    });

    if (const Result<> started = api.start(); !started)
        return giveUp(started.error());
    watch.watchEnd(); // not before: a start may wait for a database, and has nothing yet that needs an end
    QJsonObject ready;
    if (config.roles.api) {
        const Result<quint16> port = http.start();
        if (!port)
            return giveUp(port.error());
        ready.insert(u"address"_s, addressOf(config.tls.isEmpty() ? "http"_L1 : "https"_L1, config.listen, *port));
    }
    if (config.metrics) {
        const Result<quint16> metricsPort = metrics.start();
        if (!metricsPort)
            return giveUp(metricsPort.error());
        ready.insert(u"metrics"_s, u"%1/metrics"_s.arg(addressOf("http"_L1, *config.metrics, *metricsPort)));
    }
    say(ready);
    qCInfo(lcServer).noquote() << "ready" << QJsonDocument(ready).toJson(QJsonDocument::Compact);

    const int code = app.exec();
    qCInfo(lcServer) << "stopping";
    const QDeadlineTimer drained(config.drain);
    http.close(); // a proxy sends whoever comes now to another server
    api.stop();
    metrics.stop();
    http.stop(std::max<std::chrono::milliseconds>(LastAnswers, std::chrono::milliseconds(drained.remainingTime())));
    qCInfo(lcServer) << "stopped";
    return code;
}

} // namespace photolift::server
