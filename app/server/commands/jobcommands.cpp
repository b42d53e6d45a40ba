#include "app/server/commands/jobcommands.h"

#include "app/server/api/changebell.h"
#include "app/server/work/jobtable.h"
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
    return {};
}

Result<> retryJobs(Writing &writing, const Command &command, QByteArray &output)
{
    const JobTable jobs(writing.database);
    const QUuid uploadId = QUuid::fromString(command.name);
    const bool isForAll = command.name == u"all"_s;
    const Result<int> freed = isForAll ? jobs.freeFailed() : jobs.setFree(uploadId);
    if (!freed)
        return freed.error();
    if (*freed == 0 && !isForAll)
        return Error{ErrorCode::ApiRequestRefused, u"no job of an upload %1 is waiting"_s.arg(command.name)};
    output = QByteArray::number(*freed) + " to be done again\n";
    return ringForAll(writing.database);
}

} // namespace photolift::server
