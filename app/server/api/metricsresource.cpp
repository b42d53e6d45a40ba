#include "app/server/api/apicontext.h"
#include "app/server/api/refusal.h"
#include "app/server/work/statement.h"
#include "models/vocabulary/ids.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace photolift::server {

void answerMetrics(const std::shared_ptr<ApiContext> &api, const HttpRequest &request, const Responder &respond)
{
    const DatabaseThreads::Load load = api->database->load(); // before this call waits there itself
    const bool isTaken = api->database->read(OnBehalfOf::everybody(), [api, request, respond, load](const QSqlDatabase &database) {
        Result<Answer> jobs = execute(database, "SELECT count(*), min(queued_ms) FROM server_jobs"_L1);
        if (!jobs)
            return respond(refusal(jobs.error(), request));
        jobs->next();
        const qint64 oldestMs = jobs->isNull(1) ? 0 : std::max<qint64>(0, nowMs() - jobs->value(1).toLongLong());

        Exposition page;
        api->metrics->writeTo(page);
        page.family("photolift_queue_jobs", "gauge", "Committed photos whose last stage has not ended, in the shared database.");
        page.sample({}, jobs->value(0).toDouble());
        page.family("photolift_queue_oldest_age_seconds", "gauge", "Since the oldest of them was committed; 0 when there is none.");
        page.sample({}, static_cast<double>(oldestMs) / 1000.0);
        page.family("photolift_database_waiting", "gauge", "Work that waits for a database thread of this process.");
        page.sample({{"kind", "read"}}, static_cast<double>(load.reads));
        page.sample({{"kind", "write"}}, static_cast<double>(load.writes));
        HttpResponse response;
        response.contentType = Exposition::ContentType;
        response.body = page.page();
        respond(std::move(response));
    });
    if (!isTaken)
        respond(overloaded(request));
}

} // namespace photolift::server
