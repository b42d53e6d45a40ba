#include "models/store/dimensions.h"

#include "models/store/phototraits.h"

#include "models/vocabulary/ids.h"

#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace photolift::store {

namespace {

/// Whoever sits at a computer without an organisation's account: a person.
constexpr auto LocalUser = "local"_L1;
} // namespace

QVariant jsonColumn(const QJsonObject &object)
{
    return object.isEmpty() ? QVariant() : QVariant(QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact)));
}

QString accountTypeOf(const QString &userId)
{
    return userId == LocalUser ? u"person"_s : QString();
}

QString descriptionOrder(const QUuid &uuid7, int rowVersion)
{
    return idText(uuid7) + u':' + QString::number(rowVersion).rightJustified(6, u'0');
}

std::optional<int> signalKey(const NetworkFacts &facts)
{
    return facts.signalStrength ? std::optional<int>(*facts.signalStrength / 5 * 5) : std::nullopt;
}

QString networkDescription(const NetworkFacts &facts, const QString &describedBy)
{
    return facts.typicalBandwidthKbps || facts.typicalLatencyMs ? describedBy : QString(u""_s);
}

Result<qint64> Dimensions::findOrAdd(const QString &find, const QVariantList &naturalKey, const QString &add, const QVariantList &row)
{
    const Result<std::optional<qint64>> found = m_statements.number(find, naturalKey);
    if (!found)
        return found.error();
    if (*found)
        return **found;
    const Result<std::optional<qint64>> added = m_statements.number(add, row);
    if (!added)
        return added.error();
    if (*added)
        return **added;
    // Somebody else added it between our two looks; it is there now.
    const Result<std::optional<qint64>> theirs = m_statements.number(find, naturalKey);
    if (!theirs)
        return theirs.error();
    return theirs->value_or(0);
}

Result<qint64> Dimensions::described(const QString &find, const QVariantList &naturalKey, const QString &add, const QString &update,
                                     const QVariantList &description, const QString &describedBy, Keys &keys)
{
    struct Found {
        qint64 key;
        QString describedBy;
    };
    const auto found = m_statements.read(
        find, naturalKey, [](const QSqlQuery &row) { return Found{row.value(0).toLongLong(), row.value(1).toString()}; });
    if (!found)
        return found.error();
    if (found->isEmpty())
        return findOrAdd(find, naturalKey, add, naturalKey + description + QVariantList{describedBy});
    const Found &row = found->first();
    if (row.describedBy < describedBy && row.key != 0)
        keys.outdated.append({update, description + QVariantList{describedBy, row.key, describedBy}});
    return row.key;
}

Result<> Dimensions::describe(const Keys &keys)
{
    for (const Keys::Description &description : keys.outdated) {
        if (const Result<int> updated = m_statements.write(description.update, description.values); !updated)
            return updated.error();
    }
    return {};
}

Result<Dimensions::Keys> Dimensions::keys(const Surroundings &surroundings, const QString &describedBy)
{
    Keys keys;
    const Result<qint64> userKey = user(surroundings.userId);
    if (!userKey)
        return userKey.error();
    keys.user = *userKey;
    const Result<qint64> deviceKey = device(surroundings.device, describedBy, keys);
    if (!deviceKey)
        return deviceKey.error();
    keys.device = *deviceKey;
    const Result<qint64> appKey = app(surroundings.app, describedBy, keys);
    if (!appKey)
        return appKey.error();
    keys.app = *appKey;
    const Result<qint64> networkKey = network(surroundings.network, describedBy, keys);
    if (!networkKey)
        return networkKey.error();
    keys.network = *networkKey;
    return keys;
}

Result<qint64> Dimensions::user(const QString &userId)
{
    if (userId.isEmpty())
        return 0;
    return findOrAdd(u"SELECT user_key FROM dim_users WHERE user_id = ?"_s, {userId},
                     u"INSERT INTO dim_users (user_id, account_type) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING user_key"_s,
                     {userId, orNull(accountTypeOf(userId))});
}

Result<qint64> Dimensions::device(const DeviceFacts &facts, const QString &describedBy, Keys &keys)
{
    if (facts.deviceId.isEmpty())
        return 0;
    return described(u"SELECT device_key, described_by FROM dim_devices "
                     "WHERE device_id = ? AND coalesce(os_name, '') = coalesce(?, '') AND coalesce(os_version, '') = coalesce(?, '')"_s,
                     {facts.deviceId, orNull(facts.osName), orNull(facts.osVersion)},
                     u"INSERT INTO dim_devices (device_id, os_name, os_version, device_model, device_manufacturer, device_type, "
                     "camera_megapixels, processor_type, memory_mb, has_low_power_mode, described_by) "
                     "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING device_key"_s,
                     u"UPDATE dim_devices SET device_model = ?, device_manufacturer = ?, device_type = ?, camera_megapixels = ?, "
                     "processor_type = ?, memory_mb = ?, has_low_power_mode = ?, described_by = ? WHERE device_key = ? AND described_by < ?"_s,
                     {orNull(facts.model), orNull(facts.manufacturer), facts.type, orNull(facts.cameraMegapixels),
                      orNull(facts.processorType), orNull(facts.memoryMb), orNull(facts.hasLowPowerMode)},
                     describedBy, keys);
}

