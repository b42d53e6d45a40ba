#pragma once

#include "models/vocabulary/jsonreader.h"
#include "models/vocabulary/result.h"
#include "models/vocabulary/stage.h"
#include "models/vocabulary/status.h"

#include <QJsonObject>
#include <QString>
#include <QUuid>

#include <optional>

/// The rows of the star schema as plain structs, one JSON form each. The same form is kept in the outbox, travels to the
/// server and is read there, so that client and server rows cannot drift apart. Times are Unix ms UTC, durations ms,
/// sizes bytes. A value nobody can know is nullopt or an empty string, and NULL in the databases.
namespace photolift {

struct DeviceFacts {
    QString deviceId; ///< SHA-256 of the machine id and a salt of ours, hex: never the machine id itself
    QString model;
    QString manufacturer;
    QString type = QStringLiteral("unknown"); ///< desktop, laptop, tablet, phone, server, unknown
    QString osName;
    QString osVersion;
    std::optional<double> cameraMegapixels;
    QString processorType;
    std::optional<int> memoryMb;
    std::optional<bool> hasLowPowerMode;
    bool operator==(const DeviceFacts &) const = default;
};

struct AppVersionFacts {
    QString version;
    QString buildNumber;
    QString releaseDate; ///< ISO date
    QString platform;    ///< such as "linux-x86_64"
    bool isBeta = false;
    QJsonObject featureFlags;
    bool operator==(const AppVersionFacts &) const = default;
};

struct NetworkFacts {
    QString connectionType = QStringLiteral("unknown"); ///< ethernet, wifi, cellular, local, other, unknown
    QString carrierName;    ///< the mobile operator, never an SSID
    QString subtype;        ///< 2.4 GHz, 5 GHz, 6 GHz, 5g, 4g, 3g
    std::optional<int> signalStrength; ///< 0-100, rounded down to 5
    std::optional<int> typicalBandwidthKbps;
    std::optional<int> typicalLatencyMs;
    bool operator==(const NetworkFacts &) const = default;
};

/// Who, on what and through what: the dimensions of one attempt, by natural keys.
struct Surroundings {
    QString userId = QStringLiteral("local");
    DeviceFacts device;
    AppVersionFacts app;
    NetworkFacts network;
    bool operator==(const Surroundings &) const = default;
};

enum class SourceKind { Drop, Card, Watched, Cli };
QLatin1StringView sourceKindName(SourceKind kind);
std::optional<SourceKind> sourceKindFromName(QStringView name);

struct ProjectRecord {
    QUuid projectId;
    QString name = QStringLiteral("Photos");
    QString ownerUserId = QStringLiteral("local");
    QString state = QStringLiteral("open"); ///< open, complete, delivered
    bool isActive = true;
};

struct BatchRecord {
    QUuid batchId;
    QString name;
    QUuid projectId;
    SourceKind source = SourceKind::Drop;
    QString sourceLabel;
    qint64 createdMs = 0;
    std::optional<qint64> numPhotos;  ///< nullopt until the walk has ended
    std::optional<qint64> totalBytes; ///< likewise
};

struct AttemptRecord {
    QUuid clientUploadId; ///< UUIDv7; the correlation id; startedMs is the instant inside it
    QUuid itemId;
    int attemptNumber = 1;
    QUuid projectId;
    QUuid batchId;
    QString relativePath; ///< textFromPath() of the path below the dropped folder; empty once purged
    Surroundings surroundings;
    Status status = Status::Running;
    qint64 startedMs = 0;
    std::optional<qint64> endedMs;
    std::optional<qint64> totalDurationMs; ///< monotonic pieces summed, waits left out
    qint64 fileSize = 0;
    std::optional<qint64> numPhotosInBatch;
    bool isBatchUpload = false;
    bool isBackgroundUpload = false;
    QJsonObject metadata; ///< upload_metadata; keys in models/store/README.md
    int rowVersion = 1;   ///< counts up with each change; the higher one wins
};

struct StageRecord {
    QUuid clientUploadId;
    Stage stage = Stage::Selection;
    qint64 startedMs = 0;
    std::optional<qint64> endedMs;
    std::optional<qint64> durationMs;
    std::optional<bool> isSuccessful; ///< never nullopt once ended
    int retryCount = 0;
    QJsonObject metadata; ///< stage_metadata
    int rowVersion = 1;
};

struct ErrorRecord {
    QUuid errorUid; ///< UUIDv7, its event_id too
    QUuid clientUploadId;
    std::optional<Stage> stage; ///< nullopt: the attempt as a whole
    ErrorCode code = ErrorCode::InternalUnknown;
    QString message; ///< the English title of the code, or the detail for support; no paths, no secrets
    qint64 happenedMs = 0;
    QJsonObject context; ///< code, stage, attempt, http, os_errno, qt_error, sqlstate, s3_code, request_id
    bool isFatal = false;
};

struct PhotoRecord {
    QUuid clientUploadId;
    QUuid photoId; ///< the item_id
    QString typeName;      ///< dim_photo_types.photo_type_name, such as "JPEG"
    QString fileExtension; ///< as written, lower case, without dot; may be empty
    QString mimeType;
    std::optional<qint64> createdMs; ///< when it was taken, if zone and date are known
    std::optional<int> width;  ///< stored pixels before turning
    std::optional<int> height;
    qint64 fileSize = 0;
    std::optional<bool> hasLocation;
    QJsonObject extracted;  ///< extracted_metadata
    QJsonObject processing; ///< processing_parameters
    QString storageLocation; ///< natural key of dim_storage_locations, set by the server
    int rowVersion = 1;
};

struct HeartbeatRecord {
    QUuid heartbeatId; ///< UUIDv7, its event_id too
    Surroundings surroundings;
    qint64 capturedMs = 0;
    QJsonObject metrics; ///< numbers only, at most 64 keys
};

QJsonObject toJson(const DeviceFacts &facts);
QJsonObject toJson(const AppVersionFacts &facts);
QJsonObject toJson(const NetworkFacts &facts);
QJsonObject toJson(const Surroundings &surroundings);
QJsonObject toJson(const ProjectRecord &project);
QJsonObject toJson(const BatchRecord &batch);
QJsonObject toJson(const AttemptRecord &attempt);
QJsonObject toJson(const StageRecord &stage);
QJsonObject toJson(const ErrorRecord &error);
QJsonObject toJson(const PhotoRecord &photo);
QJsonObject toJson(const HeartbeatRecord &heartbeat);

/// Reads the form above. An unknown field that is not to be ignored, a missing id or a value of the wrong kind is API_REQUEST_REFUSED, naming the field.
Result<Surroundings> surroundingsFromJson(const QJsonObject &json, OtherFields others = OtherFields::Refused);
Result<ProjectRecord> projectFromJson(const QJsonObject &json);
Result<BatchRecord> batchFromJson(const QJsonObject &json);
Result<AttemptRecord> attemptFromJson(const QJsonObject &json, OtherFields others = OtherFields::Refused);
Result<StageRecord> stageFromJson(const QJsonObject &json, OtherFields others = OtherFields::Refused);
Result<ErrorRecord> errorFromJson(const QJsonObject &json, OtherFields others = OtherFields::Refused);
Result<PhotoRecord> photoFromJson(const QJsonObject &json, OtherFields others = OtherFields::Refused);
Result<HeartbeatRecord> heartbeatFromJson(const QJsonObject &json);

} // namespace photolift
