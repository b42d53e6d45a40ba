#include "app/server/commands/reprocesscommands.h"

#include "app/server/people/auditlog.h"
#include "app/server/work/reprocesstable.h"
#include "models/vocabulary/faultpoint.h"
#include "models/vocabulary/ids.h"

#include <QDateTime>
#include <QJsonDocument>
#include <QTimeZone>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

/// Few enough that a transaction is over before anybody waits for it.
constexpr int AtOnce = 1000;
constexpr int MostListed = 100;
constexpr auto LeftOut = "Left out: photos in quarantine, lost ones, and those that are still under way.\n";

/// In the audit log: not of one account, but of the whole server.
constexpr auto EveryAccount = "server"_L1;

using Run = ReprocessTable::Run;

QByteArray textOf(qint64 photos, qint64 bytes)
{
    return QByteArray::number(photos) + " photos, " + QByteArray::number(bytes) + " bytes";
}

QByteArray standingOf(const Run &run)
{
    return QByteArray::number(run.remaining) + " remain, " + QByteArray::number(run.failed) + " failed";
}

Result<> countOnly(DatabaseThreads &database, const Command &command, QByteArray &output)
{
    ReprocessTable::Sum sum;
    const Result<> counted = database.writeAndWait(
        [&](Writing &writing) -> Result<> {
            const ReprocessTable table(writing.database);
            const Result<qint64> last = table.newestAsset();
            if (!last)
                return last.error();
            sum = {};
            while (sum.upTo < *last) {
                const Result<ReprocessTable::Sum> page = table.count(command.photos, command.stage, sum.upTo, *last, AtOnce);
                if (!page)
                    return page.error();
                sum = {sum.photos + page->photos, sum.bytes + page->bytes, page->upTo};
            }
            return {};
        },
        Isolation::RowByRow);
    if (!counted)
        return counted;
    output = textOf(sum.photos, sum.bytes) + " would be queued\n" + LeftOut;
    // Whose photos they are may be one of the conditions.
    return database.writeAndWait([&](Writing &writing) {
        const QJsonObject detail{{u"stage"_s, QString(stageName(command.stage))}, {u"photos"_s, sum.photos}};
        return AuditLog(writing.database).append({EveryAccount, nowMs(), u"command"_s, {}, {}, u"reprocess.counted"_s, EveryAccount, detail});
    });
}

/// The run of before, or a new one with its row in the audit log.
Result<> findOrBegin(Writing &writing, const Command &command, Run &run)
{
    const ReprocessTable table(writing.database);
    const QString conditions = command.photos.toJson();
    const Result<std::optional<Run>> before = table.unfinished(command.stage, conditions);
    if (!before)
        return before.error();
    const Result<qint64> last = table.newestAsset();
    if (!last)
        return last.error();
    run = *before ? **before : Run{newUuid7(), command.stage, conditions, nowMs(), 0, *last, 0, 0, 0, 0};
    if (*before)
        return {};
    if (const Result<> begun = table.begin(run); !begun)
        return begun;
    const QJsonObject detail{{u"stage"_s, QString(stageName(run.stage))}, {u"where"_s, QJsonDocument::fromJson(conditions.toUtf8()).object()}};
    return AuditLog(writing.database).append({EveryAccount, run.createdMs, u"command"_s, {}, {}, u"reprocess.begun"_s, idText(run.runId), detail});
}

} // namespace

Result<> reprocess(DatabaseThreads &database, const Command &command, QByteArray &output)
{
    if (command.isDryRun)
        return countOnly(database, command, output);
    Run run;
    if (const Result<> begun = database.writeAndWait([&](Writing &writing) { return findOrBegin(writing, command, run); }); !begun)
        return begun;
    const bool isContinued = run.photos > 0 || run.behindAsset > 0;
    const qint64 photosBefore = run.photos;
    const qint64 bytesBefore = run.bytes;
    do {
        const Result<> queued = database.writeAndWait(
            [&](Writing &writing) -> Result<> {
                const ReprocessTable table(writing.database);
                // Locked, and read anew: the same command may run somewhere else.
                const Result<std::optional<Run>> now = table.byId(run.runId);
                if (!now || !*now)
                    return now ? Error{ErrorCode::InternalUnknown, u"the run is not there any more"_s} : now.error();
                run = **now;
                return run.isQueued() ? Result<>() : withoutValue(table.add(command.photos, run, AtOnce));
            },
            Isolation::RowByRow);
        if (!queued)
            return queued;
        faultPoint("reprocess.queued");
    } while (!run.isQueued());
    output = "run " + idText(run.runId).toLatin1() + (isContinued ? " goes on: " : ": ") + textOf(run.photos - photosBefore, run.bytes - bytesBefore)
        + " queued, " + standingOf(run) + '\n' + LeftOut;
    return {};
}

Result<> listReprocessing(Writing &writing, const Command &, QByteArray &output)
{
    const Result<QList<Run>> runs = ReprocessTable(writing.database).runs(MostListed + 1);
    if (!runs)
        return runs.error();
    output.clear();
    for (const Run &run : runs->first(std::min<qsizetype>(runs->size(), MostListed))) {
        output += idText(run.runId).toLatin1() + "  " + stageName(run.stage).data() + "  " + run.conditions.toUtf8() + "  since "
            + QDateTime::fromMSecsSinceEpoch(run.createdMs, QTimeZone::utc()).toString(Qt::ISODate).toLatin1() + "  "
            + textOf(run.photos, run.bytes) + (run.isQueued() ? "" : ", not queued to its end") + "  " + standingOf(run) + '\n';
    }
    if (runs->size() > MostListed)
        output += "and older ones\n";
    return {};
}

} // namespace photolift::server
