#include "tests/support/simulateddesktop.h"

#include "models/photo/digest.h"
#include "models/transfer/gzip.h"
#include "models/vocabulary/ids.h"
#include "tests/support/smallphotos.h"

#include <QJsonDocument>

using namespace Qt::StringLiterals;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace photolift::support
{

namespace
{

using Kind = wire::MirrorEvent::Kind;

constexpr qint64 PhotoBytes = 24'000;
constexpr int PhotosOfDesktop = 10'000; ///< seeds of the next desktop's begin behind them
constexpr int NeverReached = 1'000'000; ///< a version of no upload
constexpr int ReplayedBatch = 3;        ///< each third batch goes out once more, as after a lost answer

QByteArray jsonBytes(const QJsonObject &object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

QByteArray hexOf(photo::DigestKind kind, const QByteArray &bytes)
{
    photo::Digest digest(kind);
    digest.add(bytes);
    return digest.result().toHex();
}

wire::MirrorEvent eventOf(Kind kind, const QJsonObject &row)
{
    return {newUuid7(), kind, row};
}

QByteArray uploadPath(const QUuid &upload, const char *what)
{
    return "/v1/uploads/" + idText(upload).toLatin1() + what;
}

template <typename Value> Result<Value> read(const QByteArray &body, Result<Value> (*reader)(const QJsonObject &))
{
    const Result<QJsonObject> json = wire::parseObject(body);
    return json ? reader(*json) : Result<Value>(json.error());
}

/// A stage of the client from its begin to its end, as it is mirrored: each change one event.
void tellStage(QList<wire::MirrorEvent> &events, const AttemptRecord &attempt, Stage which)
{
    StageRecord stage;
    stage.clientUploadId = attempt.clientUploadId;
    stage.stage = which;
    stage.startedMs = attempt.startedMs + static_cast<int>(which);
    events.append(eventOf(Kind::Stage, toJson(stage)));
    stage.endedMs = stage.startedMs + 1;
    stage.durationMs = 1;
    stage.isSuccessful = true;
    stage.rowVersion = 2;
    events.append(eventOf(Kind::Stage, toJson(stage)));
}

} // namespace

struct SimulatedDesktop::Photo {
    QByteArray bytes;
    wire::Question question;

    const AttemptRecord &attempt() const { return question.attempt; }
    wire::Commit commit() const
    {
        wire::Commit commit;
        commit.sha256 = question.sha256;
        commit.size = question.size;
        commit.attempt = attempt();
        commit.attempt.rowVersion = 5;
        commit.photo.clientUploadId = attempt().clientUploadId;
        commit.photo.photoId = attempt().itemId;
        commit.photo.typeName = u"JPEG"_s;
        commit.photo.fileExtension = u"jpg"_s;
        commit.photo.mimeType = u"image/jpeg"_s;
        commit.photo.fileSize = question.size;
        commit.photo.rowVersion = 2;
        return commit;
    }
};

SimulatedDesktop::SimulatedDesktop(Crowd &crowd, QUrl server, QByteArray deviceToken, int number, CrowdTally &tally)
    : m_crowd(crowd)
    , m_server(std::move(server))
    , m_deviceToken(std::move(deviceToken))
    , m_number(number)
    , m_tally(tally)
    , m_project(newUuid7())
    , m_batch(newUuid7())
{
}

SimulatedDesktop::Photo SimulatedDesktop::makePhoto(int index) const
{
    Photo photo;
    photo.bytes = jpegBytes(m_number * PhotosOfDesktop + index, PhotoBytes);
    wire::Question &question = photo.question;
    question.sha256 = QString::fromLatin1(hexOf(photo::DigestKind::Sha256, photo.bytes));
    question.size = photo.bytes.size();
    question.name = u"IMG_%1.JPG"_s.arg(index);
    question.mediaType = u"image/jpeg"_s;
    question.modifiedMs = nowMs();
    question.project.projectId = m_project;
    question.batch.batchId = m_batch;
    question.batch.projectId = m_project;
    question.batch.name = u"Card"_s;
    question.batch.createdMs = instantOf(m_batch);
    AttemptRecord &attempt = question.attempt;
    attempt.clientUploadId = newUuid7();
    attempt.itemId = newUuid7();
    attempt.projectId = m_project;
    attempt.batchId = m_batch;
    attempt.relativePath = u"100CANON/"_s + question.name;
    attempt.startedMs = instantOf(attempt.clientUploadId);
    attempt.fileSize = question.size;
    attempt.surroundings = heartbeatRecord().surroundings;
    attempt.rowVersion = 3;
    return photo;
}

HeartbeatRecord SimulatedDesktop::heartbeatRecord() const
{
    HeartbeatRecord heartbeat;
    heartbeat.heartbeatId = newUuid7();
    heartbeat.capturedMs = nowMs();
    heartbeat.metrics.insert(u"outbox_depth"_s, m_batches);
    Surroundings &surroundings = heartbeat.surroundings;
    surroundings.device.deviceId = u"device-%1"_s.arg(m_number);
    surroundings.device.type = u"laptop"_s;
    surroundings.app.version = u"0.1.0"_s;
    surroundings.app.platform = u"linux-x86_64"_s;
    surroundings.network.connectionType = u"wifi"_s;
    return heartbeat;
}

/// Sends it until there is an answer that does not say "later".
Crowd::Task<Crowd::Answer> SimulatedDesktop::obey(Crowd::Request request, QByteArray what)
{
    while (true) {
        Crowd::Answer answer = co_await m_crowd.ask(request);
        ++m_tally.answers[QByteArray::number(answer.status) + ' ' + what];
        if (answer.status != 429 && answer.status != 503)
            co_return answer;
        bool isNumber = false;
        const int later = answer.headers.value("retry-after").toInt(&isNumber);
        if (!isNumber || later < 1) {
            m_tally.fault(u"%1 without Retry-After: %2"_s.arg(answer.status).arg(QLatin1StringView(what)));
            co_return answer;
        }
        // A tenth more or less for each, or all come back at once.
        co_await m_crowd.pause(seconds(later) + milliseconds(later * (m_number % 100)));
    }
}

Crowd::Task<Crowd::Answer> SimulatedDesktop::call(QByteArray method, QByteArray path, QByteArray body,
                                                  Crowd::Fields more)
{
    Crowd::Request request;
    request.method = method;
    request.url = m_server;
    request.url.setPath(QString::fromLatin1(path));
    request.body = body;
    request.headers = more;
    request.headers.emplaceBack("User-Agent", "Photolift/0.1.0");
    request.headers.emplaceBack("Idempotency-Key", idText(newUuid7()).toLatin1()); // the same when it comes again
    if (!m_accessToken.isEmpty())
        request.headers.emplaceBack("Authorization", "Bearer " + m_accessToken);
    if (method != "GET" && more.isEmpty())
        request.headers.emplaceBack("Content-Type", "application/json");
    QByteArray what = method + ' ' + path;
    if (path.startsWith("/v1/uploads/"))
        what = method + " /v1/uploads/{id}" + path.mid(path.lastIndexOf('/'));
    Crowd::Answer answer = co_await obey(request, what);
    if (answer.status < 200 || answer.status > 299) {
        const QByteArray words = answer.status == 0 ? answer.failure : answer.body.left(300);
        m_tally.fault(QString::fromUtf8(what + ": " + QByteArray::number(answer.status) + ' ' + words));
    }
    co_return answer;
}

Crowd::Task<bool> SimulatedDesktop::signIn()
{
    wire::TokenRequest token;
    token.deviceToken = QString::fromLatin1(m_deviceToken);
    const Answer answer = co_await call("POST", "/v1/token", jsonBytes(wire::toJson(token)));
    const Result<wire::TokenAnswer> given = read(answer.body, &wire::tokenAnswerFromJson);
    if (!given)
        co_return false;
    m_accessToken = given->accessToken.toLatin1();
    const Answer info = co_await call("GET", "/v1/info", {});
    co_return info.status == 200;
}

Crowd::Task<QUuid> SimulatedDesktop::askFor(const Photo &photo)
{
    const Answer answer = co_await call("POST", "/v1/uploads", jsonBytes(wire::toJson(photo.question)));
    const Result<wire::Offer> offer = read(answer.body, &wire::offerFromJson);
    if (!offer || offer->uploadId.isNull()) {
        m_tally.fault(u"no upload for a new photo: "_s + QString::fromUtf8(answer.body.left(300)));
        co_return QUuid();
    }
    co_return offer->uploadId;
}

Crowd::Task<bool> SimulatedDesktop::put(const Photo &photo, const wire::PartLink &link)
{
    Crowd::Request request;
    request.method = "PUT";
    request.url = link.url;
    request.body = photo.bytes;
    for (const auto &[name, value] : link.headers) {
        if (const QByteArray lower = name.toLower();
            lower != "host" && lower != "content-length") // libcurl says the same
            request.headers.emplaceBack(name, value);
    }
    const Answer answer = co_await obey(request, "PUT part");
    if (answer.status != 200)
        m_tally.fault(u"PUT of a part: %1 %2"_s.arg(answer.status)
                          .arg(QString::fromUtf8(answer.failure + answer.body.left(300))));
    co_return answer.status == 200;
}

/// One batch; a success means that each of its rows was applied.
Crowd::Task<bool> SimulatedDesktop::tell(QList<wire::MirrorEvent> events)
{
    const HeartbeatRecord beat = heartbeatRecord();
    events.append({beat.heartbeatId, Kind::Heartbeat, toJson(beat)});
    QByteArray lines;
    for (const wire::MirrorEvent &event : std::as_const(events))
        lines += jsonBytes(wire::toJson(event)) + '\n';
    const QByteArray body = transfer::gzipped(lines);
    const Crowd::Fields fields{{"Content-Type", "application/x-ndjson"}, {"Content-Encoding", "gzip"}};
    const bool isReplayed = ++m_batches % ReplayedBatch == 0;
    for (int pass = 0; pass < (isReplayed ? 2 : 1); ++pass) {
        const Answer answer = co_await call("POST", "/v1/events", body, fields);
        const Result<wire::EventsAnswer> counted = read(answer.body, &wire::eventsAnswerFromJson);
        if (answer.status != 200 || !counted)
            co_return false;
        if (!counted->setAside.isEmpty())
            m_tally.fault(u"events were set aside: "_s + QString::fromUtf8(answer.body.left(300)));
        m_tally.applied += counted->applied;
        m_tally.repeated += counted->repeated;
        m_tally.replayed += pass == 0 ? 0 : events.size();
    }
    for (const wire::MirrorEvent &event : std::as_const(events)) {
        const QString attempt = event.row.value("client_upload_id"_L1).toString();
        if (event.kind == Kind::Heartbeat)
            m_tally.heartbeats.append(idText(beat.heartbeatId));
        else if (event.kind == Kind::Attempt)
            m_tally.attempts.append(attempt);
        else if (event.kind == Kind::Error)
            m_tally.errors.append(event.row.value("error_uid"_L1).toString());
        else if (event.kind == Kind::Photo)
            m_tally.photos.append(attempt);
        else if (event.kind == Kind::Stage && event.row.value("row_version"_L1).toInt() == 2)
            m_tally.stages.append(attempt + u' ' + event.row.value("stage_name"_L1).toString());
    }
    co_return true;
}

/// Long polls, and a batch of telemetry at each answer, as while the server goes through its stages.
Crowd::Task<bool> SimulatedDesktop::waitForEnd(const Photo &photo, QUuid upload)
{
    wire::StatusQuery query;
    query.uploads.append({upload, 0});
    query.waitSeconds = wire::MaxWaitSeconds;
    while (true) {
        const Answer answer = co_await call("POST", "/v1/status", jsonBytes(wire::toJson(query)));
        const Result<wire::StatusAnswer> status = read(answer.body, &wire::statusAnswerFromJson);
        if (answer.status != 200 || !status)
            co_return false;
        for (const wire::UploadStatus &seen : status->uploads) {
            query.uploads.first().version = seen.version;
            if (!seen.isKnown || (isTerminal(seen.status) && seen.status != Status::Succeeded)) {
                m_tally.fault(u"a photo ended badly: "_s + QString::fromUtf8(answer.body.left(600)));
                co_return false;
            }
            if (seen.status != Status::Succeeded)
                continue;
            if (!seen.isSafe || seen.storedSha256 != photo.question.sha256 || seen.storedSize != photo.question.size)
                m_tally.fault(u"called succeeded without being safe: "_s + QString::fromUtf8(answer.body.left(600)));
            else
                m_tally.verified.insert(seen.storedSha256);
            co_return true;
        }
        const bool isTold = co_await tell({});
        if (!isTold)
            co_return false;
    }
}

Crowd::Task<bool> SimulatedDesktop::bring(int index)
{
    const Photo photo = makePhoto(index);
    const QUuid upload = co_await askFor(photo);
    if (upload.isNull())
        co_return false;
    AttemptRecord attempt = photo.attempt();
    ++attempt.rowVersion; // the question's is known already
    PhotoRecord record = photo.commit().photo;
    --record.rowVersion; // before the commit: afterwards the server has newer ones of its own
    QList<wire::MirrorEvent> begun{eventOf(Kind::Attempt, toJson(attempt)), eventOf(Kind::Photo, toJson(record))};
    for (const Stage stage : {Stage::Selection, Stage::Preprocessing, Stage::Initiation})
        tellStage(begun, photo.attempt(), stage);
    const bool isBeginTold = co_await tell(begun);
    if (!isBeginTold)
        co_return false;

    wire::LinkRequest order;
    order.parts.append({1, photo.question.size, QString::fromLatin1(hexOf(photo::DigestKind::Md5, photo.bytes))});
    const Answer links = co_await call("POST", uploadPath(upload, "/links"), jsonBytes(wire::toJson(order)));
    const Result<wire::LinkAnswer> given = read(links.body, &wire::linkAnswerFromJson);
    if (!given || given->links.size() != 1)
        co_return false;
    const bool isPut = co_await put(photo, given->links.first());
    if (!isPut)
        co_return false;
    const Answer committed =
        co_await call("POST", uploadPath(upload, "/commit"), jsonBytes(wire::toJson(photo.commit())));
    if (committed.status != 202)
        co_return false;
    m_tally.accepted.insert(photo.question.sha256, photo.question.size);

    ErrorRecord error;
    error.errorUid = newUuid7();
    error.clientUploadId = photo.attempt().clientUploadId;
    error.stage = Stage::Transfer;
    error.code = ErrorCode::NetworkOffline;
    error.message = u"No connection"_s;
    error.happenedMs = nowMs();
    QList<wire::MirrorEvent> sent{{error.errorUid, Kind::Error, toJson(error)}};
    for (const Stage stage : {Stage::Transfer, Stage::Verification})
        tellStage(sent, photo.attempt(), stage);
    const bool isSentTold = co_await tell(sent);
    if (!isSentTold)
        co_return false;
    const bool isEnded = co_await waitForEnd(photo, upload);
    co_return isEnded;
}

Crowd::Client SimulatedDesktop::live(Crowd::Clock::time_point end)
{
    bool isWell = co_await signIn();
    for (int index = 0; isWell && (index == 0 || Crowd::Clock::now() < end); ++index)
        isWell = co_await bring(index);
}

Crowd::Client SimulatedDesktop::idle(Crowd::Clock::time_point end)
{
    bool isWell = co_await signIn();
    const Photo photo = makePhoto(0);
    wire::StatusQuery query;
    if (isWell) {
        const QUuid upload = co_await askFor(photo);
        query.uploads.append({upload, NeverReached});
        isWell = !upload.isNull();
    }
    query.waitSeconds = wire::MaxWaitSeconds;
    while (isWell && Crowd::Clock::now() < end) {
        const Answer answer = co_await call("POST", "/v1/status", jsonBytes(wire::toJson(query)));
        isWell = answer.status == 200;
    }
}

Crowd::Client SimulatedDesktop::askForLinks(Crowd::Clock::time_point end)
{
    bool isWell = co_await signIn();
    Photo photo = makePhoto(0); // its bytes never travel
    photo.question.size = wire::MaxLinksPerCall * wire::PartBytes;
    photo.question.attempt.fileSize = photo.question.size;
    wire::LinkRequest order;
    for (int number = 1; number <= wire::MaxLinksPerCall; ++number)
        order.parts.append(
            {number, wire::PartBytes, QString::fromLatin1(hexOf(photo::DigestKind::Md5, QByteArray::number(number)))});
    const QByteArray body = jsonBytes(wire::toJson(order));
    QUuid upload;
    if (isWell) {
        upload = co_await askFor(photo);
        isWell = !upload.isNull();
    }
    while (isWell && Crowd::Clock::now() < end) {
        const Answer answer = co_await call("POST", uploadPath(upload, "/links"), body);
        isWell = answer.status == 200;
    }
}

} // namespace photolift::support
