#include "models/wire/messages.h"

#include "models/vocabulary/ids.h"
#include "models/vocabulary/jsonreader.h"
#include "models/vocabulary/nametable.h"
#include "models/vocabulary/role.h"

#include <QJsonArray>

using namespace Qt::StringLiterals;

namespace photolift::wire {

namespace {

using EventKind = MirrorEvent::Kind;
using OfferKind = Offer::Kind;

constexpr std::array<NamedValue<EventKind>, 7> EventKinds{{{EventKind::Project, "project"_L1},
                                                           {EventKind::Batch, "batch"_L1},
                                                           {EventKind::Attempt, "attempt"_L1},
                                                           {EventKind::Stage, "stage"_L1},
                                                           {EventKind::Error, "error"_L1},
                                                           {EventKind::Photo, "photo"_L1},
                                                           {EventKind::Heartbeat, "heartbeat"_L1}}};
constexpr std::array<NamedValue<OfferKind>, 4> OfferKinds{{{OfferKind::Upload, "upload"_L1},
                                                           {OfferKind::Resume, "resume"_L1},
                                                           {OfferKind::Duplicate, "duplicate"_L1},
                                                           {OfferKind::Refused, "refused"_L1}}};

template <typename T> QJsonValue valueOrNull(const std::optional<T> &value)
{
    return value ? QJsonValue(*value) : QJsonValue();
}

QJsonValue idOrNull(const QUuid &id)
{
    return id.isNull() ? QJsonValue() : QJsonValue(idText(id));
}

QJsonValue textOrNull(const QString &text)
{
    return text.isEmpty() ? QJsonValue() : QJsonValue(text);
}

template <typename T> QJsonArray arrayOf(const QList<T> &values)
{
    QJsonArray array;
    for (const T &value : values)
        array.append(toJson(value));
    return array;
}

template <typename T> Result<T> finished(const JsonReader &reader, T value)
{
    const Result<> verdict = reader.finish();
    return verdict ? Result<T>(std::move(value)) : Result<T>(verdict.error());
}

template <typename T> T nested(JsonReader &reader, Result<T> value)
{
    if (value)
        return *std::move(value);
    reader.fault(value.error());
    return {};
}

/// Reads an array whose elements are objects of one kind.
template <typename Read> auto listOf(JsonReader &reader, QLatin1StringView key, Read read)
{
    using Element = std::decay_t<decltype(*read(QJsonObject()))>;
    QList<Element> list;
    const QJsonArray array = reader.array(key);
    list.reserve(array.size());
    for (const QJsonValue &value : array) {
        if (!value.isObject())
            reader.fault(key);
        list.append(nested(reader, read(value.toObject())));
    }
    return list;
}

void check(JsonReader &reader, QLatin1StringView key, bool isRight)
{
    if (!isRight)
        reader.fault(key);
}

bool isSha256(const QString &text)
{
    return text.size() == 64
           && std::all_of(text.cbegin(), text.cend(),
                          [](QChar c) { return (c >= u'0' && c <= u'9') || (c >= u'a' && c <= u'f'); });
}

QString readSha256(JsonReader &reader, QLatin1StringView key)
{
    const QString text = reader.requiredText(key);
    check(reader, key, isSha256(text));
    return text;
}

/// Parts are described alike in orders and in what is held.
template <typename Part> Result<Part> partFromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    Part part;
    part.number = reader.requiredSmallInteger("number"_L1);
    part.size = reader.requiredInteger("size"_L1);
    part.checksum = reader.requiredText("checksum"_L1);
    check(reader, "number"_L1, part.number >= 1);
    check(reader, "size"_L1, part.size > 0);
    return finished(reader, part);
}

Result<PartLink> linkFromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    PartLink link;
    link.number = reader.requiredSmallInteger("number"_L1);
    link.url = QUrl(reader.requiredText("url"_L1), QUrl::StrictMode);
    check(reader, "url"_L1, link.url.isValid() && (link.url.scheme() == "http"_L1 || link.url.scheme() == "https"_L1));
    const QJsonObject headers = reader.object("headers"_L1);
    for (auto header = headers.constBegin(); header != headers.constEnd(); ++header)
        link.headers.append({header.key().toLatin1(), header.value().toString().toLatin1()});
    link.expiresMs = reader.requiredInteger("expires_at_ms"_L1);
    return finished(reader, link);
}

