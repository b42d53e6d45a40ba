#include "app/server/api/uploadapi.h"

#include "app/server/api/apicontext.h"
#include "app/server/api/epoch.h"
#include "app/server/api/refusal.h"
#include "app/server/api/refusedaccess.h"
#include "app/server/api/requestkeys.h"
#include "app/server/metrics/countingstore.h"
#include "models/store/openfunctions.h"

#include <QDir>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

constexpr qint64 NoBody = 0;
constexpr qint64 MaxTokenRequestBytes = 4096;
constexpr qint64 MaxStateBytes = 1024;

QByteArray routeName(const QByteArray &method, const QByteArray &pattern)
{
    return method + ' ' + pattern;
}

QList<QByteArray> routeNames()
{
    QList<QByteArray> names;
    for (const RouteRight &right : allRights())
        names.append(routeName(right.method, right.pattern));
    return names;
}

Route healthRoute()
{
    Route route(RouteName::Healthz);
    route.handler = [](const HttpRequest &, const Responder &respond) { respond(jsonResponse(200, {{u"status"_s, u"ok"_s}})); };
    return route;
}

/// What the id in the path of a route is of that answers 404 or 410 when there is none; photos and batches have rows of their own (photosresource.cpp).
std::optional<Owned> ownedBy(RouteName name)
{
    switch (name) {
    case RouteName::Links:
    case RouteName::Commit:
    case RouteName::Abort:
        return Owned::Upload;
    case RouteName::ProjectState:
        return Owned::Project;
    default:
        return std::nullopt;
    }
}

/// Passes the answer on; one that refuses what is somebody else's is written down.
Responder noting(const std::shared_ptr<ApiContext> &api, RouteName name, const HttpRequest &request, const Responder &respond)
{
    const std::optional<Owned> owned = ownedBy(name);
    if (!owned && name != RouteName::Ask)
        return respond;
    return [api, name, owned, request, respond](HttpResponse response) {
        const int status = response.status;
        respond(std::move(response));
        const RouteRight &right = allRights()[static_cast<std::size_t>(name)];
        if (owned && (status == 404 || status == 410))
            noteIfForeign(api, right, request, *owned, {idOf(request)});
        else if (!owned && status == 403)
            noteForeign(api, right, request);
    };
}

CallLimits limitsFor(const UploadApi::Options &options)
{
    // Several processes can be made to start again by whoever wants a full bucket; the one that belongs to a desktop only by its desktop.
    const double share = options.home.isEmpty() ? 1.0 : 0.1;
    CallLimits limits;
    limits.events = std::make_shared<CallLimit>(CallLimit::Options{.perTokenAndMinute = options.eventBatchesPerMinute, .shareAtBegin = share});
    limits.links = std::make_shared<CallLimit>(CallLimit::Options{.perTokenAndMinute = options.linksPerMinute, .shareAtBegin = share});
    limits.tokensOfAddress =
        std::make_shared<CallLimit>(CallLimit::Options{.perAddressAndMinute = options.refusedExchangesPerMinute, .shareAtBegin = share, .isCountedLater = true});
    limits.tokensOfDevice = std::make_shared<RateLimit>(RateLimit::Options{.perMinute = options.exchangesPerMinute, .shareAtBegin = share});
    limits.refusals = std::make_shared<RateLimit>(RateLimit::Options{.perMinute = 1});
    return limits;
}

} // namespace

class UploadApi::Private
{
public:
    Private(Options given, ObjectStore &objects)
        : options(std::move(given))
        , metrics(std::make_shared<ServerMetrics>(routeNames()))
        , store(objects, metrics)
        , limits(limitsFor(options))
    {
    }

    Route readyRoute() { return openRoute(RouteName::Readyz, answerReady); }
    Route openRoute(RouteName name, ApiHandler handler)
    {
        Route route(name);
        route.handler = [this, handler = std::move(handler)](const HttpRequest &request, const Responder &respond) {
            if (const std::shared_ptr<ApiContext> api = running())
                handler(api, request, respond);
            else
                respond(overloaded(request));
        };
        return route;
    }

    std::shared_ptr<ApiContext> running()
    {
        const std::scoped_lock lock(mutex);
        return context;
    }

    const Options options;
    const std::shared_ptr<ServerMetrics> metrics;
    CountingStore store;
    const CallLimits limits;
    std::mutex mutex;
    std::shared_ptr<ApiContext> context; ///< while it runs
};

UploadApi::UploadApi(Options options, ObjectStore &store)
    : d(std::make_unique<Private>(std::move(options), store))
{
}

UploadApi::~UploadApi()
{
    stop();
}

