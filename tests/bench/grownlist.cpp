#include "tests/bench/grownlist.h"

#include "models/store/database.h"
#include "models/store/recorder.h"
#include "models/vocabulary/ids.h"

#include <QSqlQuery>

using namespace Qt::StringLiterals;

namespace photolift::bench {

namespace {

constexpr int PhotosOfDrop = 4000; ///< as the SQL below has it
constexpr int SecondTry = 20;      ///< every 20th photo needed one, likewise

template <typename T> T orDie(Result<T> result)
{
    if (!result)
        qFatal("%s", qPrintable(result.error().detail));
    return std::move(*result);
}

/// A UUIDv7 of the row `number` of table `kind`, whose instant is `ms`: SQL of an expression.
QString uuid(const QString &ms, int kind, const QString &number)
{
    // Added up, not arg(): the places of printf would look like places of its own.
    return u"printf('%08x-%04x-7%03x-8%03x-%012x', ("_s + ms + u") >> 16, ("_s + ms + u") & 65535, "_s + QString::number(kind) + u", ("_s + number
        + u") & 4095, "_s + number + u')';
}

class Maker
{
public:
    explicit Maker(const QString &path)
        : m_connection(orDie(store::Connection::open(path, store::Connection::Use::Write)))
    {
        run(u"PRAGMA synchronous=OFF"_s);
        run(u"PRAGMA cache_size=-262144"_s);
        run(u"BEGIN IMMEDIATE"_s);
    }
    void run(const QString &sql)
    {
        QSqlQuery query(m_connection->database());
        if (!query.exec(sql))
            qFatal("%s: %s", qPrintable(sql.left(200)), qPrintable(query.lastError().text()));
    }
    /// A row for each n in from..to-1; `values` are expressions over n, its drop d and an instant t.
    void fill(const QString &table, const QString &columns, const QString &values, qint64 from, qint64 to)
    {
        run(u"INSERT INTO "_s + table + u" ("_s + columns + u") WITH RECURSIVE rows (n) AS (SELECT "_s + QString::number(from)
            + u" UNION ALL SELECT n + 1 FROM rows WHERE n + 1 < "_s + QString::number(to) + u") SELECT "_s + values
            + u" FROM (SELECT n, n / 4000 AS d, 1700000000000 + n * 60000 AS t FROM rows)"_s);
    }

private:
    const std::unique_ptr<store::Connection> m_connection;
};

} // namespace

void makeGrownList(const QString &databasePath, int attempts)
{
    orDie(store::Recorder::open(databasePath)); // the schema, as the product makes it
    const qint64 ended = qint64(attempts) * SecondTry / (SecondTry + 1);
    const qint64 all = ended + attempts / 10;
    const qint64 drops = (all + PhotosOfDrop - 1) / PhotosOfDrop;
    const QString dropTime = u"(1700000000000 + n * 60000 * 4000)"_s;
    const QString item = uuid(u"t"_s, 1, u"n"_s);
    const QString attempt = uuid(u"t"_s, 2, u"n"_s);
    const QString path = u"'DCIM/' || (100 + n % 4000 / 1000) || 'CANON/IMG_' || printf('%05d', n % 4000) || '.JPG'"_s;
    const QString day = u"CAST(strftime('%Y%m%d', t / 1000, 'unixepoch') AS INTEGER)"_s;

    Maker maker(databasePath);
    maker.run(u"INSERT INTO dim_users (user_id, account_type) VALUES ('local', 'person')"_s);
    maker.run(u"INSERT INTO dim_devices (device_id, device_type) VALUES ('bench', 'desktop')"_s);
    maker.run(u"INSERT INTO dim_app_versions (app_version_number) VALUES ('0.1.0')"_s);
    maker.run(u"INSERT INTO dim_network_connections (connection_type) VALUES ('local')"_s);
    maker.run(u"INSERT INTO dim_projects (project_id, project_name, owner_user_key, state, is_active) VALUES ('%1', 'Photos', 1, 'open', 1)"_s.arg(
        idText(newUuid7())));
    maker.run(u"INSERT INTO settings VALUES ('paused', '1')"_s);
    maker.fill(u"dim_batches"_s, u"batch_key, batch_id, batch_name, project_key, source_kind, created_timestamp, num_photos, total_bytes"_s,
               u"n + 1, "_s + uuid(dropTime, 3, u"n"_s) + u", 'Shoot ' || n, 1, 'drop', "_s + dropTime + u", 4000, 4000 * 20000000"_s, 0, drops);
    maker.fill(u"queue_batches"_s, u"batch_row, batch_id, roots, is_counted, last_ended_ms"_s,
               u"n + 1, "_s + uuid(dropTime, 3, u"n"_s) + u", CAST('/media/card/shoot' || n || char(0) AS BLOB), 1, "_s + dropTime, 0, drops);
    const QString itemColumns = u"item_id, batch_row, ordinal, absolute_path, relative_path, search_name, size, modified_ns, inode, device, "
                                "state, error_code, error_stage, attempt_number, client_upload_id, is_safe, sha256"_s;
    const QString file = u"d + 1, n % 4000, CAST('/media/card/shoot' || d || '/' || "_s + path + u" AS BLOB), CAST("_s + path
        + u" AS BLOB), lower("_s + path + u"), 20000000 + n % 4096 * 1000, t * 1000000, n, 77"_s;
    // One in 500 is damaged and needs somebody.
    maker.fill(u"queue_items"_s, itemColumns,
               item + u", "_s + file
                   + u", iif(n % 500 = 7, 'needs_you', 'succeeded'), iif(n % 500 = 7, 'VALIDATION_TRUNCATED', NULL), "
                     "iif(n % 500 = 7, 'validation', NULL), 1 + (n % 20 = 0), "_s
                   + attempt + u", n % 500 <> 7, printf('%064x', n)"_s,
               0, ended);
    maker.fill(u"queue_items"_s, itemColumns, item + u", "_s + file + u", 'queued', NULL, NULL, 0, NULL, 0, NULL"_s, ended, all);

    const QString attemptColumns = u"upload_id, user_key, device_key, app_version_key, network_connection_key, date_key, upload_status_key, "
                                   "start_timestamp, end_timestamp, total_duration_ms, file_size_bytes, num_photos_in_batch, is_batch_upload, "
                                   "client_upload_id, upload_metadata, project_key, batch_key, item_id, attempt_number, relative_path, "
                                   "row_version, event_id"_s;
    const auto attemptValues = [&](const QString &row, const QString &status, const QString &id, const QString &number) -> QString {
        return row + u", 1, 1, 1, 1, "_s + day + u", "_s + status
            + u", t, t + 1800, 1800, 20000000 + n % 4096 * 1000, 4000, 1, "_s + id
            + u", '{\"source_modified_ms\":' || t || ',\"sha256\":\"' || printf('%064x', n) || '\",\"queued_ms\":900,"
              "\"left_for_server\":true}', 1, d + 1, "_s
            + item + u", "_s + number + u", "_s + path + u", 4, "_s + uuid(u"t"_s, 4, u"n"_s);
    };
    maker.fill(u"fact_upload_attempts"_s, attemptColumns,
               attemptValues(u"n + 1"_s, u"iif(n % 500 = 7, 7, 5)"_s, attempt, u"1 + (n % 20 = 0)"_s), 0, ended);
    // The first, failed try of those that needed a second one.
    maker.run(u"INSERT INTO fact_upload_attempts (upload_id, user_key, device_key, app_version_key, network_connection_key, date_key, "
              "upload_status_key, start_timestamp, end_timestamp, total_duration_ms, file_size_bytes, client_upload_id, project_key, batch_key, "
              "item_id, attempt_number, relative_path, row_version) SELECT upload_id + %1, 1, 1, 1, 1, date_key, 7, start_timestamp - 30000, "
              "start_timestamp - 20000, 10000, file_size_bytes, replace(client_upload_id, '-7002-', '-7005-'), 1, batch_key, item_id, 1, "
              "relative_path, 3 FROM fact_upload_attempts WHERE attempt_number = 2"_s.arg(all));
    const qint64 detailed = ended - attempts / 10;
    const QStringList stages{u"selection"_s, u"preprocessing"_s, u"initiation"_s, u"transfer"_s, u"verification"_s, u"reception"_s,
                             u"validation"_s, u"metadata_extraction"_s, u"processing"_s, u"storage"_s, u"indexing"_s};
    for (const QString &stage : stages) {
        maker.fill(u"fact_upload_stages"_s,
                   u"upload_id, stage_name, stage_start_timestamp, stage_end_timestamp, stage_duration_ms, is_successful, date_key, row_version"_s,
                   u"n + 1, '"_s + stage + u"', t, t + 150, 150, 1, "_s + day + u", 2"_s, detailed, ended);
    }
    maker.fill(u"dim_photos"_s,
               u"upload_id, photo_id, created_timestamp, width_pixels, height_pixels, file_size_bytes, mime_type, has_location_data, date_key, "
               "row_version"_s,
               u"n + 1, "_s + item + u", t, 6000, 4000, 20000000 + n % 4096 * 1000, 'image/jpeg', 0, "_s + day + u", 2"_s, detailed, ended);
    maker.run(u"COMMIT"_s);
    maker.run(u"PRAGMA wal_checkpoint(TRUNCATE)"_s);
}

} // namespace photolift::bench
