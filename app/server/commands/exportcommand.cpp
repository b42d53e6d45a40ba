#include "app/server/commands/exportcommand.h"

#include "app/server/objects/durable.h"
#include "app/server/people/auditlog.h"
#include "app/server/people/peopletable.h"
#include "app/server/work/quarantinetable.h"
#include "app/server/work/statement.h"
#include "app/server/work/withdrawaltable.h"
#include "models/photo/digest.h"
#include "models/photo/filedescriptor.h"
#include "models/vocabulary/ids.h"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QSqlField>
#include <QSqlRecord>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <functional>
#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

constexpr int AtOnce = 200;
constexpr qsizetype ChunkBytes = 1024 * 1024;
/// There until everything is, with the id of the person in it.
constexpr auto Marker = "UNFINISHED"_L1;
constexpr auto Originals = "originals"_L1;

/// One file of records: all rows of this question, whose only value is the person's id.
struct Kind {
    const char *file;
    QLatin1StringView sql;
};
#define OF_PERSON " JOIN dim_users p ON p.user_key = t.user_key WHERE p.user_id = ?"
#define OF_ATTEMPTS " JOIN fact_upload_attempts t ON t.upload_id = x.upload_id AND t.date_key = x.date_key" OF_PERSON
constexpr Kind Kinds[] = {
    {"person", "SELECT u.user_id, u.user_name, u.role, u.created_ms, u.is_active, a.account_id, a.account_name, a.account_type FROM server_users u"
               " JOIN server_accounts a ON a.account_id = u.account_id WHERE u.user_id = ?"_L1},
    {"tokens", "SELECT token_id, label, created_ms, expires_ms, revoked_ms FROM server_device_tokens WHERE user_id = ? ORDER BY created_ms"_L1},
    {"dim_users", "SELECT * FROM dim_users WHERE user_id = ?"_L1},
    {"projects", "SELECT x.* FROM dim_projects x JOIN dim_users p ON p.user_key = x.owner_user_key WHERE p.user_id = ? ORDER BY x.project_key"_L1},
    {"batches", "SELECT * FROM dim_batches WHERE batch_key IN (SELECT t.batch_key FROM fact_upload_attempts t" OF_PERSON ") ORDER BY batch_key"_L1},
    {"devices", "SELECT * FROM dim_devices WHERE device_key IN (SELECT t.device_key FROM fact_upload_attempts t" OF_PERSON ") ORDER BY device_key"_L1},
    {"networks", "SELECT * FROM dim_network_connections WHERE network_connection_key IN (SELECT t.network_connection_key FROM fact_upload_attempts t" OF_PERSON ") ORDER BY network_connection_key"_L1},
    {"app_versions", "SELECT * FROM dim_app_versions WHERE app_version_key IN (SELECT t.app_version_key FROM fact_upload_attempts t" OF_PERSON ") ORDER BY app_version_key"_L1},
    {"group_members", "SELECT g.group_name, t.valid_from, t.valid_to FROM dim_device_group_members t JOIN dim_device_groups g ON g.group_key = t.group_key" OF_PERSON ""_L1},
    {"attempts", "SELECT t.* FROM fact_upload_attempts t" OF_PERSON " ORDER BY t.upload_id"_L1},
    {"stages", "SELECT x.* FROM fact_upload_stages x" OF_ATTEMPTS " ORDER BY x.stage_id"_L1},
    {"errors", "SELECT x.* FROM fact_upload_errors x" OF_ATTEMPTS " ORDER BY x.error_id"_L1},
    {"photos", "SELECT x.* FROM dim_photos x" OF_ATTEMPTS " ORDER BY x.photo_key"_L1},
    {"heartbeats", "SELECT t.* FROM fact_client_heartbeats t" OF_PERSON ""_L1},
    {"uploads", "SELECT * FROM server_uploads WHERE user_id = ? ORDER BY upload_id"_L1},
    {"removed_photos", "SELECT * FROM server_withdrawals WHERE user_id = ? ORDER BY asset_id"_L1},
    {"quarantine", "SELECT * FROM server_quarantine WHERE user_id = ? ORDER BY quarantine_id"_L1},
    {"search", "SELECT * FROM server_search WHERE asset_id IN (SELECT a.asset_id FROM server_uploads u JOIN server_assets a ON a.account_id = u.account_id"
               " AND a.sha256 = u.sha256 AND a.project_id = u.project_id AND a.relative_path = u.relative_path WHERE u.user_id = ?"
               " AND u.state IN ('ended', 'duplicate', 'recalled')) ORDER BY asset_id"_L1},
    {"staged", "SELECT batch_id, client_id, unix_ms(received_at) AS received_ms, payload, error FROM staging_batch WHERE user_id = ? ORDER BY received_at, batch_id"_L1},
    {"audit", "SELECT * FROM server_audit WHERE actor = ? ORDER BY account_id, number"_L1},
    {"audit_about", "SELECT * FROM server_audit WHERE subject = ? ORDER BY account_id, number"_L1},
};

