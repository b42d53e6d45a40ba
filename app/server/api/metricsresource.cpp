#include "app/server/api/apicontext.h"
#include "app/server/work/statement.h"
#include "models/vocabulary/ids.h"

#include <algorithm>
#include <optional>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

struct Queue {
    double jobs = 0;
    double oldestSeconds = 0;
};

/// Nothing when the database does not answer.
std::optional<Queue> queueOf(const QSqlDatabase &database)
{
    Result<Answer> jobs = execute(database, "SELECT count(*), min(queued_ms) FROM server_jobs"_L1);
    if (!jobs || !jobs->next())
        return std::nullopt;
    const qint64 oldestMs = jobs->isNull(1) ? 0 : std::max<qint64>(0, nowMs() - jobs->value(1).toLongLong());
    return Queue{jobs->value(0).toDouble(), static_cast<double>(oldestMs) / 1000.0};
}

void writeQueue(Exposition &page, const std::optional<Queue> &queue)
{
    page.family("photolift_queue_known", "gauge", "1: the database has answered how long its queue is; 0: it is away or too busy, and the figures are not here.");
    page.sample({}, queue ? 1 : 0);
    if (!queue)
        return;
    page.family("photolift_queue_jobs", "gauge", "Committed photos whose last stage has not ended, in the shared database.");
    page.sample({}, queue->jobs);
    page.family("photolift_queue_oldest_age_seconds", "gauge", "Since the oldest of them was committed; 0 when there is none.");
    page.sample({}, queue->oldestSeconds);
}

/// What this process counts itself: there whatever else is not.
Exposition ownPage(const ApiContext &api, const DatabaseThreads::Load &load)
{
    Exposition page;
    api.metrics->writeTo(page);
    page.family("photolift_database_waiting", "gauge", "Work that waits for a database thread of this process.");
    page.sample({{"kind", "read"}}, static_cast<double>(load.reads));
    page.sample({{"kind", "write"}}, static_cast<double>(load.writes));
    return page;
}

HttpResponse responseWith(const Exposition &page)
{
    HttpResponse response;
    response.contentType = Exposition::ContentType;
    response.body = page.page();
    return response;
}

} // namespace

void answerMetrics(const std::shared_ptr<ApiContext> &api, const HttpRequest &, const Responder &respond)
{
    const DatabaseThreads::Load load = api->database->load(); // before this call waits there itself
    const ProcessRoles &roles = api->options.roles;
    if (!roles.api && !roles.worker && !roles.scheduler) // the login of retention may not look at the queue
        return respond(responseWith(ownPage(*api, load)));
    const auto withQueue = [api, respond, load](const std::optional<Queue> &queue) {
        Exposition page = ownPage(*api, load);
        writeQueue(page, queue);
        respond(responseWith(page));
    };
    if (!api->database->read(OnBehalfOf::everybody(), [withQueue](const QSqlDatabase &database) { withQueue(queueOf(database)); }))
        withQueue(std::nullopt);
}

} // namespace photolift::server
