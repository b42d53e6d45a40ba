#pragma once

#include "models/vocabulary/records.h"

#include <QJsonObject>
#include <QList>
#include <QUrl>

/// The messages of the HTTP API (resources/openapi.yaml), used by both sides: the client writes what the server reads.
/// All times are Unix ms UTC, all sizes bytes, hashes lower-case hex.
namespace photolift::wire {

/// Every answer of ours carries this header: without it, it came from somebody in between (NETWORK_LOGIN_PAGE).
inline constexpr char OurHeader[] = "Photolift-Api";
inline constexpr char OurHeaderValue[] = "1";
/// The client_upload_id of the attempt a request belongs to.
inline constexpr char CorrelationHeader[] = "Photolift-Correlation";
/// What a client calls itself in User-Agent, before its version.
inline constexpr char ClientName[] = "Photolift/";
inline constexpr char IdempotencyHeader[] = "Idempotency-Key";
inline constexpr char RequestIdHeader[] = "Photolift-Request-Id";

inline constexpr qint64 PartBytes = 16LL * 1024 * 1024;
inline constexpr qint64 MaxFileBytes = 2LL * 1024 * 1024 * 1024;
inline constexpr int MaxLinksPerCall = 16;
inline constexpr int LinkSeconds = 300;
inline constexpr int MaxWaitSeconds = 20;
inline constexpr int MaxStatusUploads = 500;
inline constexpr qint64 MaxJsonBytes = 1024 * 1024;
inline constexpr int MaxJsonDepth = 32;
inline constexpr int MaxEventsPerBatch = 1000;

/// GET /v1/info
struct Info {
    QString serverVersion;
    qint64 serverTimeMs = 0;
    QString epoch;          ///< changes when the server's database was restored or made anew
    QString partChecksum;   ///< "sha256" (folder) or "md5" (S3)
    qint64 partBytes = PartBytes;
    qint64 maxFileBytes = MaxFileBytes;
    int maxLinksPerCall = MaxLinksPerCall;
    std::optional<qint64> freeBytes; ///< of the store, where it is known
    std::optional<qint64> quotaBytes; ///< the caller's account may keep; absent: no quota
    std::optional<qint64> usedBytes;  ///< of it, with what uploads under way have reserved; known where there is a quota
    QString storageFolder;  ///< where an embedded server keeps the photos, for words such as "copied to FOLDER"; empty elsewhere
};

/// A part that is to be sent, and the link it may be sent by.
struct PartOrder {
    int number = 0; ///< from 1
    qint64 size = 0;
    QString checksum; ///< hex, of the kind Info::partChecksum names
};
struct PartLink {
    int number = 0;
    QUrl url;
    QList<std::pair<QByteArray, QByteArray>> headers; ///< to be sent exactly so: they are signed
    qint64 expiresMs = 0; ///< by the server's clock; the client adds its learned offset
};

/// POST /v1/token: the one call without an access token.
inline constexpr char DeviceTokenPrefix[] = "pld_"; ///< tells a device token from every other, for programs that search for leaked ones too
struct TokenRequest {
    QString deviceToken;
};
struct TokenAnswer {
    QString accessToken; ///< for `Authorization: Bearer`
    int expiresSeconds = 0; ///< from now
    QString userId;
    QString userName; ///< for people to read
    QString role; ///< models/vocabulary/role.h
};

/// POST /v1/uploads: "have you these bytes?"
struct Question {
    QString sha256;
    qint64 size = 0;
    QString name;          ///< the last component of the relative path
    QString mediaType;
    qint64 modifiedMs = 0; ///< of the source file
    ProjectRecord project;
    BatchRecord batch;
    AttemptRecord attempt; ///< item, numbers, path, context of the dimensions: the server's attempt row is made from it
    QList<PartOrder> parts; ///< that would be sent at once, at most MaxLinksPerCall: their links come with the offer
    /// Where this client lost its list: how long ago it made a new one. What it had begun before is nobody's any more. Said for as long
    /// as links of that time may live (LinkSeconds).
    std::optional<qint64> lostListMs;
};

struct HeldPart {
    int number = 0; ///< from 1
    qint64 size = 0;
    QString checksum;
};

struct Offer {
    enum class Kind { Upload, Resume, Duplicate, Refused };
    Kind kind = Kind::Upload;
    QUuid uploadId;              ///< null for Duplicate and Refused
    qint64 partBytes = PartBytes;
    QList<HeldPart> parts;       ///< Resume only
    QList<PartLink> links;       ///< for those parts of the question that are not held; none is no fault, `links` gives them
    std::optional<ErrorCode> refusedWith; ///< Refused: what validation said of the same bytes before
    bool isCommitted = false;    ///< Resume: this attempt was committed already; ask for its status, send nothing
    int rowVersion = 0;          ///< Duplicate, Refused: the attempt's version the server has written as its end
};

/// POST /v1/uploads/{id}/links
struct LinkRequest {
    QList<PartOrder> parts; ///< 1 to MaxLinksPerCall
};
struct LinkAnswer {
    QList<PartLink> links;
};

/// POST /v1/uploads/{id}/commit: 202, nothing is decided yet. From its acceptance on the server writes the attempt's status.
struct Commit {
    QString sha256;
    qint64 size = 0;
    AttemptRecord attempt;
    PhotoRecord photo;
};

/// POST /v1/uploads/{id}/abort
struct AbortAnswer {
    bool isAborted = false; ///< false: the commit came first and the attempt runs to its end
};

/// POST /v1/status: answers at once when something is newer than the given versions, else waits up to waitSeconds.
struct StatusQuery {
    struct Known {
        QUuid uploadId;
        int version = 0; ///< UploadStatus::version seen last; 0: nothing
    };
    QList<Known> uploads; ///< at most MaxStatusUploads
    int waitSeconds = 0;  ///< 0..MaxWaitSeconds
};
struct UploadStatus {
    QUuid uploadId;
    QUuid clientUploadId;
    int version = 0;          ///< counts up with each change of anything below
    Status status = Status::Running;
    int rowVersion = 0;       ///< of the attempt row
    std::optional<qint64> endedMs;
    std::optional<qint64> totalDurationMs;
    bool isSafe = false;      ///< verification equal and validation passed, both committed
    QString storedSha256;     ///< from one re-read of the stored object; empty until known
    std::optional<qint64> storedSize;
    /// False: the server does not follow this upload (any more): swept, aborted, from another epoch, or given back because its bytes
    /// were not what was announced; `errors` say so then. The attempt is the client's again.
    bool isKnown = true;
    QList<StageRecord> stages; ///< the server's six, as far as entered
    QList<ErrorRecord> errors; ///< those of the server
    std::optional<PhotoRecord> photo; ///< once metadata_extraction or storage completed it
};
struct StatusAnswer {
    QList<UploadStatus> uploads; ///< only those that changed
};

/// POST /v1/photos/{id}/remove and /restore, /v1/batches/{id}/remove and /restore: how the caller's photos of that id stand then.
struct RemovalAnswer {
    int photos = 0;   ///< that are there, the removed ones among them
    int removed = 0;  ///< of these; /restore takes it back until they are gone
    int underWay = 0; ///< not there yet, and not removed by this
    std::optional<qint64> goneMs; ///< when the first of the removed is gone for good; absent: none is removed
};

/// GET /v1/photos/{id}/link: where the bytes of one of the caller's photos are, and what they have to be.
struct PhotoLink {
    QUrl url; ///< GET, for LinkSeconds; in ranges of at most PartBytes, because a folder answers no longer ones
    qint64 expiresMs = 0;
    QString sha256;
    qint64 size = 0;
    QString relativePath;
};

/// A number of photos and their bytes.
struct PhotoSum {
    qint64 photos = 0;
    qint64 bytes = 0;
};

/// How a project stands. What is missing is summed batch by batch: a photo too many in one makes up for none in another.
struct ProjectStanding {
    QUuid projectId;
    QString name;
    QString owner;    ///< the person's name
    QString state;    ///< open, complete, delivered
    bool isActive = true;
    qint64 batches = 0;
    qint64 uncounted = 0; ///< of these, not walked through yet: nothing is expected of them so far
    PhotoSum expected;    ///< what the batches announced
    PhotoSum arrived;     ///< succeeded, or a duplicate of what was there
    PhotoSum missing;     ///< expected and not arrived
};
bool isProjectState(QStringView state); ///< open, complete or delivered

/// GET /v1/projects, a page of them: open ones first, then complete, then delivered; of each the newest first
struct ProjectsAnswer {
    QList<ProjectStanding> projects;
    QString next; ///< `after` of the page behind this one; empty: this is the last
};

/// One mirrored row. POST /v1/events takes them as NDJSON, gzip, at most MaxEventsPerBatch lines and 1 MiB inflated.
struct MirrorEvent {
    enum class Kind { Project, Batch, Attempt, Stage, Error, Photo, Heartbeat };
    QUuid eventId; ///< UUIDv7; a repeat is ignored
    Kind kind = Kind::Attempt;
    QJsonObject row; ///< toJson() of the record
};
struct EventsAnswer {
    int applied = 0;
    int repeated = 0;
    QList<int> setAside; ///< indexes of events that could not be read; they are kept by the server and not sent again
    /// Attempts that their client has as ended well, and whose photo is not safe here: among the events, when the records were put back from a copy that
    /// is older; with a heartbeat any of this person's whose stored bytes are damaged or gone. Whoever has the file brings it again.
    QList<QUuid> notSafe;
};

/// The body of every answer that is not a success: RFC 9457 problem+json.
struct Problem {
    int httpStatus = 500;
    ErrorCode code = ErrorCode::InternalUnknown;
    QString requestId;
    std::optional<int> retryAfterSeconds;
};

QLatin1StringView eventKindName(MirrorEvent::Kind kind);
std::optional<MirrorEvent::Kind> eventKindFromName(QStringView name);

QJsonObject toJson(const Info &info);
QJsonObject toJson(const TokenRequest &request);
QJsonObject toJson(const TokenAnswer &answer);
QJsonObject toJson(const Question &question);
QJsonObject toJson(const Offer &offer);
QJsonObject toJson(const LinkRequest &request);
QJsonObject toJson(const LinkAnswer &answer);
QJsonObject toJson(const Commit &commit);
QJsonObject toJson(const AbortAnswer &answer);
QJsonObject toJson(const StatusQuery &query);
QJsonObject toJson(const StatusAnswer &answer);
QJsonObject toJson(const RemovalAnswer &answer);
QJsonObject toJson(const PhotoLink &link);
QJsonObject toJson(const ProjectsAnswer &answer);
QJsonObject toJson(const MirrorEvent &event);
QJsonObject toJson(const EventsAnswer &answer);
QJsonObject toJson(const Problem &problem);

/// Readers are strict: values out of range, and unknown fields of what a client says, are API_REQUEST_REFUSED with the field in the detail. Unknown
/// fields of what a server says are a newer server's: servers are updated before their desktops.
Result<Info> infoFromJson(const QJsonObject &json);
Result<TokenRequest> tokenRequestFromJson(const QJsonObject &json);
Result<TokenAnswer> tokenAnswerFromJson(const QJsonObject &json);
Result<Question> questionFromJson(const QJsonObject &json);
Result<Offer> offerFromJson(const QJsonObject &json);
Result<LinkRequest> linkRequestFromJson(const QJsonObject &json);
Result<LinkAnswer> linkAnswerFromJson(const QJsonObject &json);
Result<Commit> commitFromJson(const QJsonObject &json);
Result<AbortAnswer> abortAnswerFromJson(const QJsonObject &json);
Result<StatusQuery> statusQueryFromJson(const QJsonObject &json);
Result<StatusAnswer> statusAnswerFromJson(const QJsonObject &json);
Result<RemovalAnswer> removalAnswerFromJson(const QJsonObject &json);
Result<PhotoLink> photoLinkFromJson(const QJsonObject &json);
Result<ProjectsAnswer> projectsAnswerFromJson(const QJsonObject &json);
Result<MirrorEvent> mirrorEventFromJson(const QJsonObject &json);
Result<EventsAnswer> eventsAnswerFromJson(const QJsonObject &json);
Result<Problem> problemFromJson(const QJsonObject &json);

/// Parses one JSON object from an untrusted side: at most MaxJsonBytes and MaxJsonDepth, no duplicate keys, no lone
/// surrogates, nothing behind it. Anything else is API_REQUEST_REFUSED.
Result<QJsonObject> parseObject(QByteArrayView bytes);
/// The same of what a client says to a server: U+0000 becomes U+FFFD, since no column of PostgreSQL keeps it. No name of a file has one, but what a
/// camera wrote may, and that is no reason to refuse a photo.
Result<QJsonObject> parseRequest(QByteArrayView bytes);

} // namespace photolift::wire