Result<StatusQuery::Known> knownFromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    StatusQuery::Known known;
    known.uploadId = reader.requiredId("upload_id"_L1);
    known.version = reader.requiredSmallInteger("version"_L1);
    return finished(reader, known);
}

Result<UploadStatus> uploadStatusFromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    UploadStatus status;
    status.uploadId = reader.requiredId("upload_id"_L1);
    status.clientUploadId = reader.id("client_upload_id"_L1);
    status.version = reader.requiredSmallInteger("version"_L1);
    const std::optional<Status> named = statusFromName(reader.requiredText("status"_L1));
    check(reader, "status"_L1, named.has_value());
    status.status = named.value_or(Status::Running);
    status.rowVersion = reader.requiredSmallInteger("row_version"_L1);
    status.endedMs = reader.integer("end_timestamp"_L1);
    status.totalDurationMs = reader.integer("total_duration_ms"_L1);
    status.isSafe = reader.requiredFlag("is_safe"_L1);
    status.storedSha256 = reader.text("stored_sha256"_L1);
    status.storedSize = reader.integer("stored_size"_L1);
    status.isKnown = reader.requiredFlag("is_known"_L1);
    status.stages = listOf(reader, "stages"_L1, photolift::stageFromJson);
    status.errors = listOf(reader, "errors"_L1, photolift::errorFromJson);
    const QJsonObject photo = reader.object("photo"_L1);
    if (!photo.isEmpty())
        status.photo = nested(reader, photoFromJson(photo));
    return finished(reader, status);
}

} // namespace

// Found by argument-dependent lookup from arrayOf(), which does not look into the unnamed namespace.
static QJsonObject toJson(const HeldPart &part)
{
    return {{u"number"_s, part.number}, {u"size"_s, part.size}, {u"checksum"_s, part.checksum}};
}

static QJsonObject toJson(const PartOrder &part)
{
    return {{u"number"_s, part.number}, {u"size"_s, part.size}, {u"checksum"_s, part.checksum}};
}

static QJsonObject toJson(const PartLink &link)
{
    QJsonObject headers;
    for (const auto &[name, value] : link.headers)
        headers.insert(QString::fromLatin1(name), QString::fromLatin1(value));
    return {{u"number"_s, link.number},
            {u"url"_s, QString::fromLatin1(link.url.toEncoded())},
            {u"headers"_s, headers},
            {u"expires_at_ms"_s, link.expiresMs}};
}

static QJsonObject toJson(const StatusQuery::Known &known)
{
    return {{u"upload_id"_s, idText(known.uploadId)}, {u"version"_s, known.version}};
}

static QJsonObject toJson(const UploadStatus &status)
{
    return {{u"upload_id"_s, idText(status.uploadId)},
            {u"client_upload_id"_s, idOrNull(status.clientUploadId)},
            {u"version"_s, status.version},
            {u"status"_s, QString(statusName(status.status))},
            {u"row_version"_s, status.rowVersion},
            {u"end_timestamp"_s, valueOrNull(status.endedMs)},
            {u"total_duration_ms"_s, valueOrNull(status.totalDurationMs)},
            {u"is_safe"_s, status.isSafe},
            {u"stored_sha256"_s, textOrNull(status.storedSha256)},
            {u"stored_size"_s, valueOrNull(status.storedSize)},
            {u"is_known"_s, status.isKnown},
            {u"stages"_s, arrayOf(status.stages)},
            {u"errors"_s, arrayOf(status.errors)},
            {u"photo"_s, status.photo ? QJsonValue(photolift::toJson(*status.photo)) : QJsonValue()}};
}

QLatin1StringView eventKindName(MirrorEvent::Kind kind)
{
    return nameOf(EventKinds, kind);
}

