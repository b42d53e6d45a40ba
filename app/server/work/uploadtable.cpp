#include "app/server/work/uploadtable.h"

#include "app/server/work/statement.h"
#include "models/store/database.h"
#include "models/vocabulary/ids.h"
#include "models/vocabulary/nametable.h"

#include <QJsonArray>
#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

constexpr std::array<NamedValue<UploadState>, 10> States{{{UploadState::Open, "open"_L1},
                                                          {UploadState::Committed, "committed"_L1},
                                                          {UploadState::Ended, "ended"_L1},
                                                          {UploadState::Aborted, "aborted"_L1},
                                                          {UploadState::Swept, "swept"_L1},
                                                          {UploadState::Replaced, "replaced"_L1},
                                                          {UploadState::Duplicate, "duplicate"_L1},
                                                          {UploadState::Refused, "refused"_L1},
                                                          {UploadState::Recalled, "recalled"_L1},
                                                          {UploadState::Returned, "returned"_L1}}};

QString jsonText(const QJsonObject &object)
{
    return QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact));
}

QJsonObject jsonObject(const QVariant &text)
{
    return QJsonDocument::fromJson(text.toString().toUtf8()).object();
}

/// One upload's status as it stands inside a wire::StatusAnswer.
QString toldText(const wire::UploadStatus &told)
{
    return jsonText(wire::toJson(wire::StatusAnswer{{told}}).value("uploads"_L1).toArray().first().toObject());
}

Result<wire::UploadStatus> toldFromText(const QVariant &text)
{
    const Result<wire::StatusAnswer> answer =
        wire::statusAnswerFromJson(QJsonObject{{u"uploads"_s, QJsonArray{jsonObject(text)}}});
    if (!answer)
        return answer.error();
    return answer->uploads.first();
}

Result<Upload> uploadFrom(const QSqlQuery &row)
{
    Upload upload;
    upload.uploadId = QUuid::fromString(row.value(u"upload_id"_s).toString());
    upload.accountId = row.value(u"account_id"_s).toString();
    upload.userId = row.value(u"user_id"_s).toString();
    upload.deviceId = row.value(u"device_id"_s).toString();
    upload.sha256 = row.value(u"sha256"_s).toString();
    upload.size = row.value(u"size"_s).toLongLong();
    upload.partBytes = row.value(u"part_bytes"_s).toLongLong();
    upload.mediaType = row.value(u"media_type"_s).toString();
    upload.state = valueNamed(States, row.value(u"state"_s).toString()).value_or(UploadState::Replaced);
    if (const QVariant code = row.value(u"refused_with"_s); !code.isNull())
        upload.refusedWith = errorFromName(code.toString());
    upload.touchedMs = row.value(u"touched_ms"_s).toLongLong();
    if (const QVariant committed = row.value(u"committed_ms"_s); !committed.isNull())
        upload.committedMs = committed.toLongLong();
    // Servers of two versions may share the table while they are updated: fields of the newer one are passed over.
    const Result<AttemptRecord> attempt = attemptFromJson(jsonObject(row.value(u"attempt_json"_s)), OtherFields::Ignored);
    if (!attempt)
        return attempt.error();
    upload.attempt = *attempt;
    upload.clientRowVersion = row.value(u"client_row_version"_s).toInt();
    if (const QVariant photoJson = row.value(u"photo_json"_s); !photoJson.isNull()) {
        const Result<PhotoRecord> photo = photoFromJson(jsonObject(photoJson), OtherFields::Ignored);
        if (!photo)
            return photo.error();
        upload.photo = *photo;
    }
    upload.storeName = row.value(u"store_name"_s).toString().toLatin1();
    upload.partChecksums = row.value(u"part_checksums"_s).toString().split(u' ', Qt::SkipEmptyParts);
    const Result<wire::UploadStatus> told = toldFromText(row.value(u"told_json"_s));
    if (!told)
        return told.error();
    upload.told = *told;
    return upload;
}

QVariant textOrNull(const std::optional<ErrorCode> &code)
{
    return code ? QVariant(QString(errorName(*code))) : QVariant();
}

