#include "tests/faults/checker/telemetry.h"

#include <QCryptographicHash>
#include <QDataStream>
#include <QHash>
#include <QIODevice>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSet>
#include <QSqlRecord>

using namespace Qt::StringLiterals;

namespace photolift::check {

namespace {

/// One mirrored table as a question that both sides can answer alike: column 0 is the natural key, and surrogate keys are
/// replaced by what they stand for.
struct Mirrored {
    QString table;
    QString question;
};

const QString Surroundings =
    u"d.device_id, d.os_name, d.os_version, v.app_version_number, v.build_number, v.platform, "
    "n.connection_type, n.carrier_name, n.network_subtype, n.signal_strength, u.user_id "_s;
const QString SurroundingsJoin =
    u"LEFT JOIN dim_devices d ON d.device_key = f.device_key LEFT JOIN dim_app_versions v ON v.app_version_key = f.app_version_key "
    "LEFT JOIN dim_network_connections n ON n.network_connection_key = f.network_connection_key "
    "LEFT JOIN dim_users u ON u.user_key = f.user_key "_s;

/// A project is its owner and its name: each client gives it an id of its own, and the server keeps the first.
QList<Mirrored> mirroredTables()
{
    return {
        {u"dim_projects"_s, u"SELECT u.user_id || ' ' || p.project_name AS k, p.state, p.is_active FROM dim_projects p "
                            "LEFT JOIN dim_users u ON u.user_key = p.owner_user_key WHERE p.project_key <> 0"_s},
        {u"dim_batches"_s, u"SELECT b.batch_id AS k, b.batch_name, p.project_name, b.source_kind, b.source_label, b.created_timestamp, "
                           "b.num_photos, b.total_bytes FROM dim_batches b LEFT JOIN dim_projects p USING (project_key) WHERE b.batch_key <> 0"_s},
        {u"fact_upload_attempts"_s,
         QString(u"SELECT f.client_upload_id AS k, f.row_version, s.status_name, f.date_key, f.start_timestamp, f.end_timestamp, "
                 "f.total_duration_ms, f.file_size_bytes, f.num_photos_in_batch, f.is_batch_upload, f.is_background_upload, f.item_id, "
                 "f.attempt_number, f.relative_path, f.upload_metadata, p.project_name, b.batch_id, "_s + Surroundings
                 + u"FROM fact_upload_attempts f LEFT JOIN dim_upload_status s USING (upload_status_key) "
                   "LEFT JOIN dim_projects p ON p.project_key = f.project_key LEFT JOIN dim_batches b ON b.batch_key = f.batch_key "_s + SurroundingsJoin)},
        {u"fact_upload_stages"_s,
         u"SELECT a.client_upload_id || ' ' || f.stage_name AS k, f.row_version, f.stage_start_timestamp, f.stage_end_timestamp, "
         "f.stage_duration_ms, f.is_successful, f.retry_count, f.stage_metadata, f.date_key "
         "FROM fact_upload_stages f JOIN fact_upload_attempts a USING (upload_id)"_s},
        {u"fact_upload_errors"_s,
         u"SELECT f.error_uid AS k, a.client_upload_id, t.stage_name, f.error_code, f.error_message, f.error_type, f.error_severity, "
         "f.error_timestamp, f.error_context, f.is_fatal, f.date_key FROM fact_upload_errors f "
         "JOIN fact_upload_attempts a USING (upload_id) LEFT JOIN fact_upload_stages t USING (stage_id)"_s},
        {u"dim_photos"_s,
         u"SELECT a.client_upload_id AS k, f.row_version, f.photo_id, t.photo_type_name, t.file_extension, l.storage_provider, "
         "f.created_timestamp, f.width_pixels, f.height_pixels, f.file_size_bytes, f.mime_type, f.has_location_data, "
         "f.extracted_metadata, f.processing_parameters, f.date_key FROM dim_photos f JOIN fact_upload_attempts a USING (upload_id) "
         "LEFT JOIN dim_photo_types t USING (photo_type_key) LEFT JOIN dim_storage_locations l USING (storage_location_key)"_s},
        {u"fact_client_heartbeats"_s,
         QString(u"SELECT f.heartbeat_id AS k, f.captured_timestamp, f.metrics, f.date_key, "_s + Surroundings
                 + u"FROM fact_client_heartbeats f "_s + SurroundingsJoin)},
    };
}

/// NULL, "" and {} differ between engines and writers without a difference in meaning only for JSON: its form is made one.
QVariant comparable(const QString &column, const QVariant &value)
{
    const bool isJson = column.endsWith("metadata"_L1) || column == "metrics"_L1 || column == "error_context"_L1 || column == "processing_parameters"_L1;
    if (!isJson)
        return value.isNull() ? QVariant() : QVariant(value.toString());
    const QJsonObject object = QJsonDocument::fromJson(value.toString().toUtf8()).object();
    return object.isEmpty() ? QVariant() : QVariant(QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact)));
}