Error diskError(const QString &path)
{
    const int number = errno;
    return {number == ENOSPC ? ErrorCode::LocalDiskFull : ErrorCode::LocalDiskError, path + u": "_s + QString::fromLocal8Bit(std::strerror(number))};
}

QJsonValue jsonOf(const QVariant &value)
{
    if (value.isNull())
        return {};
    if (value.metaType().id() == QMetaType::QByteArray)
        return QString::fromLatin1(value.toByteArray().toHex());
    if (value.metaType().id() == QMetaType::QDateTime)
        return value.toDateTime().toUTC().toString(Qt::ISODateWithMs);
    const QJsonValue json = QJsonValue::fromVariant(value);
    if (json.isNull())
        return value.toString();
    // Columns of JSON are told as what they hold.
    if (json.isString() && json.toString().startsWith(u'{')) {
        const QJsonDocument document = QJsonDocument::fromJson(json.toString().toUtf8());
        if (document.isObject())
            return document.object();
    }
    return json;
}

/// The folder of one export.
class Target
{
public:
    explicit Target(const QString &folder)
        : m_folder(QFile::encodeName(QDir(folder).absolutePath()))
    {
    }

    /// Made, or found as an export of this person that did not come to its end.
    Result<> open(const QString &userId) const
    {
        if (::mkdir(m_folder.constData(), 0700) != 0) {
            if (errno != EEXIST)
                return diskError(QFile::decodeName(m_folder));
            QFile marker(QFile::decodeName(m_folder + '/' + Marker.data()));
            if (!marker.open(QIODevice::ReadOnly) || QString::fromUtf8(marker.readAll()) != userId)
                return Error{ErrorCode::ApiRequestRefused, QFile::decodeName(m_folder) + u" is there already, and is no unfinished export of this person"_s};
        }
        if (const Result<> marked = durable::writeFile(m_folder, Marker.data(), userId.toUtf8()); !marked)
            return marked;
        return ::mkdir(QByteArray(m_folder + '/' + Originals.data()).constData(), 0700) == 0 || errno == EEXIST ? Result<>()
                                                                                                                : diskError(QFile::decodeName(m_folder));
    }
    /// Records are of the moment: those of an earlier run are replaced.
    Result<> write(const QByteArray &name, const QByteArray &lines) const { return durable::writeFile(m_folder, name, lines); }
    Result<> finish() const
    {
        if (::unlink(QByteArray(m_folder + '/' + Marker.data()).constData()) != 0)
            return diskError(QFile::decodeName(m_folder));
        return durable::syncFolder(m_folder);
    }

