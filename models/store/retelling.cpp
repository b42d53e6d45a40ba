#include "models/store/retelling.h"

#include "models/store/attemptreader.h"
#include "models/vocabulary/ids.h"

using namespace Qt::StringLiterals;
using Kind = photolift::wire::MirrorEvent::Kind;

namespace photolift::store {

namespace {

const QString Setting = u"retelling"_s; ///< its value: what is being told, a blank, and the id that was told last
const QString Attempts = u"attempts"_s;
const QString Heartbeats = u"heartbeats"_s;
constexpr int AttemptsAtOnce = 100; ///< with their stages about one batch of the mirror
constexpr int HeartbeatsAtOnce = 1000;

} // namespace

template <typename Record> Result<> Retelling::tell(Kind kind, const Record &record, const QString &key, const QUuid &eventId)
{
    return m_outbox.put({eventId.isNull() ? newUuid7() : eventId, kind, toJson(record)}, QString(wire::eventKindName(kind)) + u' ' + key);
}

Result<> Retelling::begin()
{
    const Result<QList<ProjectRecord>> projects = readProjects(m_statements);
    if (!projects)
        return projects.error();
    for (const ProjectRecord &project : *projects) {
        if (const Result<> told = tell(Kind::Project, project, idText(project.projectId)); !told)
            return told;
    }
    const Result<QList<BatchRecord>> batches = readBatchRecords(m_statements);
    if (!batches)
        return batches.error();
    for (const BatchRecord &batch : *batches) {
        if (const Result<> told = tell(Kind::Batch, batch, idText(batch.batchId)); !told)
            return told;
    }
    const Result<int> noted = m_statements.write(u"INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"_s,
                                                 {Setting, Attempts});
    return noted ? Result<>() : Result<>(noted.error());
}

Result<bool> Retelling::goOn()
{
    const auto places = m_statements.read(u"SELECT value FROM settings WHERE key = ?"_s, {Setting},
                                          [](const QSqlQuery &row) { return row.value(0).toString(); });
    if (!places)
        return places.error();
    if (places->isEmpty())
        return false;
    const QString what = places->first().section(u' ', 0, 0);
    const QString id = places->first().section(u' ', 1);
    const QString after = id.isEmpty() ? u""_s : id; // a null text would be NULL, and nothing is behind NULL
    const Result<QString> last = what == Attempts ? tellAttempts(after) : tellHeartbeats(after);
    if (!last)
        return last.error();
    const bool isOver = last->isEmpty() && what != Attempts;
    const QString next = !last->isEmpty() ? what + u' ' + *last : Heartbeats;
    const Result<int> noted = isOver ? m_statements.write(u"DELETE FROM settings WHERE key = ?"_s, {Setting})
                                     : m_statements.write(u"UPDATE settings SET value = ? WHERE key = ?"_s, {next, Setting});
    if (!noted)
        return noted.error();
    return !isOver;
}

/// The id of the last one; empty when there was none any more. Ids are ordered by time.
Result<QString> Retelling::tellAttempts(const QString &after)
{
    const Result<QList<AttemptRecord>> attempts =
        readAttempts(m_statements, u"a.client_upload_id > ?"_s, u"ORDER BY a.client_upload_id LIMIT ?"_s, {after, AttemptsAtOnce});
    if (!attempts)
        return attempts.error();
    const Result<QList<AttemptView>> views = withStagesAndErrors(m_statements, *attempts);
    if (!views)
        return views.error();
    for (const AttemptView &view : *views) {
        const bool isOver = isTerminal(view.attempt.status);
        const QString id = idText(view.attempt.clientUploadId);
        if (const Result<> told = tell(Kind::Attempt, view.attempt, id); !told)
            return told.error();
        bool wasOnServer = false;
        for (const StageRecord &stage : view.stages) {
            const bool isServers = isServerStage(stage.stage);
            wasOnServer = wasOnServer || isServers;
            if (isServers && !isOver)
                continue;
            if (const Result<> told = tell(Kind::Stage, stage, id + u' ' + stageName(stage.stage)); !told)
                return told.error();
        }
        for (const ErrorRecord &error : view.errors) {
            if (error.stage && isServerStage(*error.stage) && !isOver)
                continue;
            if (const Result<> told = tell(Kind::Error, error, idText(error.errorUid), error.errorUid); !told)
                return told.error();
        }
        if (wasOnServer && !isOver)
            continue;
        const Result<std::optional<PhotoRecord>> photo = readPhoto(m_statements, view.attempt.clientUploadId);
        if (!photo)
            return photo.error();
        if (*photo) {
            if (const Result<> told = tell(Kind::Photo, **photo, id); !told)
                return told.error();
        }
    }
    return attempts->isEmpty() ? QString() : idText(attempts->last().clientUploadId);
}

Result<QString> Retelling::tellHeartbeats(const QString &after)
{
    const Result<QList<HeartbeatRecord>> heartbeats = readHeartbeats(m_statements, after, HeartbeatsAtOnce);
    if (!heartbeats)
        return heartbeats.error();
    for (const HeartbeatRecord &heartbeat : *heartbeats) {
        const QString id = idText(heartbeat.heartbeatId);
        if (const Result<> told = tell(Kind::Heartbeat, heartbeat, id, heartbeat.heartbeatId); !told)
            return told.error();
    }
    return heartbeats->isEmpty() ? QString() : idText(heartbeats->last().heartbeatId);
}

} // namespace photolift::store