/// 16 bytes a row: a million stages have to fit.
QByteArray digest(const QSqlQuery &row, const QSqlRecord &record)
{
    QByteArray bytes;
    QDataStream stream(&bytes, QIODevice::WriteOnly);
    for (int column = 1; column < record.count(); ++column)
        stream << comparable(record.fieldName(column), row.value(column));
    return QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).first(16);
}

/// The columns in which two rows of one key differ, for the person who has to find out why.
QString differences(Rows &client, Rows &server, const QString &question, const QString &key)
{
    QVariantMap theirs;
    const QString one = u"SELECT * FROM ("_s + question + u") WHERE k = ?"_s;
    server.each(one, [&theirs](const QSqlQuery &row) {
        const QSqlRecord record = row.record();
        for (int column = 1; column < record.count(); ++column)
            theirs.insert(record.fieldName(column), comparable(record.fieldName(column), row.value(column)));
    }, {key});
    QStringList names;
    client.each(one, [&](const QSqlQuery &row) {
        const QSqlRecord record = row.record();
        for (int column = 1; column < record.count(); ++column) {
            const QVariant ours = comparable(record.fieldName(column), row.value(column));
            if (ours != theirs.value(record.fieldName(column)))
                names.append(u"%1: %2 / %3"_s.arg(record.fieldName(column), ours.toString(), theirs.value(record.fieldName(column)).toString()));
        }
    }, {key});
    return names.join(u", "_s);
}

struct Ours {
    QByteArray digest;
    Rows *client = nullptr;
};

void compareTable(Verdict &verdict, const Mirrored &mirrored, const QList<Rows *> &clients, Rows &server, bool isListAnew)
{
    QHash<QString, Ours> ours;
    for (Rows *client : clients) {
        QSet<QString> seen;
        const bool isFine = client->each(mirrored.question, [&](const QSqlQuery &row) {
            const QString key = row.value(0).toString();
            if (seen.contains(key))
                verdict.violation(u"%1 %2 is twice on the client"_s.arg(mirrored.table, key));
            seen.insert(key);
            ours.insert(key, {digest(row, row.record()), client}); // a project that two clients know is one row
        });
        if (!isFine)
            verdict.violation(u"cannot be read: "_s + client->failure());
    }
    verdict.count(ours.size());

    QSet<QString> seen;
    QStringList different;
    const bool isFine = server.each(mirrored.question, [&](const QSqlQuery &row) {
        const QString key = row.value(0).toString();
        if (seen.contains(key)) {
            verdict.violation(u"%1 %2 is twice on the server"_s.arg(mirrored.table, key));
            return;
        }
        seen.insert(key);
        const auto found = ours.constFind(key);
        if (found == ours.cend() && isListAnew)
            return;
        if (found == ours.cend())
            verdict.violation(u"%1 %2 is on the server only"_s.arg(mirrored.table, key));
        else if (found->digest != digest(row, row.record()))
            different.append(key);
    });
    if (!isFine)
        verdict.violation(u"cannot be read: "_s + server.failure());
    for (const QString &key : std::as_const(different)) {
        const QString columns = verdict.examples().size() < 20 ? differences(*ours.value(key).client, server, mirrored.question, key) : QString();
        verdict.violation(u"%1 %2 differs (client / server): %3"_s.arg(mirrored.table, key, columns));
    }
    for (auto it = ours.cbegin(); it != ours.cend(); ++it) {
        if (!seen.contains(it.key()))
            verdict.violation(u"%1 %2 is on the client only"_s.arg(mirrored.table, it.key()));
    }
}

void lookForPlaceholders(Verdict &verdict, Rows &rows, const QString &where)
{
    for (const QString &table : {u"fact_upload_attempts"_s, u"fact_upload_stages"_s}) {
        const qint64 left = rows.number(u"SELECT count(*) FROM %1 WHERE row_version = 0"_s.arg(table));
        if (left > 0)
            verdict.violation(u"%1 placeholders are left in %2 on the %3"_s.arg(QString::number(left), table, where));
    }
}

} // namespace

Verdict sameTelemetry(const QList<Rows *> &clients, Rows &server, bool isListAnew)
{
    Verdict verdict(u"I4"_s);
    for (Rows *client : clients) {
        const qint64 waiting = client->number(u"SELECT count(*) FROM outbox WHERE sent_ms IS NULL"_s);
        if (waiting > 0)
            verdict.violation(u"%1 rows wait in the outbox"_s.arg(waiting));
        lookForPlaceholders(verdict, *client, u"client"_s);
    }
    if (!isListAnew)
        lookForPlaceholders(verdict, server, u"server"_s);
    const qint64 setAside = server.number(u"SELECT count(*) FROM staging_batch WHERE error IS NOT NULL"_s);
    if (setAside > 0)
        verdict.violation(u"%1 batches or events were set aside as unreadable"_s.arg(setAside));
    for (const Mirrored &mirrored : mirroredTables())
        compareTable(verdict, mirrored, clients, server, isListAnew);
    return verdict;
}

} // namespace photolift::check
