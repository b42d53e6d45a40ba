#pragma once

#include "tests/store/starfixture.h"

namespace photolift::store {

/// Every row of the star as one line, told by natural keys instead of by the engine's own, in an order of its own: two stars that hold
/// the same facts give the same lines, whichever engine holds them. Left out is what belongs to one writing alone (ingest_xid).
inline QStringList wholeStar(const QSqlDatabase &database)
{
    static const QStringList questions{
        QStringLiteral("SELECT 'user', user_id, account_type, is_test_account FROM dim_users"),
        QStringLiteral("SELECT 'device', device_id, device_model, device_manufacturer, device_type, os_name, os_version, camera_megapixels, "
                       "processor_type, memory_mb, has_low_power_mode, described_by FROM dim_devices"),
        QStringLiteral("SELECT 'version', app_version_number, build_number, release_date, platform, is_beta_version, feature_flags, "
                       "described_by FROM dim_app_versions"),
        QStringLiteral("SELECT 'network', connection_type, carrier_name, network_subtype, signal_strength, typical_bandwidth_kbps, "
                       "typical_latency_ms, described_by FROM dim_network_connections"),
        QStringLiteral("SELECT 'type', photo_type_name, file_extension, supports_transparency, is_animated, max_supported_resolution, "
                       "type_specific_attributes FROM dim_photo_types"),
        QStringLiteral("SELECT 'location', storage_provider, storage_region, storage_tier, access_pattern FROM dim_storage_locations"),
        QStringLiteral("SELECT 'project', p.project_id, p.project_name, u.user_id, p.state, p.is_active, p.event_id "
                       "FROM dim_projects p JOIN dim_users u ON u.user_key = p.owner_user_key"),
        QStringLiteral("SELECT 'batch', b.batch_id, b.batch_name, p.project_id, b.source_kind, b.source_label, "
                       "unix_ms(b.created_timestamp), b.num_photos, b.total_bytes, b.event_id "
                       "FROM dim_batches b JOIN dim_projects p ON p.project_key = b.project_key"),
        QStringLiteral("SELECT 'attempt', a.client_upload_id, a.date_key, unix_ms(a.start_timestamp), u.user_id, d.device_id, d.os_version, "
                       "v.app_version_number, n.connection_type, n.signal_strength, a.upload_status_key, unix_ms(a.end_timestamp), "
                       "a.total_duration_ms, a.file_size_bytes, a.num_photos_in_batch, a.is_batch_upload, a.is_background_upload, "
                       "a.upload_metadata, p.project_id, b.batch_id, a.item_id, a.attempt_number, a.relative_path, a.row_version, a.event_id "
                       "FROM fact_upload_attempts a JOIN dim_users u ON u.user_key = a.user_key "
                       "JOIN dim_devices d ON d.device_key = a.device_key JOIN dim_app_versions v ON v.app_version_key = a.app_version_key "
                       "JOIN dim_network_connections n ON n.network_connection_key = a.network_connection_key "
                       "JOIN dim_projects p ON p.project_key = a.project_key JOIN dim_batches b ON b.batch_key = a.batch_key"),
        QStringLiteral("SELECT 'stage', a.client_upload_id, s.stage_name, s.date_key, unix_ms(s.stage_start_timestamp), "
                       "unix_ms(s.stage_end_timestamp), s.stage_duration_ms, s.is_successful, s.retry_count, s.stage_metadata, "
                       "s.row_version, s.event_id FROM fact_upload_stages s "
                       "JOIN fact_upload_attempts a ON a.upload_id = s.upload_id AND a.date_key = s.date_key"),
        QStringLiteral("SELECT 'error', a.client_upload_id, s.stage_name, e.error_code, e.error_message, e.error_type, e.error_severity, "
                       "unix_ms(e.error_timestamp), e.error_context, e.is_fatal, e.date_key, e.error_uid, e.event_id "
                       "FROM fact_upload_errors e JOIN fact_upload_attempts a ON a.upload_id = e.upload_id AND a.date_key = e.date_key "
                       "LEFT JOIN fact_upload_stages s ON s.stage_id = e.stage_id"),
        QStringLiteral("SELECT 'photo', a.client_upload_id, p.photo_id, t.photo_type_name, t.file_extension, l.storage_provider, "
                       "l.storage_region, unix_ms(p.created_timestamp), p.width_pixels, p.height_pixels, p.file_size_bytes, p.mime_type, "
                       "p.has_location_data, p.extracted_metadata, p.processing_parameters, p.date_key, p.row_version, p.event_id "
                       "FROM dim_photos p JOIN fact_upload_attempts a ON a.upload_id = p.upload_id AND a.date_key = p.date_key "
                       "JOIN dim_photo_types t ON t.photo_type_key = p.photo_type_key "
                       "JOIN dim_storage_locations l ON l.storage_location_key = p.storage_location_key"),
        QStringLiteral("SELECT 'heartbeat', h.heartbeat_id, d.device_id, v.app_version_number, n.connection_type, u.user_id, "
                       "unix_ms(h.captured_timestamp), h.received_timestamp IS NOT NULL, h.metrics, h.date_key, h.event_id "
                       "FROM fact_client_heartbeats h JOIN dim_devices d ON d.device_key = h.device_key "
                       "JOIN dim_app_versions v ON v.app_version_key = h.app_version_key "
                       "JOIN dim_network_connections n ON n.network_connection_key = h.network_connection_key "
                       "JOIN dim_users u ON u.user_key = h.user_key"),
        QStringLiteral("SELECT DISTINCT 'day', date_key FROM ops_dirty_day"),
        // A row that its join would lose is a fault of its own.
        QStringLiteral("SELECT 'count', (SELECT count(*) FROM fact_upload_stages), (SELECT count(*) FROM fact_upload_errors), "
                       "(SELECT count(*) FROM dim_photos), (SELECT count(*) FROM fact_client_heartbeats)"),
    };
    QStringList lines;
    for (const QString &question : questions)
        lines += StarFixture::rowsOf(database, question);
    lines.sort();
    return lines;
}

/// The first line that only one of them has, for a test to print; empty when they are equal.
inline QString firstDifference(const QStringList &left, const QStringList &right)
{
    for (qsizetype i = 0; i < std::max(left.size(), right.size()); ++i) {
        if (left.value(i) != right.value(i))
            return QStringLiteral("\n  %1\n  %2").arg(left.value(i), right.value(i));
    }
    return {};
}

} // namespace photolift::store
