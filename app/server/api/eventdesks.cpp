#include "app/server/api/eventdesks.h"

#include "app/server/work/statement.h"
#include "models/vocabulary/ids.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

/// Whatever a batch names.
struct Named {
    QSet<QUuid> projects;
    QSet<QUuid> batches;
    QSet<QUuid> attempts;
    QSet<QUuid> uploads; ///< attempts whose upload an event has to know
    QSet<QUuid> items;

    void name(const ProjectRecord &) { }
    void name(const BatchRecord &batch)
    {
        projects.insert(batch.projectId);
        batches.insert(batch.batchId);
    }
    void name(const AttemptRecord &attempt)
    {
        projects.insert(attempt.projectId);
        batches.insert(attempt.batchId);
        attempts.insert(attempt.clientUploadId);
        uploads.insert(attempt.clientUploadId);
        items.insert(attempt.itemId);
    }
    void name(const StageRecord &stage) { attempts.insert(stage.clientUploadId); }
    void name(const ErrorRecord &error) { attempts.insert(error.clientUploadId); }
    void name(const PhotoRecord &photo)
    {
        attempts.insert(photo.clientUploadId);
        uploads.insert(photo.clientUploadId);
    }
    void name(const HeartbeatRecord &) { }
};

/// PostgreSQL's array of the days of these attempts.
QString dayList(const QList<QUuid> &attempts)
{
    QStringList days;
    for (const QUuid &id : attempts)
        days.append(QString::number(dateKeyOf(instantOf(id))));
    return u'{' + days.join(u',') + u'}';
}

} // namespace

Result<> AtOnceDesk::open(const EventBatch &batch)
{
    Named named;
    for (const EventBatch::Line &line : batch.lines) {
        if (line.event)
            std::visit([&named](const auto &row) { named.name(row); }, line.event->row);
    }
    const Result<QHash<QUuid, QUuid>> meantIds = ProjectTable(m_writing.database).meant(named.projects.values());
    if (!meantIds)
        return meantIds.error();
    m_meant = *meantIds;
    for (const QUuid &project : std::as_const(m_meant))
        named.projects.insert(project);
    const QList<QUuid> attempts = named.attempts.values();
    Result<Answer> foreign = execute(m_writing.database, "SELECT ids_of_other_accounts(?, ?::uuid[], ?::uuid[], ?::uuid[], ?::integer[])"_L1,
                                     {m_caller.accountId, idList(named.projects.values()), idList(named.batches.values()),
                                      idList(attempts), dayList(attempts)});
    if (!foreign)
        return foreign.error();
    while (foreign->next())
        m_foreign.insert(QUuid::fromString(foreign->value(0).toString()));
    const Result<QHash<QUuid, qint64>> purged = PurgedIds(m_writing.database).among((named.attempts + named.items + named.batches).values());
    if (!purged)
        return purged.error();
    m_purged = *purged;
    const Result<QList<Upload>> uploads = UploadTable(m_writing.database).currentOf(named.uploads.values());
    if (!uploads)
        return uploads.error();
    for (const Upload &upload : *uploads)
        m_uploads.insert(upload.attempt.clientUploadId, {{upload, upload.told.version, upload.clientRowVersion, false}, false});
    return {};
}

Result<int> AtOnceDesk::close()
{
    // The order in which everybody else holds an attempt, too: its upload, since open(), and then the star.
    const Result<int> applied = m_star.flush(m_writing.database);
    if (!applied)
        return applied;
    QList<UploadTable::Changed> changed;
    for (const Known &known : std::as_const(m_uploads)) {
        if (known.isChanged)
            changed.append(known.row);
    }
    const Result<> saved = UploadTable(m_writing.database).saveAttempts(changed);
    return saved ? applied : Result<int>(saved.error());
}

Result<> AtOnceDesk::checkOwn(const QUuid &id) const
{
    return m_foreign.contains(id) ? Result<>(ofAnotherAccount()) : Result<>();
}

Result<std::optional<Upload>> AtOnceDesk::uploadOf(const QUuid &clientUploadId) const
{
    const auto known = m_uploads.constFind(clientUploadId);
    return known == m_uploads.cend() ? std::optional<Upload>() : std::optional<Upload>(known->row.upload);
}

Result<> AtOnceDesk::saveAttempt(const Upload &upload)
{
    Known &known = m_uploads[upload.attempt.clientUploadId];
    known.row.upload = upload;
    known.isChanged = true;
    return {};
}

Result<> AtOnceDesk::saveTold(Upload &upload)
{
    ++upload.told.version;
    m_uploads[upload.attempt.clientUploadId].row.isTold = true;
    return saveAttempt(upload);
}

} // namespace photolift::server
