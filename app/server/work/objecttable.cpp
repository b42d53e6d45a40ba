#include "app/server/work/objecttable.h"

#include "app/server/work/serverclock.h"
#include "app/server/work/statement.h"
#include "models/vocabulary/ids.h"
#include "models/vocabulary/nametable.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

constexpr std::array<NamedValue<ObjectTable::State>, 4> States{{{ObjectTable::State::Stored, "stored"_L1},
                                                                {ObjectTable::State::Quarantined, "quarantined"_L1},
                                                                {ObjectTable::State::Refused, "refused"_L1},
                                                                {ObjectTable::State::Lost, "lost"_L1}}};

QVariant nameOrNull(std::optional<ErrorCode> code)
{
    return code ? QVariant(QString(errorName(*code))) : QVariant();
}

QVariant textOrNull(const QString &text)
{
    return text.isEmpty() ? QVariant() : QVariant(text);
}

#define UNLESS_STORED(column) column " = CASE WHEN server_objects.state = 'stored' THEN server_objects." column " ELSE excluded." column " END"

} // namespace

ObjectTable::ObjectTable(const QSqlDatabase &database)
    : m_database(database)
{
}

Result<std::optional<ObjectTable::Known>> ObjectTable::known(const QString &accountId, const QString &sha256, qint64 size) const
{
    Result<Answer> query = execute(m_database,
                                   "SELECT state, refused_with, storage_location, decoder, preview_error FROM server_objects"
                                   " WHERE account_id = ? AND sha256 = ? AND size = ?"_L1,
                                   {accountId, sha256, size});
    if (!query)
        return query.error();
    if (!query->next())
        return std::optional<Known>();
    Known known;
    known.state = valueNamed(States, query->value(0).toString()).value_or(State::Refused);
    if (!query->value(1).isNull())
        known.refusedWith = errorFromName(query->value(1).toString());
    known.storageLocation = query->value(2).toString();
    known.decoder = query->value(3).toString();
    if (!query->value(4).isNull())
        known.previewError = errorFromName(query->value(4).toString());
    return std::optional<Known>(known);
}

Result<> ObjectTable::decide(const Upload &upload, const Known &known, qint64 nowMs) const
{
    // Two uploads of the same bytes may end at the same time: what is stored stays stored. It is written all the same: a purge of the last photo that had
    // them, in a transaction that began before and cannot see ours, would else remove them under the new photo.
    return withoutValue(change(m_database,
                               "INSERT INTO server_objects (account_id, sha256, size, state, refused_with, storage_location, decided_ms,"
                               " decoder, preview_error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
                               " ON CONFLICT (account_id, sha256, size) DO UPDATE SET " UNLESS_STORED("refused_with") ", "
                               UNLESS_STORED("storage_location") ", " UNLESS_STORED("decided_ms") ", " UNLESS_STORED("decoder") ", "
                               UNLESS_STORED("preview_error") ", " UNLESS_STORED("state") ""_L1,
                               {upload.accountId, upload.sha256, upload.size, QString(nameOf(States, known.state)), nameOrNull(known.refusedWith),
                                textOrNull(known.storageLocation), nowMs, textOrNull(known.decoder), nameOrNull(known.previewError)}));
}

Result<std::optional<ObjectTable::WithoutPreview>> ObjectTable::nextWithoutPreview(const QString &decoder) const
{
    Result<Answer> query = execute(m_database,
                                   "SELECT account_id, sha256, size, preview_error FROM server_objects"
                                   " WHERE preview_error IS NOT NULL AND state = 'stored' AND decoder IS DISTINCT FROM ? LIMIT 1"_L1,
                                   {decoder});
    if (!query)
        return query.error();
    if (!query->next())
        return std::optional<WithoutPreview>();
    return std::optional(WithoutPreview{query->value(0).toString(), query->value(1).toString(), query->value(2).toLongLong(),
                                        errorFromName(query->value(3).toString())});
}

Result<bool> ObjectTable::judgeAnew(const WithoutPreview &photo, const QString &decoder, std::optional<ErrorCode> previewError) const
{
    const Result<int> judged =
        change(m_database, "UPDATE server_objects SET decoder = ?, preview_error = ? WHERE account_id = ? AND sha256 = ? AND size = ?"_L1,
               {decoder, nameOrNull(previewError), photo.accountId, photo.sha256, photo.size});
    return judged ? Result<bool>(*judged > 0) : judged.error();
}