std::optional<MirrorEvent::Kind> eventKindFromName(QStringView name)
{
    return valueNamed(EventKinds, name);
}

QJsonObject toJson(const Info &info)
{
    return {{u"server_version"_s, info.serverVersion},
            {u"server_time_ms"_s, info.serverTimeMs},
            {u"epoch"_s, info.epoch},
            {u"part_checksum"_s, info.partChecksum},
            {u"part_bytes"_s, info.partBytes},
            {u"max_file_bytes"_s, info.maxFileBytes},
            {u"max_links_per_call"_s, info.maxLinksPerCall},
            {u"free_bytes"_s, valueOrNull(info.freeBytes)},
            {u"storage_folder"_s, textOrNull(info.storageFolder)}};
}

QJsonObject toJson(const TokenRequest &request)
{
    return {{u"device_token"_s, request.deviceToken}};
}

QJsonObject toJson(const TokenAnswer &answer)
{
    return {{u"access_token"_s, answer.accessToken}, {u"expires_s"_s, answer.expiresSeconds}, {u"user_id"_s, answer.userId}, {u"role"_s, answer.role}};
}

QJsonObject toJson(const Question &question)
{
    return {{u"sha256"_s, question.sha256},
            {u"size"_s, question.size},
            {u"name"_s, question.name},
            {u"media_type"_s, textOrNull(question.mediaType)},
            {u"modified_ms"_s, question.modifiedMs},
            {u"project"_s, photolift::toJson(question.project)},
            {u"batch"_s, photolift::toJson(question.batch)},
            {u"attempt"_s, photolift::toJson(question.attempt)},
            {u"parts"_s, arrayOf(question.parts)},
            {u"lost_list_ms"_s, valueOrNull(question.lostListMs)}};
}

QJsonObject toJson(const Offer &offer)
{
    return {{u"answer"_s, QString(nameOf(OfferKinds, offer.kind))},
            {u"upload_id"_s, idOrNull(offer.uploadId)},
            {u"part_bytes"_s, offer.partBytes},
            {u"parts"_s, arrayOf(offer.parts)},
            {u"links"_s, arrayOf(offer.links)},
            {u"refused_with"_s, offer.refusedWith ? QJsonValue(QString(errorName(*offer.refusedWith))) : QJsonValue()},
            {u"is_committed"_s, offer.isCommitted},
            {u"row_version"_s, offer.rowVersion}};
}

QJsonObject toJson(const LinkRequest &request)
{
    return {{u"parts"_s, arrayOf(request.parts)}};
}

QJsonObject toJson(const LinkAnswer &answer)
{
    return {{u"links"_s, arrayOf(answer.links)}};
}

QJsonObject toJson(const Commit &commit)
{
    return {{u"sha256"_s, commit.sha256},
            {u"size"_s, commit.size},
            {u"attempt"_s, photolift::toJson(commit.attempt)},
            {u"photo"_s, photolift::toJson(commit.photo)}};
}

QJsonObject toJson(const AbortAnswer &answer)
{
    return {{u"is_aborted"_s, answer.isAborted}};
}

QJsonObject toJson(const StatusQuery &query)
{
    return {{u"uploads"_s, arrayOf(query.uploads)}, {u"wait_s"_s, query.waitSeconds}};
}

QJsonObject toJson(const StatusAnswer &answer)
{
    return {{u"uploads"_s, arrayOf(answer.uploads)}};
}

QJsonObject toJson(const MirrorEvent &event)
{
    return {{u"event_id"_s, idText(event.eventId)}, {u"kind"_s, QString(eventKindName(event.kind))}, {u"row"_s, event.row}};
}

QJsonObject toJson(const EventsAnswer &answer)
{
    QJsonArray setAside;
    for (const int index : answer.setAside)
        setAside.append(index);
    return {{u"applied"_s, answer.applied}, {u"repeated"_s, answer.repeated}, {u"set_aside"_s, setAside}};
}

