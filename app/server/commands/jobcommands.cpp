#include "app/server/commands/jobcommands.h"

#include "app/server/api/changebell.h"
#include "app/server/people/auditlog.h"
#include "app/server/work/jobtable.h"
#include "app/server/work/reprocesstable.h"
#include "app/server/work/uploadtable.h"
#include "models/vocabulary/ids.h"

#include <QDateTime>
#include <QTimeZone>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

constexpr int MostListed = 1000;

QByteArray timeOf(qint64 ms)
{
    return QDateTime::fromMSecsSinceEpoch(ms, QTimeZone::utc()).toString(Qt::ISODate).toLatin1();
}

QByteArray holderOf(const QueuedJob &queued, qint64 now)
{
    if (queued.owner.isEmpty())
        return "free";
    return (queued.leaseUntilMs < now ? "left by " : "held by ") + queued.owner.toUtf8() + " until " + timeOf(queued.leaseUntilMs);
}

/// What has failed of what was to run again, and how much of that waits behind the uploads.
Result<> listReprocessed(Writing &writing, QByteArray &output)
{
    const ReprocessTable table(writing.database);
    const Result<QList<ReprocessTable::Failed>> failed = table.failed(MostListed + 1);
    if (!failed)
        return failed.error();
    for (const ReprocessTable::Failed &one : failed->first(std::min<qsizetype>(failed->size(), MostListed))) {
        output += "run " + idText(one.job.runId).toLatin1() + "  attempt " + idText(one.job.clientUploadId).toLatin1() + "  "
            + stageName(one.job.stage).data() + "  tries " + QByteArray::number(one.job.tries) + "  failed " + timeOf(one.failedMs) + "  "
            + errorName(one.code).data() + '\n';
    }
    if (failed->size() > MostListed)
        output += "more than these have failed\n";
    const Result<QList<ReprocessTable::Run>> runs = table.runs(MostListed);
    if (!runs)
        return runs.error();
    for (const ReprocessTable::Run &run : *runs) {
        if (run.remaining > 0)
            output += "run " + idText(run.runId).toLatin1() + "  " + stageName(run.stage).data() + "  " + QByteArray::number(run.remaining)
                + " photos wait behind all uploads\n";
    }
    return {};
}

} // namespace

Result<> listJobs(Writing &writing, const Command &, QByteArray &output)
{
    const Result<QList<QueuedJob>> jobs = JobTable(writing.database).queued(MostListed + 1);
    if (!jobs)
        return jobs.error();
    const qint64 now = nowMs();
    output.clear();
    for (const QueuedJob &queued : jobs->first(std::min<qsizetype>(jobs->size(), MostListed))) {
        const Result<std::optional<Upload>> upload = UploadTable(writing.database).byId(queued.job.uploadId);
        if (!upload)
            return upload.error();
        if (!*upload)
            continue;
        const QList<ErrorRecord> &errors = (*upload)->told.errors;
        output += idText(queued.job.uploadId).toLatin1() + "  attempt " + idText((*upload)->attempt.clientUploadId).toLatin1() + "  "
            + stageName(queued.job.stage).data() + "  tries " + QByteArray::number(queued.job.tries) + "  since " + timeOf(queued.queuedMs) + "  "
            + holderOf(queued, now) + (errors.isEmpty() ? QByteArray() : "  " + QByteArray(errorName(errors.last().code).data())) + '\n';
    }
    if (jobs->size() > MostListed)
        output += "more than these are waiting\n";
    if (const Result<> listed = listReprocessed(writing, output); !listed)
        return listed;
    // Not of one account, but of the whole server.
    return AuditLog(writing.database).append({u"server"_s, now, u"command"_s, {}, {}, u"jobs.viewed"_s, u"server"_s, {{u"jobs"_s, jobs->size()}}});
}

Result<> retryJobs(Writing &writing, const Command &command, QByteArray &output)
{
    const JobTable jobs(writing.database);
    const QUuid id = QUuid::fromString(command.name);
    const bool isForAll = command.name == u"all"_s;
    const Result<int> freed = isForAll ? jobs.freeFailed() : jobs.setFree(id);
    if (!freed)
        return freed.error();
    const Result<int> again = ReprocessTable(writing.database).retry(isForAll ? std::nullopt : std::optional(id));
    if (!again)
        return again.error();
    if (*freed + *again == 0 && !isForAll)
        return Error{ErrorCode::ApiRequestRefused, u"no job of an upload %1 is waiting"_s.arg(command.name)};
    output = QByteArray::number(*freed + *again) + " to be done again\n";
    return ringForAll(writing.database);
}

} // namespace photolift::server
