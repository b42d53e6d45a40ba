#pragma once

#include "app/server/api/backstage.h"
#include "app/server/api/changebell.h"
#include "app/server/api/changewatch.h"
#include "app/server/api/calllimits.h"
#include "app/server/api/epoch.h"
#include "app/server/api/readiness.h"
#include "app/server/api/uploadapi.h"
#include "app/server/people/doorkeeper.h"
#include "app/server/work/analyticsreads.h"
#include "app/server/work/databasethreads.h"

#include <memory>

namespace photolift::server {

/// What the handlers of one running API share. Handlers hold it by shared_ptr: a request that is under way when the API stops
/// finds its parts still there, and the database refusing work.
struct ApiContext {
    ApiContext(UploadApi::Options given, ObjectStore &objects, std::shared_ptr<Epoch> epochOfRecords, std::unique_ptr<DatabaseThreads> threads,
               std::unique_ptr<Doorkeeper> door, std::unique_ptr<ChangeWatch> watch, std::unique_ptr<Backstage> behind,
               std::unique_ptr<ChangeBell> others, CallLimits callLimits,
               std::shared_ptr<ServerMetrics> counters)
        : options(std::move(given))
        , store(objects)
        , epoch(std::move(epochOfRecords))
        , database(std::move(threads))
        , analytics(std::make_unique<AnalyticsReads>(*database, options.analyticsReplica))
        , doorkeeper(std::move(door))
        , changes(std::move(watch))
        , backstage(std::move(behind))
        , bell(std::move(others))
        , limits(callLimits)
        , metrics(std::move(counters))
        , readiness(std::make_shared<Readiness>(*database, store, *backstage))
    {
    }

    const UploadApi::Options options;
    ObjectStore &store;
    const std::shared_ptr<const Epoch> epoch;
    const std::unique_ptr<DatabaseThreads> database;
    const std::unique_ptr<AnalyticsReads> analytics;
    const std::unique_ptr<Doorkeeper> doorkeeper; ///< at work in a process with the role api
    const std::unique_ptr<ChangeWatch> changes;
    const std::unique_ptr<Backstage> backstage; ///< writes into the one and notes changes at the other
    const std::unique_ptr<ChangeBell> bell; ///< none with SQLite: there is one server
    const CallLimits limits;
    const std::shared_ptr<ServerMetrics> metrics;
    const std::shared_ptr<Readiness> readiness;
};

/// Whose rows a handler works with: its caller's.
inline OnBehalfOf forCaller(const HttpRequest &request)
{
    return {request.caller.accountId};
}

/// The app version that speaks, as its User-Agent says; empty: another program.
inline QString clientVersion(const HttpRequest &request)
{
    const QByteArray agent = request.headers.value("user-agent");
    return agent.startsWith(wire::ClientName) ? QString::fromUtf8(agent.mid(qstrlen(wire::ClientName)).split(' ').constFirst()) : QString();
}

/// A handler that also gets the running API; API_UNAVAILABLE is answered for it while there is none.
using ApiHandler = std::function<void(const std::shared_ptr<ApiContext> &, const HttpRequest &, const Responder &)>;

// One resource each, in the file of its name. Called on an I/O thread: they only post.
void answerReady(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond);
void answerMetrics(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond);
void answerInfo(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond);
void answerToken(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond);
void answerAsk(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond);
void answerLinks(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond);
void answerCommit(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond);
void answerAbort(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond);
void answerStatus(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond);
void answerProjects(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond);
void answerProjectState(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond);
void answerPhotoRemove(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond);
void answerPhotoRestore(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond);
void answerPhotoLink(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond);
void answerBatchRemove(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond);
void answerBatchRestore(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond);
void answerEvents(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond);

} // namespace photolift::server
