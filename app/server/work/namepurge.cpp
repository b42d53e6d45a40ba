#include "app/server/work/namepurge.h"

#include "app/server/work/purgedids.h"
#include "app/server/work/purgedrecord.h"
#include "app/server/work/statement.h"
#include "app/server/work/uploadtable.h"
#include "models/vocabulary/ids.h"

#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

using store::JsonColumn;

/// The column's text as it stays.
QVariant staying(JsonColumn column, const QVariant &text)
{
    const QJsonObject object = whatStays(column, QJsonDocument::fromJson(text.toString().toUtf8()).object());
    return object.isEmpty() ? QVariant() : QVariant(QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact)));
}

} // namespace

NamePurge::NamePurge(const QSqlDatabase &database, qint64 nowMs)
    : m_database(database)
    , m_nowMs(nowMs)
{
}

Result<> NamePurge::purge(const Slot &slot) const
{
    const Result<Tries> tries = triesOf(slot);
    if (!tries)
        return tries.error();
    const PurgedIds purged(m_database);
    for (const QUuid &attempt : tries->attempts) {
        const Result<bool> needed = isNeeded(slot, attempt);
        if (!needed)
            return needed.error();
        if (*needed)
            continue;
        if (const Result<> added = purged.add(slot.accountId, attempt, m_nowMs); !added)
            return added;
        if (const Result<> gone = purgeAttempt(attempt); !gone)
            return gone;
    }
    for (const QUuid &item : tries->items) {
        if (const Result<> added = purged.add(slot.accountId, item, m_nowMs); !added)
            return added;
        if (const Result<> gone = purgeStaged(item); !gone)
            return gone;
    }
    return {};
}

Result<> NamePurge::purgeAttempt(const QUuid &clientUploadId) const
{
    if (const Result<> gone = purgeUploads(clientUploadId); !gone)
        return gone;
    if (const Result<> gone = purgeStar(clientUploadId); !gone)
        return gone;
    return purgeStaged(clientUploadId);
}

Result<NamePurge::Tries> NamePurge::triesOf(const Slot &slot) const
{
    const int ofAnybody = slot.userId.isEmpty() ? 1 : 0;
    Result<Answer> query = execute(m_database,
                                   "SELECT client_upload_id, item_id FROM server_uploads"
                                   " WHERE account_id = ? AND sha256 = ? AND project_id = ? AND relative_path = ? AND (? = 1 OR user_id = ?)"_L1,
                                   {slot.accountId, slot.sha256, slot.projectId, slot.relativePath, ofAnybody, slot.userId});
    if (!query)
        return query.error();
    Tries tries;
    while (query->next()) {
        tries.attempts.insert(QUuid::fromString(query->value(0).toString()));
        tries.items.insert(QUuid::fromString(query->value(1).toString()));
    }
    for (const QUuid &item : std::as_const(tries.items)) {
        // What never came as far as a question stands in the star alone.
        for (const QLatin1StringView sql : {"SELECT client_upload_id FROM server_uploads WHERE item_id = ? AND account_id = ?"_L1,
                                            "SELECT client_upload_id FROM fact_upload_attempts WHERE item_id = ?{::uuid}"_L1}) {
            QVariantList values{idText(item)};
            if (sql.contains("account_id"_L1))
                values.append(slot.accountId);
            const Result<QList<QUuid>> found = idsOf(execute(m_database, sql, values));
            if (!found)
                return found.error();
            for (const QUuid &attempt : *found)
                tries.attempts.insert(attempt);
        }
    }
    return tries;
}

Result<bool> NamePurge::isNeeded(const Slot &left, const QUuid &clientUploadId) const
{
    Result<Answer> query = execute(m_database,
                                   "SELECT 1 FROM server_uploads u WHERE u.client_upload_id = ? AND (u.state IN ('open', 'committed')"
                                   " OR EXISTS (SELECT 1 FROM server_assets a WHERE a.account_id = u.account_id AND a.sha256 = u.sha256"
                                   " AND a.project_id = u.project_id AND a.relative_path = u.relative_path"
                                   " AND NOT (a.sha256 = ? AND a.project_id = ? AND a.relative_path = ?))"
                                   " OR EXISTS (SELECT 1 FROM server_quarantine q WHERE q.account_id = u.account_id AND q.user_id = u.user_id"
                                   " AND q.sha256 = u.sha256 AND q.project_id = u.project_id AND q.relative_path = u.relative_path))"_L1,
                                   {idText(clientUploadId), left.sha256, left.projectId, left.relativePath});
    if (!query)
        return query.error();
    return query->next();
}

Result<> NamePurge::purgeUploads(const QUuid &clientUploadId) const
{
    const UploadTable uploads(m_database);
    const Result<QList<QUuid>> ids = idsOf(execute(m_database, "SELECT upload_id FROM server_uploads WHERE client_upload_id = ?"_L1, {idText(clientUploadId)}));
    if (!ids)
        return ids.error();
    for (const QUuid &id : *ids) {
        Result<std::optional<Upload>> upload = uploads.byId(id);
        if (!upload)
            return upload.error();
        if (!*upload)
            continue;
        purgeNames((*upload)->attempt);
        if ((*upload)->photo)
            purgeNames(*(*upload)->photo);
        purgeNames((*upload)->told);
        if (const Result<> saved = uploads.save(**upload); !saved)
            return saved;
        if (const Result<int> gone = change(m_database, "UPDATE server_uploads SET sha256 = '' WHERE upload_id = ?"_L1, {idText(id)}); !gone)
            return gone.error();
        if (const Result<> forgotten = forgetRefusal(**upload); !forgotten)
            return forgotten;
    }
    return {};
}