Result<qint64> Dimensions::app(const AppVersionFacts &facts, const QString &describedBy, Keys &keys)
{
    if (facts.version.isEmpty())
        return 0;
    return described(u"SELECT app_version_key, described_by FROM dim_app_versions WHERE coalesce(platform, '') = coalesce(?, '') "
                     "AND app_version_number = ? AND coalesce(build_number, '') = coalesce(?, '')"_s,
                     {orNull(facts.platform), facts.version, orNull(facts.buildNumber)},
                     u"INSERT INTO dim_app_versions (platform, app_version_number, build_number, release_date, is_beta_version, "
                     "feature_flags, described_by) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING app_version_key"_s,
                     u"UPDATE dim_app_versions SET release_date = ?, is_beta_version = ?, feature_flags = ?, described_by = ? "
                     "WHERE app_version_key = ? AND described_by < ?"_s,
                     {orNull(facts.releaseDate), facts.isBeta, jsonColumn(facts.featureFlags)}, describedBy, keys);
}

Result<qint64> Dimensions::network(const NetworkFacts &facts, const QString &describedBy, Keys &keys)
{
    const std::optional<int> signal = signalKey(facts);
    return described(u"SELECT network_connection_key, described_by FROM dim_network_connections WHERE connection_type = ? "
                     "AND coalesce(carrier_name, '') = coalesce(?, '') AND coalesce(network_subtype, '') = coalesce(?, '') "
                     "AND coalesce(signal_strength, -1) = coalesce(?, -1)"_s,
                     {facts.connectionType, orNull(facts.carrierName), orNull(facts.subtype), orNull(signal)},
                     u"INSERT INTO dim_network_connections (connection_type, carrier_name, network_subtype, signal_strength, "
                     "typical_bandwidth_kbps, typical_latency_ms, described_by) VALUES (?, ?, ?, ?, ?, ?, ?) "
                     "ON CONFLICT DO NOTHING RETURNING network_connection_key"_s,
                     u"UPDATE dim_network_connections SET typical_bandwidth_kbps = coalesce(?, typical_bandwidth_kbps), "
                     "typical_latency_ms = coalesce(?, typical_latency_ms), described_by = ? "
                     "WHERE network_connection_key = ? AND described_by < ?"_s,
                     {orNull(facts.typicalBandwidthKbps), orNull(facts.typicalLatencyMs)}, networkDescription(facts, describedBy), keys);
}

Result<qint64> Dimensions::project(const QUuid &projectId)
{
    if (projectId.isNull())
        return 0;
    return findOrAdd(u"SELECT project_key FROM dim_projects WHERE project_id = ?"_s, {idText(projectId)},
                     u"INSERT INTO dim_projects (project_id) VALUES (?) ON CONFLICT DO NOTHING RETURNING project_key"_s, {idText(projectId)});
}

Result<qint64> Dimensions::batch(const QUuid &batchId)
{
    if (batchId.isNull())
        return 0;
    return findOrAdd(u"SELECT batch_key FROM dim_batches WHERE batch_id = ?"_s, {idText(batchId)},
                     u"INSERT INTO dim_batches (batch_id) VALUES (?) ON CONFLICT DO NOTHING RETURNING batch_key"_s, {idText(batchId)});
}

Result<qint64> Dimensions::photoType(const QString &typeName, const QString &fileExtension)
{
    if (typeName.isEmpty())
        return 0;
    QVariantList row{typeName, orNull(fileExtension)};
    if (const std::optional<PhotoTraits> traits = traitsOfPhotoType(typeName))
        row << traits->hasTransparency << traits->isAnimated << orNull(traits->maxPixels) << jsonColumn(traits->attributes);
    else
        row << QVariant() << QVariant() << QVariant() << QVariant();
    return findOrAdd(u"SELECT photo_type_key FROM dim_photo_types WHERE photo_type_name = ? AND coalesce(file_extension, '') = coalesce(?, '')"_s,
                     {typeName, orNull(fileExtension)},
                     u"INSERT INTO dim_photo_types (photo_type_name, file_extension, supports_transparency, is_animated, "
                     "max_supported_resolution, type_specific_attributes) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING photo_type_key"_s,
                     row);
}

Result<qint64> Dimensions::storageLocation(const QString &location)
{
    const QStringList words = location.split(u'|');
    if (words.first().isEmpty())
        return 0;
    const QVariantList key{words.first(), orNull(words.value(1)), orNull(words.value(2)), orNull(words.value(3))};
    return findOrAdd(u"SELECT storage_location_key FROM dim_storage_locations WHERE storage_provider = ? "
                     "AND coalesce(storage_region, '') = coalesce(?, '') AND coalesce(storage_tier, '') = coalesce(?, '') "
                     "AND coalesce(access_pattern, '') = coalesce(?, '')"_s,
                     key,
                     u"INSERT INTO dim_storage_locations (storage_provider, storage_region, storage_tier, access_pattern) "
                     "VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING storage_location_key"_s,
                     key);
}

} // namespace photolift::store