    bool has(const QByteArray &original) const { return ::access(pathOf(original).constData(), F_OK) == 0; }
    /// The bytes under their name when they are the right ones. STORAGE_COPY_DAMAGED otherwise.
    Result<> copy(int from, const QByteArray &original, const QString &sha256, qint64 size) const
    {
        const QByteArray part = pathOf(original) + QByteArray(".part");
        const photo::FileDescriptor to(::open(part.constData(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (!to.isOpen())
            return diskError(QFile::decodeName(part));
        photo::Sha256 hash;
        QByteArray chunk(ChunkBytes, Qt::Uninitialized);
        qint64 written = 0;
        while (true) {
            const ssize_t got = ::pread(from, chunk.data(), static_cast<std::size_t>(chunk.size()), written);
            if (got < 0 && errno == EINTR)
                continue;
            if (got < 0)
                return diskError(u"the stored object"_s);
            if (got == 0)
                break;
            const QByteArrayView bytes(chunk.constData(), got);
            hash.add(bytes);
            if (const Result<> put = durable::writeAt(to.get(), bytes, written); !put)
                return put;
            written += got;
        }
        if (written != size || QString::fromLatin1(hash.result().toHex()) != sha256) {
            ::unlink(part.constData());
            return Error{ErrorCode::StorageCopyDamaged, u"the stored bytes are not those of the photo"_s};
        }
        if (const Result<> synced = durable::syncData(to.get()); !synced)
            return synced;
        return ::rename(part.constData(), pathOf(original).constData()) == 0 ? Result<>() : diskError(QFile::decodeName(part));
    }

private:
    QByteArray pathOf(const QByteArray &original) const { return m_folder + '/' + Originals.data() + '/' + original; }

    const QByteArray m_folder;
};

Result<QByteArray> linesOf(const QSqlDatabase &reading, const Kind &kind, const QString &userId)
{
    Result<Answer> query = execute(reading, kind.sql, {userId});
    if (!query)
        return query.error();
    QByteArray lines;
    while (query->next()) {
        QJsonObject row;
        const QSqlRecord record = query->row().record();
        for (int i = 0; i < record.count(); ++i)
            row.insert(record.fieldName(i), jsonOf(record.value(i)));
        lines += QJsonDocument(row).toJson(QJsonDocument::Compact) + '\n';
    }
    return lines;
}

Result<> exportRecords(DatabaseThreads &database, const Target &target, const QString &userId)
{
    for (const Kind &kind : Kinds) {
        Result<QByteArray> lines = Error{ErrorCode::ApiUnavailable, u"the database has ended"_s};
        database.readAndWait([&](const QSqlDatabase &reading) { lines = linesOf(reading, kind, userId); });
        if (!lines)
            return lines.error();
        if (const Result<> written = target.write(QByteArray(kind.file) + ".jsonl", *lines); !written)
            return written;
        std::fprintf(stderr, "%s: %lld\n", kind.file, static_cast<long long>(lines->count('\n')));
    }
    return {};
}

QJsonObject lineOf(const WithdrawalTable::Photo &photo, const QByteArray &original)
{
    return {{u"file"_s, QString(Originals + u'/' + QString::fromLatin1(original))},
            {u"relative_path"_s, photo.relativePath},
            {u"project_id"_s, photo.projectId},
            {u"client_upload_id"_s, idText(photo.clientUploadId)},
            {u"item_id"_s, idText(photo.itemId)},
            {u"sha256"_s, photo.sha256},
            {u"size"_s, photo.size},
            {u"media_type"_s, photo.mediaType},
            {u"removed_ms"_s, photo.removedMs ? QJsonValue(*photo.removedMs) : QJsonValue()}};
}

QJsonObject lineOf(const QuarantineTable::Original &kept, const QByteArray &original)
{
    return {{u"file"_s, QString(Originals + u'/' + QString::fromLatin1(original))},
            {u"relative_path"_s, kept.relativePath},
            {u"project_id"_s, kept.projectId},
            {u"client_upload_id"_s, kept.clientUploadId},
            {u"sha256"_s, kept.sha256},
            {u"size"_s, kept.size},
            {u"is_quarantined"_s, true},
            {u"removed_ms"_s, kept.removedMs ? QJsonValue(*kept.removedMs) : QJsonValue()}};
}

qint64 keyOf(const WithdrawalTable::Photo &photo)
{
    return photo.assetId;
}

qint64 keyOf(const QuarantineTable::Original &kept)
{
    return kept.id;
}

struct Sum {
    qint64 photos = 0;
    qint64 quarantined = 0; ///< of these
    qint64 bytes = 0;
    qint64 bad = 0;
    QByteArray lines; ///< of originals.jsonl
};

/// True when the original is there now; false when what the store has is not it, which was said.
Result<bool> fetch(ObjectStore &store, const Target &target, const QByteArray &original, const QString &sha256, qint64 size)
{
    if (target.has(original))
        return true;
    const Result<int> opened = store.openObject(sha256, size);
    const photo::FileDescriptor from(opened ? *opened : -1);
    const Result<> copied = opened ? target.copy(from.get(), original, sha256, size) : Result<>(opened.error());
    if (!copied && copied.error().code != ErrorCode::StorageCopyDamaged)
        return copied.error();
    if (!copied)
        std::fprintf(stderr, "%s: %s\n", original.constData(), qPrintable(copied.error().detail));
    return bool(copied);
}

/// All of them, in steps: `next` reads what is behind a key.
template <typename Original>
Result<> fetchAll(DatabaseThreads &database, ObjectStore &store, const Target &target, Sum &sum,
                  const std::function<Result<QList<Original>>(const QSqlDatabase &, qint64)> &next)
{
    qint64 last = 0;
    while (true) {
        Result<QList<Original>> some = Error{ErrorCode::ApiUnavailable, u"the database has ended"_s};
        database.readAndWait([&](const QSqlDatabase &reading) { some = next(reading, last); });
        if (!some)
            return some.error();
        if (some->isEmpty())
            return {};
        for (const Original &one : std::as_const(*some)) {
            // Named by their bytes: what came twice is there once, and no path of a stranger is made here.
            const QByteArray original = one.sha256.toLatin1() + '-' + QByteArray::number(one.size);
            last = keyOf(one);
            const Result<bool> fetched = fetch(store, target, original, one.sha256, one.size);
            if (!fetched)
                return fetched.error();
            if (!*fetched) {
                ++sum.bad;
                continue;
            }
            sum.lines += QJsonDocument(lineOf(one, original)).toJson(QJsonDocument::Compact) + '\n';
            ++sum.photos;
            sum.bytes += one.size;
        }
        std::fprintf(stderr, "originals: %lld\n", static_cast<long long>(sum.photos));
    }
}

Result<Sum> exportOriginals(DatabaseThreads &database, ObjectStore &store, const Target &target, const WithdrawalTable::Person &person)
{
    Sum sum;
    const Result<> photos = fetchAll<WithdrawalTable::Photo>(database, store, target, sum, [&person](const QSqlDatabase &reading, qint64 behind) {
        return WithdrawalTable(reading, person).photos(WithdrawalTable::By::Everything, {}, nowMs(), behind, AtOnce);
    });
    if (!photos)
        return photos.error();
    const qint64 sound = sum.photos;
    // Nobody decodes them; their person has a right to them all the same.
    const Result<> kept = fetchAll<QuarantineTable::Original>(database, store, target, sum, [&person](const QSqlDatabase &reading, qint64 behind) {
        return QuarantineTable(reading).originals(person.accountId, person.userId, behind, AtOnce);
    });
    if (!kept)
        return kept.error();
    sum.quarantined = sum.photos - sound;
    const Result<> written = target.write("originals.jsonl", sum.lines);
    return written ? Result<Sum>(sum) : written.error();
}

} // namespace

Result<> exportPerson(DatabaseThreads &database, ObjectStore &store, const Command &command, QByteArray &output)
{
    std::optional<User> person;
    const Target target(command.into);
    // Noted before anything is given out.
    const Result<> noted = database.writeAndWait([&](Writing &writing) -> Result<> {
        const Result<std::optional<User>> user = PeopleTable(writing.database).userNamed(command.name);
        if (!user)
            return user.error();
        if (!*user)
            return Error{ErrorCode::ApiRequestRefused, u"there is no user "_s + command.name};
        person = **user;
        return AuditLog(writing.database).append({person->accountId, nowMs(), u"command"_s, {}, {}, u"user.exported"_s, person->userId, {}});
    });
    if (!noted)
        return noted;
    if (const Result<> opened = target.open(person->userId); !opened)
        return opened;
    if (const Result<> written = exportRecords(database, target, person->userId); !written)
        return written;
    const Result<Sum> sum = exportOriginals(database, store, target, {person->accountId, person->userId});
    if (!sum)
        return sum.error();
    if (sum->bad > 0)
        return Error{ErrorCode::StorageCopyDamaged, u"%1 originals are missing or damaged; all others are there"_s.arg(sum->bad)};
    output = QByteArray::number(sum->photos) + " photos, " + (sum->quarantined > 0 ? QByteArray::number(sum->quarantined) + " of them in quarantine, " : QByteArray())
        + QByteArray::number(sum->bytes) + " bytes\n";
    return target.finish();
}

} // namespace photolift::server