QVariant numberOrNull(const std::optional<qint64> &number)
{
    return number ? QVariant(*number) : QVariant();
}

/// A null text would be no text.
QString orEmpty(const QString &text)
{
    return text.isNull() ? u""_s : text;
}

QVariant photoOrNull(const std::optional<PhotoRecord> &photo)
{
    return photo ? QVariant(jsonText(toJson(*photo))) : QVariant();
}

} // namespace

void tellAttempt(Upload &upload)
{
    upload.told.status = upload.attempt.status;
    upload.told.rowVersion = upload.attempt.rowVersion;
    upload.told.endedMs = upload.attempt.endedMs;
    upload.told.totalDurationMs = upload.attempt.totalDurationMs;
}

QLatin1StringView uploadStateName(UploadState state)
{
    return nameOf(States, state);
}

bool isServerOwned(UploadState state)
{
    return state == UploadState::Committed || state == UploadState::Ended || state == UploadState::Duplicate || state == UploadState::Refused
        || state == UploadState::Recalled;
}

UploadTable::UploadTable(const QSqlDatabase &database)
    : m_database(database)
{
}

Result<std::optional<Upload>> UploadTable::one(QLatin1StringView sql, const QVariantList &values) const
{
    Result<Answer> query = execute(m_database, sql, values);
    if (!query)
        return query.error();
    if (!query->next())
        return std::optional<Upload>();
    Result<Upload> upload = uploadFrom(query->row());
    if (!upload)
        return upload.error();
    return std::optional<Upload>(*std::move(upload));
}

Result<std::optional<Upload>> UploadTable::byId(const QUuid &uploadId) const
{
    return one("SELECT * FROM server_uploads WHERE upload_id = ?"_L1, {idText(uploadId)});
}

Result<std::optional<Upload>> UploadTable::heldById(const QUuid &uploadId) const
{
    return one("SELECT * FROM server_uploads WHERE upload_id = ?{ FOR UPDATE}"_L1, {idText(uploadId)});
}

Result<std::optional<Upload>> UploadTable::currentOf(const QUuid &clientUploadId) const
{
    return one("SELECT * FROM server_uploads WHERE client_upload_id = ? AND state <> 'replaced'"_L1, {idText(clientUploadId)});
}

Result<std::optional<Upload>> UploadTable::resumable(const Upload &wanted, qint64 idleBeforeMs) const
{
    return one("SELECT u.* FROM server_uploads u"
               " WHERE u.account_id = ? AND u.sha256 = ? AND u.size = ? AND u.state = 'open' AND u.device_id = ?"
               " AND (u.item_id = ?"
               "      OR (u.project_id = ? AND u.relative_path = ?"
               "          AND (u.touched_ms < ?"
               "               OR EXISTS (SELECT 1 FROM fact_upload_attempts a"
               "                          JOIN dim_upload_status s ON s.upload_status_key = a.upload_status_key"
               "                          WHERE a.client_upload_id = u.client_upload_id{::uuid} AND s.is_terminal_state))))"
               " ORDER BY u.touched_ms DESC LIMIT 1"_L1,
               {wanted.accountId, wanted.sha256, wanted.size, wanted.deviceId, idText(wanted.attempt.itemId), idText(wanted.attempt.projectId),
                wanted.attempt.relativePath, idleBeforeMs});
}

Result<QList<Upload>> UploadTable::currentOf(const QList<QUuid> &clientUploadIds) const
{
    Result<Answer> query = execute(m_database,
                                   "SELECT u.* FROM unnest(?::text[]) AS g (id)"
                                   " JOIN server_uploads u ON u.client_upload_id = g.id AND u.state <> 'replaced'"
                                   " ORDER BY u.upload_id FOR UPDATE OF u"_L1,
                                   {idList(clientUploadIds)});
    if (!query)
        return query.error();
    QList<Upload> uploads;
    while (query->next()) {
        Result<Upload> upload = uploadFrom(query->row());
        if (!upload)
            return upload.error();
        uploads.append(*std::move(upload));
    }
    return uploads;
}

