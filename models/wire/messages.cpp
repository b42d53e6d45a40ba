#include "models/wire/messages.h"

#include "models/vocabulary/jsonreader.h"
#include "models/vocabulary/jsonvalues.h"
#include "models/vocabulary/nametable.h"
#include "models/vocabulary/role.h"

#include <QJsonArray>

using namespace Qt::StringLiterals;

namespace photolift::wire {

namespace {

using EventKind = MirrorEvent::Kind;

constexpr std::array<NamedValue<EventKind>, 7> EventKinds{{{EventKind::Project, "project"_L1},
                                                           {EventKind::Batch, "batch"_L1},
                                                           {EventKind::Attempt, "attempt"_L1},
                                                           {EventKind::Stage, "stage"_L1},
                                                           {EventKind::Error, "error"_L1},
                                                           {EventKind::Photo, "photo"_L1},
                                                           {EventKind::Heartbeat, "heartbeat"_L1}}};

} // namespace

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
            {u"quota_bytes"_s, valueOrNull(info.quotaBytes)},
            {u"used_bytes"_s, valueOrNull(info.usedBytes)},
            {u"storage_folder"_s, textOrNull(info.storageFolder)}};
}

QJsonObject toJson(const TokenRequest &request)
{
    return {{u"device_token"_s, request.deviceToken}};
}

QJsonObject toJson(const TokenAnswer &answer)
{
    return {{u"access_token"_s, answer.accessToken}, {u"expires_s"_s, answer.expiresSeconds}, {u"user_id"_s, answer.userId},
            {u"user_name"_s, answer.userName}, {u"role"_s, answer.role}};
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
    QJsonArray notSafe;
    for (const QUuid &attempt : answer.notSafe)
        notSafe.append(idText(attempt));
    return {{u"applied"_s, answer.applied}, {u"repeated"_s, answer.repeated}, {u"set_aside"_s, setAside}, {u"not_safe"_s, notSafe}};
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
    JsonReader reader(json, OtherFields::Ignored);
    Info info;
    info.serverVersion = reader.requiredText("server_version"_L1);
    info.serverTimeMs = reader.requiredInteger("server_time_ms"_L1);
    info.epoch = reader.requiredText("epoch"_L1);
    info.partChecksum = reader.requiredText("part_checksum"_L1);
    reader.check("part_checksum"_L1, info.partChecksum == "sha256"_L1 || info.partChecksum == "md5"_L1);
    info.partBytes = reader.requiredInteger("part_bytes"_L1);
    reader.check("part_bytes"_L1, info.partBytes > 0 && info.partBytes <= PartBytes);
    info.maxFileBytes = reader.requiredInteger("max_file_bytes"_L1);
    info.maxLinksPerCall = reader.requiredSmallInteger("max_links_per_call"_L1);
    reader.check("max_links_per_call"_L1, info.maxLinksPerCall >= 1);
    info.freeBytes = reader.integer("free_bytes"_L1);
    info.quotaBytes = reader.integer("quota_bytes"_L1);
    info.usedBytes = reader.integer("used_bytes"_L1);
    info.storageFolder = reader.text("storage_folder"_L1);
    return reader.finish(info);
}

Result<TokenRequest> tokenRequestFromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    TokenRequest request;
    request.deviceToken = reader.requiredText("device_token"_L1);
    return reader.finish(request);
}

Result<TokenAnswer> tokenAnswerFromJson(const QJsonObject &json)
{
    JsonReader reader(json, OtherFields::Ignored);
    TokenAnswer answer;
    answer.accessToken = reader.requiredText("access_token"_L1);
    reader.check("access_token"_L1, !answer.accessToken.isEmpty());
    answer.expiresSeconds = reader.requiredSmallInteger("expires_s"_L1);
    reader.check("expires_s"_L1, answer.expiresSeconds > 0);
    answer.userId = reader.requiredText("user_id"_L1);
    answer.userName = reader.requiredText("user_name"_L1);
    answer.role = reader.requiredText("role"_L1);
    reader.check("role"_L1, roleFromName(answer.role).has_value());
    return reader.finish(answer);
}

Result<MirrorEvent> mirrorEventFromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    MirrorEvent event;
    event.eventId = reader.requiredId("event_id"_L1);
    const std::optional<EventKind> kind = eventKindFromName(reader.requiredText("kind"_L1));
    reader.check("kind"_L1, kind.has_value());
    event.kind = kind.value_or(EventKind::Attempt);
    event.row = reader.object("row"_L1);
    reader.check("row"_L1, !event.row.isEmpty());
    return reader.finish(event);
}

Result<EventsAnswer> eventsAnswerFromJson(const QJsonObject &json)
{
    JsonReader reader(json, OtherFields::Ignored);
    EventsAnswer answer;
    answer.applied = reader.requiredSmallInteger("applied"_L1);
    answer.repeated = reader.requiredSmallInteger("repeated"_L1);
    const QJsonArray setAside = reader.array("set_aside"_L1);
    for (const QJsonValue &index : setAside) {
        reader.check("set_aside"_L1, index.isDouble() && index.toInt(-1) >= 0);
        answer.setAside.append(index.toInt());
    }
    const QJsonArray notSafe = reader.array("not_safe"_L1);
    for (const QJsonValue &attempt : notSafe) {
        answer.notSafe.append(QUuid::fromString(attempt.toString()));
        reader.check("not_safe"_L1, !answer.notSafe.last().isNull());
    }
    return reader.finish(answer);
}

Result<Problem> problemFromJson(const QJsonObject &json)
{
    JsonReader reader(json, OtherFields::Ignored);
    Problem problem;
    reader.text("type"_L1);
    reader.text("title"_L1);
    problem.httpStatus = reader.requiredSmallInteger("status"_L1);
    problem.code = errorFromName(reader.requiredText("code"_L1));
    problem.requestId = reader.text("request_id"_L1);
    problem.retryAfterSeconds = reader.smallInteger("retry_after_s"_L1);
    return reader.finish(problem);
}

} // namespace photolift::wire