QJsonObject toJson(const Problem &problem)
{
    return {{u"type"_s, u"about:blank"_s},
            {u"title"_s, QString::fromUtf8(errorInfo(problem.code).title)},
            {u"status"_s, problem.httpStatus},
            {u"code"_s, QString(errorName(problem.code))},
            {u"request_id"_s, textOrNull(problem.requestId)},
            {u"retry_after_s"_s, valueOrNull(problem.retryAfterSeconds)}};
}

Result<Info> infoFromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    Info info;
    info.serverVersion = reader.requiredText("server_version"_L1);
    info.serverTimeMs = reader.requiredInteger("server_time_ms"_L1);
    info.epoch = reader.requiredText("epoch"_L1);
    info.partChecksum = reader.requiredText("part_checksum"_L1);
    check(reader, "part_checksum"_L1, info.partChecksum == "sha256"_L1 || info.partChecksum == "md5"_L1);
    info.partBytes = reader.requiredInteger("part_bytes"_L1);
    check(reader, "part_bytes"_L1, info.partBytes > 0 && info.partBytes <= PartBytes);
    info.maxFileBytes = reader.requiredInteger("max_file_bytes"_L1);
    info.maxLinksPerCall = reader.requiredSmallInteger("max_links_per_call"_L1);
    check(reader, "max_links_per_call"_L1, info.maxLinksPerCall >= 1);
    info.freeBytes = reader.integer("free_bytes"_L1);
    info.storageFolder = reader.text("storage_folder"_L1);
    return finished(reader, info);
}

Result<TokenRequest> tokenRequestFromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    TokenRequest request;
    request.deviceToken = reader.requiredText("device_token"_L1);
    return finished(reader, request);
}

Result<TokenAnswer> tokenAnswerFromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    TokenAnswer answer;
    answer.accessToken = reader.requiredText("access_token"_L1);
    check(reader, "access_token"_L1, !answer.accessToken.isEmpty());
    answer.expiresSeconds = reader.requiredSmallInteger("expires_s"_L1);
    check(reader, "expires_s"_L1, answer.expiresSeconds > 0);
    answer.userId = reader.requiredText("user_id"_L1);
    answer.role = reader.requiredText("role"_L1);
    check(reader, "role"_L1, roleFromName(answer.role).has_value());
    return finished(reader, answer);
}

Result<Question> questionFromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    Question question;
    question.sha256 = readSha256(reader, "sha256"_L1);
    question.size = reader.requiredInteger("size"_L1);
    check(reader, "size"_L1, question.size > 0);
    question.name = reader.requiredText("name"_L1);
    question.mediaType = reader.text("media_type"_L1);
    question.modifiedMs = reader.requiredInteger("modified_ms"_L1);
    question.project = nested(reader, projectFromJson(reader.object("project"_L1)));
    question.batch = nested(reader, batchFromJson(reader.object("batch"_L1)));
    question.attempt = nested(reader, attemptFromJson(reader.object("attempt"_L1)));
    question.parts = listOf(reader, "parts"_L1, partFromJson<PartOrder>);
    check(reader, "parts"_L1, question.parts.size() <= MaxLinksPerCall);
    question.lostListMs = reader.integer("lost_list_ms"_L1);
    check(reader, "lost_list_ms"_L1, question.lostListMs.value_or(0) >= 0);
    return finished(reader, question);
}

Result<Offer> offerFromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    Offer offer;
    const std::optional<OfferKind> kind = valueNamed(OfferKinds, reader.requiredText("answer"_L1));
    check(reader, "answer"_L1, kind.has_value());
    offer.kind = kind.value_or(OfferKind::Upload);
    offer.uploadId = reader.id("upload_id"_L1);
    const bool needsUpload = offer.kind == OfferKind::Upload || offer.kind == OfferKind::Resume;
    check(reader, "upload_id"_L1, !needsUpload || !offer.uploadId.isNull());
    offer.partBytes = reader.requiredInteger("part_bytes"_L1);
    check(reader, "part_bytes"_L1, offer.partBytes > 0 && offer.partBytes <= PartBytes);
    offer.parts = listOf(reader, "parts"_L1, partFromJson<HeldPart>);
    offer.links = listOf(reader, "links"_L1, linkFromJson);
    const QString refusal = reader.text("refused_with"_L1);
    if (!refusal.isEmpty())
        offer.refusedWith = errorFromName(refusal);
    check(reader, "refused_with"_L1, (offer.kind == OfferKind::Refused) == offer.refusedWith.has_value());
    offer.isCommitted = reader.requiredFlag("is_committed"_L1);
    offer.rowVersion = reader.requiredSmallInteger("row_version"_L1);
    return finished(reader, offer);
}

