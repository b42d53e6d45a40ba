#include "tests/faults/checker/checkedworld.h"

#include "models/vocabulary/ids.h"
#include "models/vocabulary/stage.h"
#include "tests/faults/checker/filehash.h"
#include "tests/faults/checker/snapshot.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QProcess>

#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace photolift::check {

namespace {

const QByteArray PhotoBytes = "the bytes of a photo";
const QString First = u"01900000-0000-7000-8000-000000000001"_s;  ///< attempt of the copied photo
const QString Second = u"01900000-0000-7000-8000-000000000002"_s; ///< attempt of the duplicate

QString sha256OfPhoto()
{
    return u"'"_s + QString::fromLatin1(QCryptographicHash::hash(PhotoBytes, QCryptographicHash::Sha256).toHex()) + u"'"_s;
}

}

CheckedWorld::CheckedWorld()
{
    m_isMade = write(u"source/a.jpg"_s, PhotoBytes) && write(u"source/again/a.jpg"_s, PhotoBytes) && write(u"source/notes.txt"_s, "no photo")
        && write(u"client/logs/photolift.log"_s, "{\"message\":\"PUT http://127.0.0.1/x?X-Amz-Signature=***\"}\n")
        && QDir().mkpath(serverFolder() + u"/incoming"_s);
    QString client = migrations({u"star"_s, u"client"_s}) + starRows();
    QString server = migrations({u"star"_s, u"server"_s}) + starRows();
    client += u"INSERT INTO queue_batches (batch_row, batch_id, roots) VALUES (1, 'batch-1', CAST('x' AS BLOB));"_s
        + itemRow(1, u"a.jpg"_s, u"succeeded"_s, First) + itemRow(2, u"again/a.jpg"_s, u"duplicate"_s, Second) + itemRow(3, u"notes.txt"_s, u"skipped"_s, {})
        + u"INSERT INTO outbox (event_id, row_key, json, sent_ms) VALUES ('e', 'r', '{}', 1);"_s;
    for (const auto &[attempt, name, state] : {std::tuple{First, u"a.jpg"_s, u"ended"_s}, {Second, u"again/a.jpg"_s, u"duplicate"_s}}) {
        server += u"INSERT INTO server_uploads (upload_id, account_id, client_upload_id, item_id, device_id, project_id, "
                  "relative_path, sha256, size, part_bytes, media_type, state, touched_ms, attempt_json, told_version, told_json) "
                  "VALUES ('u-%1', 'local', '%1', 'i', 'd', 'p', '%2', %3, 20, 16777216, 'image/jpeg', '%4', 1, '{}', 1, '{}');"
                  "INSERT INTO server_assets (account_id, sha256, size, project_id, relative_path, client_upload_id, created_ms) "
                  "VALUES ('local', %3, 20, 'p', '%2', '%1', 1);"_s.arg(attempt, name, sha256OfPhoto(), state);
    }
    server += u"INSERT INTO server_objects (account_id, sha256, size, state, decided_ms) VALUES ('local', %1, 20, 'stored', 1);"_s.arg(sha256OfPhoto());
    m_isMade = m_isMade && onClient(client) && onServer(server) && QDir().mkpath(QFileInfo(objectFile()).path())
        && QFile::copy(sourceFolder() + u"/a.jpg"_s, objectFile()) && Snapshot::of({QFile::encodeName(sourceFolder())}).write(snapshotFile());
}

