#include "tests/server/apirig.h"

#include "app/server/http/calllimit.h"
#include "app/server/http/router.h"
#include "app/server/work/months.h"
#include "app/server/work/rights.h"
#include "models/store/database.h"
#include "models/store/dialect.h"
#include "models/vocabulary/ids.h"
#include "tests/support/smallphotos.h"

#include <QJsonDocument>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QTest>

#include <condition_variable>

#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace photolift::test {

namespace {

Surroundings laptop()
{
    Surroundings surroundings;
    surroundings.device.deviceId = u"3f8a"_s;
    surroundings.device.type = u"laptop"_s;
    surroundings.device.osName = u"debian"_s;
    surroundings.app.version = u"0.1.0"_s;
    surroundings.app.platform = u"linux-x86_64"_s;
    surroundings.network.connectionType = u"local"_s;
    return surroundings;
}

} // namespace

QByteArray jsonBytes(const QJsonObject &object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

store::PostgresAddress as(store::PostgresAddress address, const QString &user)
{
    address.user = user;
    return address;
}

ScriptedExaminer::ScriptedExaminer(std::shared_ptr<Script> script)
    : m_script(std::move(script))
{
}

Result<photo::HelperAnswer> ScriptedExaminer::run(photo::Order order, int descriptor, const QString &, int, const std::atomic<bool> &)
{
    struct stat status = {};
    ::fstat(descriptor, &status);
    if (m_script->held)
        m_script->held->wait();
    const std::scoped_lock lock(m_script->mutex);
    ++m_script->orders[static_cast<int>(order)];
    if (const auto failure = m_script->failures.constFind(status.st_size); failure != m_script->failures.constEnd()) {
        if (order != photo::Order::Everything)
            return *failure;
        photo::HelperAnswer answer;
        answer.steps.append({errorInfo(failure->code).home.value_or(Stage::Validation), *failure, 5});
        return answer;
    }
    photo::HelperAnswer answer;
    answer.steps = m_script->steps;
    answer.facts.width = 64;
    answer.facts.height = 48;
    answer.facts.make = u"Maker"_s;
    answer.picture = "picture";
    answer.rendition = "rendition";
    answer.pictureType = u"image/jpeg"_s;
    return answer;
}

Photo photoOf(int seed, const QString &path, qint64 size)
{
    static const QUuid projectId = newUuid7();
    static const QUuid batchId = newUuid7();
    Photo photo;
    photo.bytes = support::jpegBytes(seed, size);
    photo.sha256 = sha256Of(photo.bytes);
    wire::Question &question = photo.question;
    question.sha256 = photo.sha256;
    question.size = photo.bytes.size();
    question.name = u"IMG.JPG"_s;
    question.mediaType = u"image/jpeg"_s;
    question.modifiedMs = 1'700'000'000'000;
    question.project.projectId = projectId;
    question.batch.batchId = batchId;
    question.batch.projectId = projectId;
    question.batch.name = u"Card"_s;
    question.batch.createdMs = nowMs();
    AttemptRecord &attempt = question.attempt;
    attempt.clientUploadId = newUuid7();
    attempt.itemId = newUuid7();
    attempt.projectId = projectId;
    attempt.batchId = batchId;
    attempt.relativePath = path.isEmpty() ? u"100CANON/IMG_%1.JPG"_s.arg(seed) : path;
    attempt.surroundings = laptop();
    attempt.startedMs = instantOf(attempt.clientUploadId);
    attempt.fileSize = question.size;
    attempt.rowVersion = 3;
    return photo;
}

Photo ofAnotherClient(Photo photo)
{
    wire::Question &question = photo.question;
    question.project.projectId = newUuid7();
    question.batch.batchId = newUuid7();
    question.batch.projectId = question.project.projectId;
    question.attempt.clientUploadId = newUuid7();
    question.attempt.startedMs = instantOf(question.attempt.clientUploadId);
    question.attempt.itemId = newUuid7();
    question.attempt.projectId = question.project.projectId;
    question.attempt.batchId = question.batch.batchId;
    question.attempt.surroundings.device.deviceId = u"another-device"_s;
    return photo;
}

Photo nextAttempt(const Photo &photo)
{
    Photo next = photo;
    next.question.attempt.clientUploadId = newUuid7();
    next.question.attempt.startedMs = instantOf(next.question.attempt.clientUploadId);
    ++next.question.attempt.attemptNumber;
    return next;
}

wire::Commit commitOf(const Photo &photo)
{
    wire::Commit commit;
    commit.sha256 = photo.sha256;
    commit.size = photo.bytes.size();
    commit.attempt = photo.question.attempt;
    commit.attempt.rowVersion = 5;
    commit.attempt.totalDurationMs = 1000;
    commit.photo.clientUploadId = photo.question.attempt.clientUploadId;
    commit.photo.photoId = photo.question.attempt.itemId;
    commit.photo.typeName = u"JPEG"_s;
    commit.photo.fileExtension = u"jpg"_s;
    commit.photo.mimeType = u"image/jpeg"_s;
    commit.photo.fileSize = commit.size;
    commit.photo.rowVersion = 2;
    return commit;
}

ApiRig::ApiRig(std::optional<store::PostgresAddress> administrator)
    : m_administrator(std::move(administrator))
{
    if (m_administrator) {
        options.postgres = as(*m_administrator, u"photolift_app"_s);
        options.workerLogin = as(*m_administrator, u"photolift_worker"_s);
        options.retentionLogin = as(*m_administrator, u"photolift_retention"_s);
    }
    options.dataFolder = m_folder.path();
    options.storageFolder = m_folder.filePath(u"objects"_s);
    options.retryBase = std::chrono::milliseconds(20);
    options.gatherChanges = std::chrono::milliseconds(1);
    options.eventBatchesPerMinute = 100000;
    options.makeExaminer = [s = script] { return std::make_unique<ScriptedExaminer>(s); };
}

ApiRig::~ApiRig()
{
    stop();
}

void ApiRig::start()
{
    api = std::make_unique<server::UploadApi>(options, store);
    const Result<> started = api->start();
    if (!started)
        qFatal("the API did not start: %s", qPrintable(started.error().detail));
}

void ApiRig::stop()
{
    api.reset();
}

std::shared_ptr<std::optional<ApiRig::Answer>> ApiRig::callLater(const QByteArray &method, const QByteArray &path, const QByteArray &body)
{
    const auto answer = std::make_shared<std::optional<Answer>>();
    const server::Router router(api->routes());
    const server::Router::Match match = router.find(method, path);
    server::HttpRequest request;
    request.method = method;
    request.path = path;
    request.captures = match.captures;
    request.body = body;
    request.caller = caller;
    request.headers = {{"host", "127.0.0.1:1"}, {"idempotency-key", idText(newUuid7()).toLatin1()}};
    match.route->handler(request, [answer, context = QCoreApplication::instance()](const server::HttpResponse &response) {
        QMetaObject::invokeMethod(context, [answer, response] {
            *answer = Answer{response.status, QJsonDocument::fromJson(response.body).object(), response.headers};
        });
    });
    return answer;
}

ApiRig::Answer ApiRig::call(const QByteArray &method, const QByteArray &path, const QByteArray &body, QByteArray key, const QUuid &correlation,
                            const QByteArray &query)
{
    const server::Router router(api->routes());
    const server::Router::Match match = router.find(method, path);
    if (!match.route)
        qFatal("no route for %s %s", method.constData(), path.constData());
    server::HttpRequest request;
    request.method = method;
    request.path = path;
    request.query = query;
    request.captures = match.captures;
    request.body = body;
    request.caller = caller;
    request.correlation = correlation;
    request.headers = {{"host", "127.0.0.1:1"}};
    if (!userAgent.isEmpty())
        request.headers.insert("user-agent", userAgent);
    if (key != WithoutKey)
        request.headers.insert("idempotency-key", key.isEmpty() ? idText(newUuid7()).toLatin1() : key);
    struct Wait {
        std::mutex mutex;
        std::condition_variable isDone;
        std::optional<server::HttpResponse> response;
    };
    const auto wait = std::make_shared<Wait>();
    const auto put = [wait](server::HttpResponse response) {
        const std::scoped_lock lock(wait->mutex);
        if (!wait->response)
            wait->response = std::move(response);
        wait->isDone.notify_one();
    };
    std::optional<server::HttpResponse> refusal; // as at the door
    if (match.route->limit)
        refusal = match.route->limit->refusal(request);
    if (refusal)
        put(*refusal);
    else
        match.route->handler(request, put);
    std::unique_lock lock(wait->mutex);
    if (!wait->isDone.wait_for(lock, std::chrono::seconds(30), [&wait] { return wait->response.has_value(); }))
        qFatal("no answer to %s %s", method.constData(), path.constData());
    return {wait->response->status, QJsonDocument::fromJson(wait->response->body).object(), wait->response->headers};
}

ApiRig::Answer ApiRig::askRaw(const Photo &photo, QByteArray key)
{
    return call("POST", "/v1/uploads", jsonBytes(wire::toJson(photo.question)), std::move(key));
}

wire::Offer ApiRig::ask(const Photo &photo)
{
    Answer answer = askRaw(photo);
    if (answer.status == 503) // the worker was in its way too often: a client comes back, too
        (void)QTest::qWaitFor([&] { return (answer = askRaw(photo)).status != 503; }, 20000);
    const Result<wire::Offer> offer = wire::offerFromJson(answer.json);
    if (answer.status != 200 || !offer)
        qFatal("the question was refused: %d %s", answer.status, jsonBytes(answer.json).constData());
    return *offer;
}

void ApiRig::put(const wire::Offer &offer, const Photo &photo)
{
    for (qint64 from = 0, number = 1; from < photo.bytes.size(); from += offer.partBytes, ++number)
        QVERIFY(store.put(offer.uploadId, static_cast<int>(number), photo.bytes.mid(from, offer.partBytes)));
}

ApiRig::Answer ApiRig::commit(const QUuid &uploadId, const Photo &photo, QByteArray key)
{
    return call("POST", "/v1/uploads/" + idText(uploadId).toLatin1() + "/commit", jsonBytes(wire::toJson(commitOf(photo))), std::move(key));
}

wire::AbortAnswer ApiRig::abort(const QUuid &uploadId)
{
    const Result<wire::AbortAnswer> answer =
        wire::abortAnswerFromJson(call("POST", "/v1/uploads/" + idText(uploadId).toLatin1() + "/abort").json);
    return answer ? *answer : wire::AbortAnswer();
}

wire::StatusAnswer ApiRig::status(const QUuid &uploadId, int version, int waitSeconds)
{
    const wire::StatusQuery query{{{uploadId, version}}, waitSeconds};
    const Result<wire::StatusAnswer> answer = wire::statusAnswerFromJson(call("POST", "/v1/status", jsonBytes(wire::toJson(query))).json);
    if (!answer)
        qFatal("a status nobody can read: %s", qPrintable(answer.error().detail));
    return *answer;
}

wire::UploadStatus ApiRig::statusWhen(const QUuid &uploadId, const std::function<bool(const wire::UploadStatus &)> &condition)
{
    wire::UploadStatus last;
    const QDeadlineTimer deadline(10000);
    while (!deadline.hasExpired()) {
        const wire::StatusAnswer answer = status(uploadId, last.version, 1);
        if (answer.uploads.isEmpty())
            continue;
        last = answer.uploads.first();
        if (condition(last))
            return last;
    }
    qWarning() << "the status never came to that:" << jsonBytes(wire::toJson(wire::StatusAnswer{{last}}));
    return last;
}

wire::UploadStatus ApiRig::upload(const Photo &photo)
{
    const wire::Offer offer = ask(photo);
    put(offer, photo);
    if (const Answer answer = commit(offer.uploadId, photo); answer.status != 202)
        qFatal("the commit was refused: %d %s", answer.status, jsonBytes(answer.json).constData());
    return statusWhen(offer.uploadId, [](const wire::UploadStatus &status) { return isTerminal(status.status); });
}

ApiRig::Answer ApiRig::events(const QList<wire::MirrorEvent> &events, QByteArray key)
{
    QByteArray lines;
    for (const wire::MirrorEvent &event : events)
        lines.append(jsonBytes(wire::toJson(event))).append('\n');
    return call("POST", "/v1/events", lines, std::move(key));
}

void ApiRig::onDatabase(const std::function<void(const QSqlDatabase &)> &use) const
{
    const auto connection = m_administrator
        ? store::Connection::open(*m_administrator)
        : store::Connection::open(m_folder.filePath(u"server.sqlite"_s), store::Connection::Use::Write);
    if (!connection)
        qFatal("%s", qPrintable(connection.error().detail));
    use((*connection)->database());
}

QVariant ApiRig::sql(const QString &query) const
{
    QVariant value;
    onDatabase([&](const QSqlDatabase &database) {
        QSqlQuery look(database);
        if (!look.exec(store::inDialect(query, store::engineOf(database))))
            qWarning() << look.lastError().text();
        else if (look.next())
            value = look.value(0);
    });
    return value;
}

void ApiRig::change(const QString &query) const
{
    onDatabase([&](const QSqlDatabase &database) {
        QSqlQuery change(database);
        if (!change.exec(store::inDialect(query, store::engineOf(database))))
            qFatal("%s", qPrintable(change.lastError().text()));
    });
}

void BothEngines::addTurns()
{
    QTest::addColumn<store::Engine>("engine");
    QTest::newRow("SQLite") << store::Engine::Sqlite;
    QTest::newRow("PostgreSQL") << store::Engine::PostgreSql;
}

bool BothEngines::start()
{
    if (!m_postgres.start())
        return false;
    // As an administrator does before the first start; each rig gets a copy.
    for (const char *role : {"owner", "app", "worker", "retention", "analyst", "reader"})
        tell(u"postgres"_s, u"CREATE ROLE photolift_%1 LOGIN PASSWORD '%2'"_s.arg(QLatin1StringView(role), m_postgres.password()));
    tell(u"postgres"_s, u"CREATE DATABASE prepared OWNER photolift_owner"_s);
    tell(u"prepared"_s, u"ALTER SCHEMA public OWNER TO photolift_owner"_s);
    if (!m_postgres.prepareForServers(u"prepared"_s))
        return false;
    const auto connection = store::Connection::open(as(administrator(u"prepared"_s), u"photolift_owner"_s));
    Result<> migrated = connection ? store::migrate((*connection)->database(), {u"star"_s, u"server"_s}) : connection.error();
    if (migrated)
        migrated = server::giveRights((*connection)->database());
    if (migrated)
        migrated = server::ensureMonths((*connection)->database(), nowMs());
    if (!migrated)
        qFatal("%s", qPrintable(migrated.error().detail));
    return true;
}

void BothEngines::tell(const QString &database, const QString &statement) const
{
    const auto connection = store::Connection::open(administrator(database));
    if (QSqlQuery query(connection ? (*connection)->database() : QSqlDatabase()); !query.exec(statement))
        qFatal("%s", qPrintable(query.lastError().text()));
}

store::PostgresAddress BothEngines::administrator(const QString &database) const
{
    return {.port = m_postgres.port(),
            .database = database,
            .user = support::PostgresRun::user(),
            .password = m_postgres.password(),
            .authorityFile = m_postgres.authorityFile()};
}

std::unique_ptr<ApiRig> BothEngines::rig()
{
    return rig(*static_cast<store::Engine *>(QTest::qGlobalData("engine", qMetaTypeId<store::Engine>())));
}

std::unique_ptr<ApiRig> BothEngines::rig(store::Engine engine)
{
    if (engine == store::Engine::Sqlite)
        return std::make_unique<ApiRig>();
    const QString name = u"server%1"_s.arg(++m_databases);
    tell(u"postgres"_s, u"CREATE DATABASE %1 TEMPLATE prepared OWNER photolift_owner"_s.arg(name));
    tell(name, u"REVOKE CREATE, TEMPORARY ON DATABASE %1 FROM PUBLIC"_s.arg(name)); // as in rights.sql: this alone is not copied
    return std::make_unique<ApiRig>(administrator(name));
}

} // namespace photolift::test