Result<LinkRequest> linkRequestFromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    LinkRequest request;
    request.parts = listOf(reader, "parts"_L1, partFromJson<PartOrder>);
    check(reader, "parts"_L1, !request.parts.isEmpty() && request.parts.size() <= MaxLinksPerCall);
    return finished(reader, request);
}

Result<LinkAnswer> linkAnswerFromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    LinkAnswer answer;
    answer.links = listOf(reader, "links"_L1, linkFromJson);
    return finished(reader, answer);
}

Result<Commit> commitFromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    Commit commit;
    commit.sha256 = readSha256(reader, "sha256"_L1);
    commit.size = reader.requiredInteger("size"_L1);
    check(reader, "size"_L1, commit.size > 0);
    commit.attempt = nested(reader, attemptFromJson(reader.object("attempt"_L1)));
    commit.photo = nested(reader, photoFromJson(reader.object("photo"_L1)));
    return finished(reader, commit);
}

Result<AbortAnswer> abortAnswerFromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    AbortAnswer answer;
    answer.isAborted = reader.requiredFlag("is_aborted"_L1);
    return finished(reader, answer);
}

Result<StatusQuery> statusQueryFromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    StatusQuery query;
    query.uploads = listOf(reader, "uploads"_L1, knownFromJson);
    check(reader, "uploads"_L1, !query.uploads.isEmpty() && query.uploads.size() <= MaxStatusUploads);
    query.waitSeconds = reader.requiredSmallInteger("wait_s"_L1);
    check(reader, "wait_s"_L1, query.waitSeconds >= 0 && query.waitSeconds <= MaxWaitSeconds);
    return finished(reader, query);
}

Result<StatusAnswer> statusAnswerFromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    StatusAnswer answer;
    answer.uploads = listOf(reader, "uploads"_L1, uploadStatusFromJson);
    return finished(reader, answer);
}

Result<MirrorEvent> mirrorEventFromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    MirrorEvent event;
    event.eventId = reader.requiredId("event_id"_L1);
    const std::optional<EventKind> kind = eventKindFromName(reader.requiredText("kind"_L1));
    check(reader, "kind"_L1, kind.has_value());
    event.kind = kind.value_or(EventKind::Attempt);
    event.row = reader.object("row"_L1);
    check(reader, "row"_L1, !event.row.isEmpty());
    return finished(reader, event);
}

Result<EventsAnswer> eventsAnswerFromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    EventsAnswer answer;
    answer.applied = reader.requiredSmallInteger("applied"_L1);
    answer.repeated = reader.requiredSmallInteger("repeated"_L1);
    const QJsonArray setAside = reader.array("set_aside"_L1);
    for (const QJsonValue &index : setAside) {
        check(reader, "set_aside"_L1, index.isDouble() && index.toInt(-1) >= 0);
        answer.setAside.append(index.toInt());
    }
    return finished(reader, answer);
}

Result<Problem> problemFromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    Problem problem;
    reader.text("type"_L1);
    reader.text("title"_L1);
    problem.httpStatus = reader.requiredSmallInteger("status"_L1);
    problem.code = errorFromName(reader.requiredText("code"_L1));
    problem.requestId = reader.text("request_id"_L1);
    problem.retryAfterSeconds = reader.smallInteger("retry_after_s"_L1);
    return finished(reader, problem);
}

} // namespace photolift::wire
