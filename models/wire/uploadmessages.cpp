#include "models/wire/messages.h"

#include "models/vocabulary/jsonreader.h"
#include "models/vocabulary/jsonvalues.h"
#include "models/vocabulary/nametable.h"

#include <QJsonArray>

using namespace Qt::StringLiterals;

namespace photolift::wire {

namespace {

using OfferKind = Offer::Kind;

constexpr std::array<NamedValue<OfferKind>, 4> OfferKinds{{{OfferKind::Upload, "upload"_L1},
                                                           {OfferKind::Resume, "resume"_L1},
                                                           {OfferKind::Duplicate, "duplicate"_L1},
                                                           {OfferKind::Refused, "refused"_L1}}};

template <typename T> QJsonArray arrayOf(const QList<T> &values)
{
    QJsonArray array;
    for (const T &value : values)
        array.append(toJson(value));
    return array;
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
    reader.check(key, isSha256(text));
    return text;
}

/// Bytes go to a place: unlike in the copy of an attempt that ended early, its project, batch and path have to be there.
AttemptRecord readPlacedAttempt(JsonReader &reader)
{
    const AttemptRecord attempt = reader.nested(attemptFromJson(reader.object("attempt"_L1)));
    reader.check("attempt"_L1, !attempt.projectId.isNull() && !attempt.batchId.isNull() && !attempt.relativePath.isEmpty());
    return attempt;
}

/// Parts are described alike in orders and in what is held.
template <typename Part> Result<Part> partFromJson(const QJsonObject &json)
{
    constexpr bool IsAnswered = std::is_same_v<Part, HeldPart>;
    JsonReader reader(json, IsAnswered ? OtherFields::Ignored : OtherFields::Refused);
    Part part;
    part.number = reader.requiredSmallInteger("number"_L1);
    part.size = reader.requiredInteger("size"_L1);
    part.checksum = reader.requiredText("checksum"_L1);
    reader.check("number"_L1, part.number >= 1);
    reader.check("size"_L1, part.size > 0);
    return reader.finish(part);
}

Result<PartLink> linkFromJson(const QJsonObject &json)
{
    JsonReader reader(json, OtherFields::Ignored);
    PartLink link;
    link.number = reader.requiredSmallInteger("number"_L1);
    link.url = QUrl(reader.requiredText("url"_L1), QUrl::StrictMode);
    reader.check("url"_L1, link.url.isValid() && (link.url.scheme() == "http"_L1 || link.url.scheme() == "https"_L1));
    const QJsonObject headers = reader.object("headers"_L1);
    for (auto header = headers.constBegin(); header != headers.constEnd(); ++header)
        link.headers.append({header.key().toLatin1(), header.value().toString().toLatin1()});
    link.expiresMs = reader.requiredInteger("expires_at_ms"_L1);
    return reader.finish(link);
}

Result<StatusQuery::Known> knownFromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    StatusQuery::Known known;
    known.uploadId = reader.requiredId("upload_id"_L1);
    known.version = reader.requiredSmallInteger("version"_L1);
    return reader.finish(known);
}

Result<UploadStatus> uploadStatusFromJson(const QJsonObject &json)
{
    JsonReader reader(json, OtherFields::Ignored);
    UploadStatus status;
    status.uploadId = reader.requiredId("upload_id"_L1);
    status.clientUploadId = reader.id("client_upload_id"_L1);
    status.version = reader.requiredSmallInteger("version"_L1);
    const std::optional<Status> named = statusFromName(reader.requiredText("status"_L1));
    reader.check("status"_L1, named.has_value());
    status.status = named.value_or(Status::Running);
    status.rowVersion = reader.requiredSmallInteger("row_version"_L1);
    status.endedMs = reader.integer("end_timestamp"_L1);
    status.totalDurationMs = reader.integer("total_duration_ms"_L1);
    status.isSafe = reader.requiredFlag("is_safe"_L1);
    status.storedSha256 = reader.text("stored_sha256"_L1);
    status.storedSize = reader.integer("stored_size"_L1);
    status.isKnown = reader.requiredFlag("is_known"_L1);
    status.stages = reader.listOf("stages"_L1, [](const QJsonObject &stage) { return stageFromJson(stage, OtherFields::Ignored); });
    status.errors = reader.listOf("errors"_L1, [](const QJsonObject &error) { return errorFromJson(error, OtherFields::Ignored); });
    const QJsonObject photo = reader.object("photo"_L1);
    if (!photo.isEmpty())
        status.photo = reader.nested(photoFromJson(photo, OtherFields::Ignored));
    return reader.finish(status);
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

Result<Question> questionFromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    Question question;
    question.sha256 = readSha256(reader, "sha256"_L1);
    question.size = reader.requiredInteger("size"_L1);
    reader.check("size"_L1, question.size > 0);
    question.name = reader.requiredText("name"_L1);
    question.mediaType = reader.text("media_type"_L1);
    question.modifiedMs = reader.requiredInteger("modified_ms"_L1);
    question.project = reader.nested(projectFromJson(reader.object("project"_L1)));
    question.batch = reader.nested(batchFromJson(reader.object("batch"_L1)));
    question.attempt = readPlacedAttempt(reader);
    question.parts = reader.listOf("parts"_L1, partFromJson<PartOrder>);
    reader.check("parts"_L1, question.parts.size() <= MaxLinksPerCall);
    question.lostListMs = reader.integer("lost_list_ms"_L1);
    reader.check("lost_list_ms"_L1, question.lostListMs.value_or(0) >= 0);
    return reader.finish(question);
}

Result<Offer> offerFromJson(const QJsonObject &json)
{
    JsonReader reader(json, OtherFields::Ignored);
    Offer offer;
    const std::optional<OfferKind> kind = valueNamed(OfferKinds, reader.requiredText("answer"_L1));
    reader.check("answer"_L1, kind.has_value());
    offer.kind = kind.value_or(OfferKind::Upload);
    offer.uploadId = reader.id("upload_id"_L1);
    const bool needsUpload = offer.kind == OfferKind::Upload || offer.kind == OfferKind::Resume;
    reader.check("upload_id"_L1, !needsUpload || !offer.uploadId.isNull());
    offer.partBytes = reader.requiredInteger("part_bytes"_L1);
    reader.check("part_bytes"_L1, offer.partBytes > 0 && offer.partBytes <= PartBytes);
    offer.parts = reader.listOf("parts"_L1, partFromJson<HeldPart>);
    offer.links = reader.listOf("links"_L1, linkFromJson);
    const QString refusal = reader.text("refused_with"_L1);
    if (!refusal.isEmpty())
        offer.refusedWith = errorFromName(refusal);
    reader.check("refused_with"_L1, (offer.kind == OfferKind::Refused) == offer.refusedWith.has_value());
    offer.isCommitted = reader.requiredFlag("is_committed"_L1);
    offer.rowVersion = reader.requiredSmallInteger("row_version"_L1);
    return reader.finish(offer);
}

Result<LinkRequest> linkRequestFromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    LinkRequest request;
    request.parts = reader.listOf("parts"_L1, partFromJson<PartOrder>);
    reader.check("parts"_L1, !request.parts.isEmpty() && request.parts.size() <= MaxLinksPerCall);
    return reader.finish(request);
}