QString CheckedWorld::itemRow(int row, const QString &name, const QString &state, const QString &attempt) const
{
    const QString path = sourceFolder() + u'/' + name;
    struct stat status = {};
    ::stat(QFile::encodeName(path).constData(), &status);
    const QString sql = u"INSERT INTO queue_items (item_row, item_id, batch_row, ordinal, absolute_path, relative_path, search_name, size, "
                        "modified_ns, inode, device, state, client_upload_id, is_safe, sha256) VALUES (%1, 'item-%1', 1, %1, CAST('%2' AS BLOB), "
                        "CAST('%3' AS BLOB), '%3', %4, %5, %6, %7, '%8', "_s
                            .arg(QString::number(row), path, name, QString::number(status.st_size),
                                 QString::number(status.st_mtim.tv_sec * 1'000'000'000LL + status.st_mtim.tv_nsec), QString::number(status.st_ino),
                                 QString::number(status.st_dev), state);
    return sql + (attempt.isEmpty() ? u"NULL, 0, NULL);"_s : u"'%1', 1, %2);"_s.arg(attempt, sha256OfPhoto()));
}

QString CheckedWorld::objectFile() const
{
    const QString sha256 = sha256OfPhoto().mid(1, 64);
    return u"%1/objects/%2/%3/%4-20"_s.arg(serverFolder(), sha256.left(2), sha256.mid(2, 2), sha256);
}

QString CheckedWorld::starRows()
{
    QString sql = u"INSERT INTO dim_users (user_key, user_id) VALUES (1, 'local');"
                  "INSERT INTO dim_devices (device_key, device_id, device_type, os_name) VALUES (1, 'd', 'laptop', 'Debian');"
                  "INSERT INTO dim_app_versions (app_version_key, app_version_number) VALUES (1, '0.1.0');"
                  "INSERT INTO dim_network_connections (network_connection_key, connection_type) VALUES (1, 'local');"
                  "INSERT INTO dim_projects (project_key, project_id, project_name, owner_user_key, state, is_active) VALUES (1, 'p', 'Photos', 1, 'open', 1);"
                  "INSERT INTO dim_batches (batch_key, batch_id, batch_name, project_key, source_kind, created_timestamp, num_photos, total_bytes) "
                  "VALUES (1, 'batch-1', 'source', 1, 'cli', 1, 3, 48);"
                  "INSERT INTO fact_client_heartbeats (heartbeat_id, device_key, user_key, captured_timestamp, metrics, date_key) "
                  "VALUES ('h', 1, 1, 1, '{\"queued\":0}', 20240101);"_s;
    for (const auto &[id, attempt, status, stages] : {std::tuple{1, First, 5, StageCount}, {2, Second, 6, 3}}) {
        sql += u"INSERT INTO fact_upload_attempts (upload_id, user_key, device_key, app_version_key, network_connection_key, date_key, "
               "upload_status_key, start_timestamp, end_timestamp, total_duration_ms, file_size_bytes, num_photos_in_batch, is_batch_upload, "
               "client_upload_id, upload_metadata, project_key, batch_key, item_id, attempt_number, relative_path, row_version) VALUES "
               "(%1, 1, 1, 1, 1, 20240101, %3, 1, 2, 1, 20, 3, 1, '%2', '{\"queued_ms\":1}', 1, 1, 'item-%1', 1, 'a.jpg', 3);"
               "INSERT INTO dim_photos (photo_key, upload_id, photo_id, width_pixels, date_key, row_version) VALUES (%1, %1, 'item-%1', 6000, 20240101, 1);"_s
                   .arg(QString::number(id), attempt, QString::number(status));
        for (const Stage stage : AllStages) {
            if (static_cast<int>(stage) < stages)
                sql += u"INSERT INTO fact_upload_stages (upload_id, stage_name, stage_start_timestamp, stage_end_timestamp, stage_duration_ms, "
                       "is_successful, date_key, row_version) VALUES (%1, '%2', 1, 2, 1, 1, 20240101, 2);"_s.arg(QString::number(id), stageName(stage));
        }
    }
    sql += u"INSERT INTO fact_upload_errors (upload_id, stage_id, error_code, error_type, error_severity, error_timestamp, is_fatal, date_key, error_uid) "
           "SELECT 1, stage_id, 'TRANSFER_TIMEOUT', 'transient', 2, 1, 0, 20240101, 'error-1' FROM fact_upload_stages "
           "WHERE upload_id = 1 AND stage_name = 'transfer';"_s;
    return sql;
}

QString CheckedWorld::migrations(const QStringList &series)
{
    QString sql;
    for (const QString &one : series) {
        const QDir folder(qEnvironmentVariable("PHOTOLIFT_SOURCE") + u"/resources/sql/sqlite/"_s + one);
        const QStringList names = folder.entryList({u"*.sql"_s}, QDir::Files, QDir::Name);
        for (const QString &name : names) {
            QFile file(folder.filePath(name));
            if (file.open(QIODevice::ReadOnly))
                sql += QString::fromUtf8(file.readAll()) + u'\n';
        }
    }
    return sql;
}

bool CheckedWorld::run(const QString &database, const QString &sql)
{
    // The shell takes many statements at once, triggers included.
    QProcess shell;
    shell.setProcessChannelMode(QProcess::ForwardedChannels);
    shell.start(u"sqlite3"_s, {u"-bail"_s, database});
    shell.write("PRAGMA synchronous=OFF; BEGIN;\n" + sql.toUtf8() + ";\nCOMMIT;\n");
    shell.closeWriteChannel();
    return shell.waitForFinished() && shell.exitStatus() == QProcess::NormalExit && shell.exitCode() == 0;
}

bool CheckedWorld::write(const QString &name, const QByteArray &content) const
{
    QDir().mkpath(QFileInfo(filePath(name)).path());
    QFile file(filePath(name));
    return file.open(QIODevice::WriteOnly) && file.write(content) == content.size();
}

} // namespace photolift::check