Result<std::optional<QUuid>> UploadTable::undecided(const QString &accountId, const wire::Question &question) const
{
    Result<Answer> query =
        execute(m_database,
                "SELECT u.upload_id FROM server_uploads u"
                " WHERE u.account_id = ? AND u.sha256 = ? AND u.size = ? AND u.state = 'committed'"
                " AND NOT EXISTS (SELECT 1 FROM server_objects o"
                "                 WHERE o.account_id = u.account_id AND o.sha256 = u.sha256 AND o.size = u.size AND o.state <> 'lost')"
                " AND NOT EXISTS (SELECT 1 FROM server_uploads own WHERE own.client_upload_id = ? AND own.state <> 'replaced')"
                " ORDER BY u.committed_ms LIMIT 1"_L1,
                {accountId, question.sha256, question.size, idText(question.attempt.clientUploadId)});
    if (!query)
        return query.error();
    if (!query->next())
        return std::optional<QUuid>();
    return std::optional<QUuid>(QUuid::fromString(query->value(0).toString()));
}

Result<bool> UploadTable::mayBeAnswered(const QString &accountId, const wire::Question &question) const
{
    Result<Answer> query =
        execute(m_database,
                "SELECT 1 WHERE EXISTS (SELECT 1 FROM server_uploads WHERE client_upload_id = ? AND state <> 'replaced'"
                "              AND state NOT IN ('returned', 'aborted', 'swept'))"
                " OR EXISTS (SELECT 1 FROM server_uploads WHERE account_id = ? AND sha256 = ? AND size = ? AND state = 'open')"
                " OR EXISTS (SELECT 1 FROM server_objects WHERE account_id = ? AND sha256 = ? AND size = ? AND state <> 'lost')"_L1,
                {idText(question.attempt.clientUploadId), accountId, question.sha256, question.size, accountId, question.sha256, question.size});
    if (!query)
        return query.error();
    return query->next();
}

Result<QList<QUuid>> UploadTable::openSince(qint64 touchedBeforeMs) const
{
    return idsOf(execute(m_database, "SELECT upload_id FROM server_uploads WHERE state = 'open' AND touched_ms < ?"_L1, {touchedBeforeMs}));
}

Result<std::optional<UploadTable::Told>> UploadTable::told(const QString &accountId, const QString &userId, const QUuid &uploadId) const
{
    Result<Answer> query =
        execute(m_database, "SELECT told_version, told_json FROM server_uploads WHERE upload_id = ? AND account_id = ? AND user_id IN (?, '')"_L1,
                {idText(uploadId), accountId, userId});
    if (!query)
        return query.error();
    if (!query->next())
        return std::optional<Told>();
    return std::optional<Told>(Told{query->value(0).toInt(), query->value(1).toString().toUtf8()});
}

Result<> UploadTable::insert(Upload &upload) const
{
    upload.told.uploadId = upload.uploadId;
    upload.told.clientUploadId = upload.attempt.clientUploadId;
    upload.told.version = 1;
    const Result<int> inserted = change(m_database,
                                        "INSERT INTO server_uploads (upload_id, account_id, user_id, client_upload_id, item_id, device_id, project_id,"
                                        " relative_path, sha256, size, part_bytes, media_type, state, refused_with, touched_ms, committed_ms,"
                                        " attempt_json, client_row_version, photo_json, told_version, told_json, store_name, part_checksums)"
                                        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"_L1,
                                        {idText(upload.uploadId), upload.accountId, upload.userId, idText(upload.attempt.clientUploadId),
                                         idText(upload.attempt.itemId), upload.deviceId, idText(upload.attempt.projectId),
                                         upload.attempt.relativePath, upload.sha256, upload.size, upload.partBytes, upload.mediaType,
                                         QString(uploadStateName(upload.state)), textOrNull(upload.refusedWith), upload.touchedMs,
                                         numberOrNull(upload.committedMs), jsonText(toJson(upload.attempt)), upload.clientRowVersion,
                                         photoOrNull(upload.photo), upload.told.version, toldText(upload.told),
                                         orEmpty(QString::fromLatin1(upload.storeName)), orEmpty(upload.partChecksums.join(u' '))});
    if (!inserted)
        return inserted.error();
    return {};
}