Result<> ObjectTable::forgetRefusalsOfOtherDecoders(const QString &decoder) const
{
    return withoutValue(change(m_database,
                               "DELETE FROM server_objects WHERE state = 'refused' AND decoder IS DISTINCT FROM ?"
                               " AND refused_with IN ('VALIDATION_FORMAT_UNKNOWN', 'PROCESSING_DECODE_FAILED')"_L1,
                               {decoder}));
}

Result<int> ObjectTable::markLost(const QString &sha256, qint64 size, qint64 seenMs, qint64 nowMs) const
{
    return change(m_database,
                  "UPDATE server_objects SET state = 'lost' WHERE sha256 = ? AND size = ? AND state = 'stored'"
                  " AND (decided_ms <= ? OR decided_ms > ?)"_L1,
                  {sha256, size, seenMs, nowMs});
}

Result<> ObjectTable::markFound(const QString &sha256, qint64 size) const
{
    return withoutValue(change(m_database, "UPDATE server_objects SET state = 'stored' WHERE sha256 = ? AND size = ? AND state = 'lost'"_L1,
                               {sha256, size}));
}

Result<> ObjectTable::addAsset(const Upload &upload, qint64 nowMs) const
{
    const Result<qint64> daysBegin = ServerClock(m_database).daysBegin(nowMs);
    if (!daysBegin)
        return daysBegin.error();
    const QString project = idText(upload.attempt.projectId);
    const QString &path = upload.attempt.relativePath;
    const Result<int> added = change(m_database,
                                     "INSERT INTO server_assets (account_id, sha256, size, project_id, relative_path, client_upload_id, created_ms)"
                                     " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"_L1,
                                     {upload.accountId, upload.sha256, upload.size, project, path, idText(upload.attempt.clientUploadId), *daysBegin});
    if (!added || *added > 0)
        return withoutValue(added);
    const Result<int> takenBack = change(m_database,
                                         "DELETE FROM server_withdrawals WHERE user_id = ? AND asset_id IN (SELECT asset_id FROM server_assets"
                                         " WHERE account_id = ? AND sha256 = ? AND project_id = ? AND relative_path = ?)"_L1,
                                         {upload.userId, upload.accountId, upload.sha256, project, path});
    if (!takenBack)
        return takenBack.error();
    return withoutValue(change(m_database,
                               "UPDATE server_assets SET wanted_ms = ?, purge_ms = NULL"
                               " WHERE account_id = ? AND sha256 = ? AND project_id = ? AND relative_path = ?"_L1,
                               {*daysBegin, upload.accountId, upload.sha256, project, path}));
}

Result<> ObjectTable::index(const Upload &upload) const
{
    return writeIndex("INSERT INTO server_search (asset_id, project_id, folder, name, name_key, media_type, taken_ms, camera)"
                      " SELECT asset_id, project_id, ?, ?, ?, ?, ?, ? FROM server_assets"
                      " WHERE account_id = ? AND sha256 = ? AND project_id = ? AND relative_path = ?"
                      " ON CONFLICT (asset_id) DO NOTHING"_L1,
                      upload);
}

Result<> ObjectTable::indexAnew(const Upload &upload) const
{
    return writeIndex("INSERT INTO server_search (asset_id, project_id, folder, name, name_key, media_type, taken_ms, camera)"
                      " SELECT asset_id, project_id, ?, ?, ?, ?, ?, ? FROM server_assets"
                      " WHERE account_id = ? AND sha256 = ? AND project_id = ? AND relative_path = ?"
                      " ON CONFLICT (asset_id) DO UPDATE SET folder = excluded.folder, name = excluded.name, name_key = excluded.name_key,"
                      " media_type = excluded.media_type, taken_ms = excluded.taken_ms, camera = excluded.camera"_L1,
                      upload);
}

Result<> ObjectTable::writeIndex(QLatin1StringView sql, const Upload &upload) const
{
    const QString &path = upload.attempt.relativePath;
    const qsizetype slash = path.lastIndexOf(u'/');
    const QString folder = path.left(std::max<qsizetype>(slash, 0));
    const QString name = path.mid(slash + 1);
    const QJsonObject facts = upload.photo ? upload.photo->extracted : QJsonObject();
    const QString camera = QString(facts.value("make"_L1).toString() + u' ' + facts.value("model"_L1).toString()).trimmed();
    return withoutValue(change(m_database, sql,
                               {folder, name, name.normalized(QString::NormalizationForm_C).toCaseFolded(), upload.mediaType,
                                upload.photo && upload.photo->createdMs ? QVariant(*upload.photo->createdMs) : QVariant(), textOrNull(camera),
                                upload.accountId, upload.sha256, idText(upload.attempt.projectId), path}));
}

} // namespace photolift::server