QList<Route> UploadApi::routes()
{
    // What writes names a key, so that a repeat is known as one; links are made anew each time.
    enum class Key { None, Needed };
    const auto route = [this](RouteName name, Key key, qint64 maxBody, ApiHandler handler) {
        Route made(name);
        made.maxBodyBytes = maxBody;
        made.handler = [this, name, key, handler = std::move(handler)](const HttpRequest &request, Responder respond) {
            if (key == Key::Needed && !hasRequestKey(request))
                respond(malformed({ErrorCode::ApiRequestRefused, u"no Idempotency-Key"_s}, request));
            else if (const std::shared_ptr<ApiContext> api = d->running())
                handler(api, request, noting(api, name, request, respond));
            else
                respond(overloaded(request));
        };
        made.onRoleRefused = [this, name](const HttpRequest &request) {
            if (const std::shared_ptr<ApiContext> api = d->running())
                noteRefusedRole(api, allRights()[static_cast<std::size_t>(name)], request);
        };
        return made;
    };
    Route events = route(RouteName::Events, Key::Needed, wire::MaxJsonBytes, answerEvents);
    events.isGzipAccepted = true;
    events.isDamagedGzipKept = true;
    events.limit = d->limits.events;
    Route links = route(RouteName::Links, Key::None, wire::MaxJsonBytes, answerLinks);
    links.limit = d->limits.links;
    Route photoLink = route(RouteName::PhotoLink, Key::None, NoBody, answerPhotoLink);
    photoLink.limit = d->limits.links;
    Route token = route(RouteName::Token, Key::None, MaxTokenRequestBytes, answerToken);
    token.limit = d->limits.tokensOfAddress;
    return {healthRoute(),
            d->readyRoute(),
            route(RouteName::Info, Key::None, NoBody, answerInfo),
            std::move(token),
            route(RouteName::Ask, Key::Needed, wire::MaxJsonBytes, answerAsk),
            std::move(links),
            route(RouteName::Commit, Key::Needed, wire::MaxJsonBytes, answerCommit),
            route(RouteName::Abort, Key::Needed, wire::MaxJsonBytes, answerAbort),
            route(RouteName::Status, Key::None, wire::MaxJsonBytes, answerStatus),
            route(RouteName::Projects, Key::None, NoBody, answerProjects),
            route(RouteName::ProjectState, Key::Needed, MaxStateBytes, answerProjectState),
            route(RouteName::PhotoRemove, Key::Needed, NoBody, answerPhotoRemove),
            route(RouteName::PhotoRestore, Key::Needed, NoBody, answerPhotoRestore),
            std::move(photoLink),
            route(RouteName::BatchRemove, Key::Needed, NoBody, answerBatchRemove),
            route(RouteName::BatchRestore, Key::Needed, NoBody, answerBatchRestore),
            std::move(events)};
}

QList<Route> UploadApi::metricsRoutes()
{
    return {d->openRoute(RouteName::Metrics, answerMetrics), healthRoute(), d->readyRoute()};
}

std::function<void(const Route *, int, std::chrono::nanoseconds)> UploadApi::countRequests() const
{
    return [metrics = d->metrics](const Route *route, int status, std::chrono::nanoseconds duration) {
        metrics->countRequest(route == nullptr ? QByteArray() : routeName(route->method, route->pattern), status, duration);
    };
}

Result<> UploadApi::start()
{
    if (!QDir().mkpath(d->options.dataFolder))
        return Error{ErrorCode::LocalDiskError, u"the data folder cannot be made"_s};
    const auto epoch = std::make_shared<Epoch>();
    const bool tellsClients = d->options.roles.api;
    Result<std::unique_ptr<DatabaseThreads>> database = DatabaseThreads::open(
        {.path = QDir(d->options.dataFolder).filePath(u"server.sqlite"_s),
         .postgres = d->options.postgres,
         .writers = d->options.writingThreads,
         .readers = d->options.readingThreads,
         .waiting = d->options.waitingRequests,
         .meet = tellsClients ? DatabaseThreads::Meet([epoch](const QSqlDatabase &met) { return epoch->meet(met); }) : DatabaseThreads::Meet()});
    if (!database)
        return database.error();
    (void)(*database)->readAndWait([](const QSqlDatabase &reading) { store::warnOfOpenFunctions(reading); });
    auto doorkeeper = std::make_unique<Doorkeeper>(Doorkeeper::Options{d->options.lookAtTokensEvery}, **database);
    if (tellsClients) {
        const bool hasMet = d->options.postgres.has_value();
        const Result<> met = hasMet ? Result<>() : (*database)->writeAndWait([epoch](Writing &writing) { return epoch->meet(writing.database); });
        if (!met)
            return met;
        if (const Result<> started = doorkeeper->start(); !started)
            return started;
    }
    auto changes = std::make_unique<ChangeWatch>(d->options.gatherChanges);
    auto backstage = Backstage::open(d->options, d->store, **database, d->metrics,
                                     [watch = changes.get()](const QUuid &uploadId) { watch->noteChanged(uploadId); });
    if (!backstage)
        return backstage.error();
    std::unique_ptr<ChangeBell> bell;
    if (d->options.postgres) {
        const ChangeBell::Told told{[watch = changes.get(), behind = backstage->get()](const QUuid &uploadId) {
                                        watch->noteChangedElsewhere(uploadId);
                                        behind->lookForWork(); // it may have been committed
                                    },
                                    [watch = changes.get(), behind = backstage->get()] {
                                        watch->noteAnythingChanged();
                                        behind->lookForWork();
                                    }};
        bell = std::make_unique<ChangeBell>(*d->options.postgres, told);
        changes->setTellOthers([bell = bell.get()](const QUuid &uploadId) { bell->ring(uploadId); });
    }
    if (const Result<> started = (*backstage)->start(); !started)
        return started;
    const auto context = std::make_shared<ApiContext>(d->options, d->store, epoch, *std::move(database), std::move(doorkeeper),
                                                      std::move(changes), *std::move(backstage), std::move(bell), d->limits, d->metrics);
    const std::scoped_lock lock(d->mutex);
    d->context = context;
    return {};
}

std::optional<Caller> UploadApi::recognise(QByteArrayView accessToken) const
{
    const std::shared_ptr<ApiContext> api = d->running();
    return api ? api->doorkeeper->recognise(accessToken) : std::nullopt;
}

void UploadApi::stop()
{
    std::shared_ptr<ApiContext> context;
    {
        const std::scoped_lock lock(d->mutex);
        context = std::move(d->context);
        d->context.reset();
    }
    if (!context)
        return;
    // The waiting calls first, while the database still answers; then the worker, which writes what it has just done.
    context->changes->stop();
    context->backstage->stop();
    if (context->bell)
        context->bell->stop();
    context->doorkeeper->stop();
    context->analytics->stop();
    context->database->stop();
}

} // namespace photolift::server