Result<> NamePurge::forgetRefusal(const Upload &upload) const
{
    return withoutValue(change(m_database,
                               "DELETE FROM server_objects WHERE account_id = ? AND sha256 = ? AND size = ? AND state = 'refused'"
                               " AND NOT EXISTS (SELECT 1 FROM server_uploads WHERE account_id = ? AND sha256 = ? AND size = ?)"_L1,
                               {upload.accountId, upload.sha256, upload.size, upload.accountId, upload.sha256, upload.size}));
}

Result<> NamePurge::purgeStar(const QUuid &clientUploadId) const
{
    const int day = dateKeyOf(instantOf(clientUploadId));
    Result<Answer> attempt = execute(m_database, "SELECT upload_id, upload_metadata FROM fact_upload_attempts WHERE client_upload_id = ?{::uuid} AND date_key = ?"_L1,
                                     {idText(clientUploadId), day});
    if (!attempt)
        return attempt.error();
    if (!attempt->next())
        return {};
    const QVariant key = attempt->value(0);
    const QVariant metadata = staying(JsonColumn::UploadMetadata, attempt->value(1));
    attempt->finish();
    const Result<int> purged = change(
        m_database, "UPDATE fact_upload_attempts SET relative_path = NULL, upload_metadata = ?{::jsonb} WHERE upload_id = ? AND date_key = ?"_L1,
        {metadata, key, day});
    if (!purged)
        return purged.error();

    Result<Answer> stages = execute(m_database,
                                    "SELECT stage_name, stage_metadata FROM fact_upload_stages WHERE upload_id = ? AND date_key = ? AND stage_metadata IS NOT NULL"_L1,
                                    {key, day});
    if (!stages)
        return stages.error();
    QList<std::pair<QString, QVariant>> kept;
    while (stages->next())
        kept.append({stages->value(0).toString(), staying(JsonColumn::StageMetadata, stages->value(1))});
    stages->finish();
    for (const auto &[stage, staysOfIt] : std::as_const(kept)) {
        const Result<int> gone = change(
            m_database, "UPDATE fact_upload_stages SET stage_metadata = ?{::jsonb} WHERE upload_id = ? AND date_key = ? AND stage_name = ?"_L1,
            {staysOfIt, key, day, stage});
        if (!gone)
            return gone.error();
    }

    Result<Answer> errors = execute(m_database, "SELECT error_id, error_context FROM fact_upload_errors WHERE upload_id = ? AND date_key = ?"_L1, {key, day});
    if (!errors)
        return errors.error();
    QList<std::pair<QVariant, QVariant>> contexts;
    while (errors->next())
        contexts.append({errors->value(0), staying(JsonColumn::ErrorContext, errors->value(1))});
    errors->finish();
    for (const auto &[error, context] : std::as_const(contexts)) {
        const Result<int> gone = change(
            m_database,
            "UPDATE fact_upload_errors SET error_message = NULL, error_context = ?{::jsonb} WHERE upload_id = ? AND date_key = ? AND error_id = ?"_L1,
            {context, key, day, error});
        if (!gone)
            return gone.error();
    }
    return withoutValue(change(m_database,
                               "UPDATE dim_photos SET created_timestamp = NULL, width_pixels = NULL, height_pixels = NULL, "
                               "has_location_data = NULL,"
                               " extracted_metadata = NULL, processing_parameters = NULL WHERE upload_id = ? AND date_key = ?"_L1,
                               {key, day}));
}

Result<> NamePurge::purgeStaged(const QUuid &id) const
{
    return withoutValue(change(m_database, "DELETE FROM staging_batch WHERE payload LIKE ?"_L1, {QString(u'%' + idText(id) + u'%')}));
}

Result<std::optional<qint64>> NamePurge::namedBatchOf(const QUuid &clientUploadId) const
{
    Result<Answer> batch = execute(m_database,
                                   "SELECT b.batch_key FROM fact_upload_attempts t JOIN dim_batches b ON b.batch_key = t.batch_key"
                                   " WHERE t.client_upload_id = ?{::uuid} AND t.date_key = ? AND b.batch_key <> 0"
                                   " AND (b.batch_name IS NOT NULL OR b.source_label IS NOT NULL)"_L1,
                                   {idText(clientUploadId), dateKeyOf(instantOf(clientUploadId))});
    if (!batch)
        return batch.error();
    return batch->next() ? std::optional(batch->value(0).toLongLong()) : std::nullopt;
}

Result<> NamePurge::purgeBatch(const QString &accountId, qint64 batchKey) const
{
    const Result<QList<QUuid>> nobodys = idsOf(execute(m_database,
                                                       "SELECT batch_id FROM dim_batches WHERE batch_key = ? AND NOT EXISTS ("
                                                       " SELECT 1 FROM fact_upload_attempts t"
                                                       " WHERE t.batch_key = dim_batches.batch_key AND t.relative_path IS NOT NULL)"_L1,
                                                       {batchKey}));
    if (!nobodys || nobodys->isEmpty())
        return nobodys ? Result<>() : nobodys.error();
    const Result<int> gone = change(m_database, "UPDATE dim_batches SET batch_name = NULL, source_label = NULL WHERE batch_key = ?"_L1, {batchKey});
    return gone ? PurgedIds(m_database).add(accountId, nobodys->first(), m_nowMs) : gone.error();
}

} // namespace photolift::server