Result<> UploadTable::save(Upload &upload) const
{
    upload.told.uploadId = upload.uploadId;
    upload.told.clientUploadId = upload.attempt.clientUploadId;
    ++upload.told.version;
    const Result<int> saved = change(m_database,
                                     "UPDATE server_uploads SET user_id = ?, client_upload_id = ?, item_id = ?, project_id = ?, relative_path = ?, state = ?,"
                                     " refused_with = ?, touched_ms = ?, committed_ms = ?, attempt_json = ?, client_row_version = ?, photo_json = ?,"
                                     " told_version = ?, told_json = ? WHERE upload_id = ?"_L1,
                                     {upload.userId, idText(upload.attempt.clientUploadId), idText(upload.attempt.itemId), idText(upload.attempt.projectId),
                                      upload.attempt.relativePath, QString(uploadStateName(upload.state)), textOrNull(upload.refusedWith),
                                      upload.touchedMs, numberOrNull(upload.committedMs), jsonText(toJson(upload.attempt)),
                                      upload.clientRowVersion, photoOrNull(upload.photo), upload.told.version, toldText(upload.told),
                                      idText(upload.uploadId)});
    if (!saved)
        return saved.error();
    return {};
}

Result<> UploadTable::saveAttempt(const Upload &upload) const
{
    const Result<int> saved = change(m_database, "UPDATE server_uploads SET attempt_json = ?, client_row_version = ? WHERE upload_id = ?"_L1,
                                     {jsonText(toJson(upload.attempt)), upload.clientRowVersion, idText(upload.uploadId)});
    if (!saved)
        return saved.error();
    return {};
}

Result<> UploadTable::saveAttempts(const QList<Changed> &changed) const
{
    if (changed.isEmpty())
        return {};
    QJsonArray rows;
    for (const Changed &one : changed) {
        const AttemptRecord &attempt = one.upload.attempt;
        QJsonObject row{{u"upload_id"_s, idText(one.upload.uploadId)},
                        {u"read_version"_s, one.readVersion},
                        {u"read_client_version"_s, one.readClientVersion},
                        {u"attempt_json"_s, jsonText(toJson(attempt))},
                        {u"client_row_version"_s, one.upload.clientRowVersion}};
        if (one.isTold) {
            row.insert(u"item_id"_s, idText(attempt.itemId));
            row.insert(u"project_id"_s, idText(attempt.projectId));
            row.insert(u"relative_path"_s, attempt.relativePath);
            row.insert(u"told_version"_s, one.upload.told.version);
            row.insert(u"told_json"_s, toldText(one.upload.told));
        }
        rows.append(row);
    }
    const Result<int> saved = change(m_database,
                                     "UPDATE server_uploads t SET attempt_json = g.attempt_json, client_row_version = g.client_row_version,"
                                     " item_id = coalesce(g.item_id, t.item_id), project_id = coalesce(g.project_id, t.project_id),"
                                     " relative_path = coalesce(g.relative_path, t.relative_path),"
                                     " told_version = coalesce(g.told_version, t.told_version), told_json = coalesce(g.told_json, t.told_json)"
                                     " FROM jsonb_to_recordset(?) AS g (upload_id text, read_version bigint, read_client_version integer,"
                                     " attempt_json text, client_row_version integer, item_id text, project_id text, relative_path text,"
                                     " told_version bigint, told_json text)"
                                     " WHERE t.upload_id = g.upload_id AND t.told_version = g.read_version"
                                     " AND t.client_row_version = g.read_client_version"_L1,
                                     {QString::fromUtf8(QJsonDocument(rows).toJson(QJsonDocument::Compact))});
    if (!saved)
        return saved.error();
    return *saved == changed.size() ? Result<>() : Result<>(store::conflict(u"an upload went on meanwhile"_s));
}

Result<> UploadTable::touch(const QUuid &uploadId, qint64 nowMs) const
{
    const Result<int> touched = change(m_database, "UPDATE server_uploads SET touched_ms = ? WHERE upload_id = ?"_L1, {nowMs, idText(uploadId)});
    if (!touched)
        return touched.error();
    return {};
}

} // namespace photolift::server