Result<LinkAnswer> linkAnswerFromJson(const QJsonObject &json)
{
    JsonReader reader(json, OtherFields::Ignored);
    LinkAnswer answer;
    answer.links = reader.listOf("links"_L1, linkFromJson);
    return reader.finish(answer);
}

Result<Commit> commitFromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    Commit commit;
    commit.sha256 = readSha256(reader, "sha256"_L1);
    commit.size = reader.requiredInteger("size"_L1);
    reader.check("size"_L1, commit.size > 0);
    commit.attempt = readPlacedAttempt(reader);
    commit.photo = reader.nested(photoFromJson(reader.object("photo"_L1)));
    return reader.finish(commit);
}

Result<AbortAnswer> abortAnswerFromJson(const QJsonObject &json)
{
    JsonReader reader(json, OtherFields::Ignored);
    AbortAnswer answer;
    answer.isAborted = reader.requiredFlag("is_aborted"_L1);
    return reader.finish(answer);
}

Result<StatusQuery> statusQueryFromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    StatusQuery query;
    query.uploads = reader.listOf("uploads"_L1, knownFromJson);
    reader.check("uploads"_L1, !query.uploads.isEmpty() && query.uploads.size() <= MaxStatusUploads);
    query.waitSeconds = reader.requiredSmallInteger("wait_s"_L1);
    reader.check("wait_s"_L1, query.waitSeconds >= 0 && query.waitSeconds <= MaxWaitSeconds);
    return reader.finish(query);
}

Result<StatusAnswer> statusAnswerFromJson(const QJsonObject &json)
{
    JsonReader reader(json, OtherFields::Ignored);
    StatusAnswer answer;
    answer.uploads = reader.listOf("uploads"_L1, uploadStatusFromJson);
    return reader.finish(answer);
}

} // namespace photolift::wire
