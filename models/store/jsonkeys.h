#pragma once

#include <QJsonObject>
#include <QLatin1StringView>
#include <QStringList>

#include <span>

namespace photolift::store {

/// The JSON columns of the star.
enum class JsonColumn {
    UploadMetadata,
    StageMetadata,
    ErrorContext,
    ExtractedMetadata,
    ProcessingParameters,
    UserPreferences,
    FeatureFlags,
    TypeSpecificAttributes,
    Metrics,
};

/// One key of one column. README.md has the same table for people; a test holds both together.
struct JsonKey {
    JsonColumn column;
    QLatin1StringView name;
    QLatin1StringView unit; ///< "ms", "bytes", "text", ...
};

std::span<const JsonKey> documentedKeys();
QLatin1StringView columnName(JsonColumn column);
/// The keys of the object that the list does not have: empty is right.
QStringList undocumentedKeys(JsonColumn column, const QJsonObject &object);
/// Logs each of them once per program: the row is written all the same, a missing line of documentation loses no facts.
void noteUndocumentedKeys(JsonColumn column, const QJsonObject &object);

} // namespace photolift::store
