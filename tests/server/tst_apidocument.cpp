#include "tests/server/apidocument.h"
#include "tests/server/apirig.h"

#include "models/vocabulary/ids.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;

namespace {

/// The object at the end of the way; of an array on it, its first element.
QJsonObject present(const QJsonObject &message, const QStringList &way)
{
    QJsonObject object = message;
    for (const QString &step : way) {
        const QJsonValue next = object.value(step);
        object = next.isArray() ? next.toArray().first().toObject() : next.toObject();
    }
    return object;
}

QJsonObject without(QJsonObject message, QStringList way, const QString &field)
{
    if (way.isEmpty()) {
        message.remove(field);
        return message;
    }
    const QString step = way.takeFirst();
    const QJsonValue next = message.value(step);
    if (next.isArray())
        message[step] = QJsonArray{without(next.toArray().first().toObject(), way, field)};
    else
        message[step] = without(next.toObject(), way, field);
    return message;
}

/// What the document asks of a caller: nothing said means the token that is said for all.
server::Access accessIn(const QJsonObject &call)
{
    if (!call.contains("security"_L1))
        return server::Access::Token;
    return call.value("security"_L1).toArray().isEmpty() ? server::Access::Open : server::Access::Signed;
}

QLatin1StringView accessName(server::Access access)
{
    switch (access) {
    case server::Access::Token:
        return " with a token"_L1;
    case server::Access::Signed:
        return " with a signature"_L1;
    case server::Access::Open:
        return " by anybody"_L1;
    }
    return {};
}

}

/// resources/openapi.yaml and the program say the same: paths, methods, fields, kinds and names.
class TestApiDocument : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void routesAreThoseOfTheDocument();
    void postsThatWriteNameTheirKey();
    void whatIsRequiredIsRequired_data();
    void whatIsRequiredIsRequired();
    void answersAlwaysHaveAllFields();
    void messagesAreThoseOfTheDocument_data();
    void messagesAreThoseOfTheDocument();
    void namesAreThoseOfTheVocabulary();
    void callsAreThoseOfTheDocument();
    void limitsAreThoseOfTheDocument();

private:
    /// One real call: what is sent and what comes back are what the document has for this route, status included.
    ApiRig::Answer checkedCall(ApiRig &rig, const QString &pattern, const QUuid &uploadId, const QByteArray &body);
    QJsonObject schema(QJsonObject described) const;
    void compare(const QJsonObject &described, const QJsonValue &value, const QString &where);

    const Photo m_photo = photoOf(1); ///< the same in a message and in the call before it
    QJsonObject m_document;
    QStringList m_differences;
    bool m_isEmptyFine = false; ///< of arrays: in a real answer, not in a message made to show everything
};

void TestApiDocument::initTestCase()
{
    m_document = apiDocument();
    QVERIFY2(!m_document.isEmpty(), "python3 with yaml (package python3-yaml) reads the document");
}

void TestApiDocument::routesAreThoseOfTheDocument()
{
    QStringList served;
    for (const server::RouteRight &right : server::allRights())
        served.append(QString::fromLatin1(right.method).toLower() + u' ' + QLatin1StringView(right.pattern) + u' ' + QLatin1StringView(right.name)
                      + accessName(right.access));
    QStringList documented;
    const QJsonObject paths = m_document.value("paths"_L1).toObject();
    for (auto path = paths.begin(); path != paths.end(); ++path) {
        const QJsonObject methods = path.value().toObject();
        for (auto method = methods.begin(); method != methods.end(); ++method) {
            const QJsonObject call = method.value().toObject();
            documented.append(method.key() + u' ' + path.key() + u' ' + call.value("operationId"_L1).toString() + accessName(accessIn(call)));
        }
    }
    served.sort();
    documented.sort();

    QCOMPARE(documented, served);
}

void TestApiDocument::postsThatWriteNameTheirKey()
{
    // Sound apart from the key, so that nothing else is wrong with them.
    const Photo photo = photoOf(1);
    const wire::MirrorEvent event{newUuid7(), wire::MirrorEvent::Kind::Project, toJson(photo.question.project)};
    const QHash<QString, QByteArray> bodies{
        {u"/v1/token"_s, jsonBytes(wire::toJson(wire::TokenRequest{u"pld_unknown"_s}))},
        {u"/v1/uploads"_s, jsonBytes(wire::toJson(photo.question))},
        {u"/v1/uploads/{id}/links"_s, jsonBytes(wire::toJson(wire::LinkRequest{{{1, photo.bytes.size(), photo.sha256}}}))},
        {u"/v1/uploads/{id}/commit"_s, jsonBytes(wire::toJson(commitOf(photo)))},
        {u"/v1/projects/{id}/state"_s, R"({"state": "complete"})"},
        {u"/v1/status"_s, jsonBytes(wire::toJson(wire::StatusQuery{{{newUuid7(), 0}}, 0}))},
        {u"/v1/events"_s, jsonBytes(wire::toJson(event))}};
    const QJsonObject paths = m_document.value("paths"_L1).toObject();
    for (auto path = paths.begin(); path != paths.end(); ++path) {
        const QJsonObject post = path.value().toObject().value("post"_L1).toObject();
        if (post.isEmpty())
            continue;
        const bool isDocumented = QJsonDocument(post.value("parameters"_L1).toArray()).toJson().contains("parameters/IdempotencyKey");
        ApiRig rig;
        rig.start();
        const QByteArray body = bodies.value(path.key());
        const QByteArray call = path.key().toLatin1().replace("{id}", idText(newUuid7()).toLatin1());

        const ApiRig::Answer without = rig.call("POST", call, body, ApiRig::WithoutKey);

        QVERIFY2((without.status == 400) == isDocumented, qPrintable(path.key()));
        QVERIFY2(rig.call("POST", call, body).status != 400, qPrintable(path.key()));
        if (isDocumented)
            QCOMPARE(without.code(), u"API_REQUEST_REFUSED"_s);
    }
}

/// Every schema that a client sends, inside of the message that carries it: each field is left out once.
void TestApiDocument::whatIsRequiredIsRequired_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<QJsonObject>("message");
    QTest::addColumn<QString>("schemaName");
    QTest::addColumn<QStringList>("way"); ///< from the message to the object of the schema
    const auto row = [](const char *path, const QJsonObject &message, const char *schemaName, const QStringList &way) {
        QTest::addRow("%s in %s %s", schemaName, path, qPrintable(way.join(u'.'))) << QString::fromLatin1(path) << message << QString::fromLatin1(schemaName) << way;
    };
    const Photo &photo = m_photo;
    wire::Question asked = photo.question;
    asked.parts.append({1, photo.bytes.size(), photo.sha256});
    const QJsonObject question = wire::toJson(asked);
    row("/v1/uploads", question, "Question", {});
    row("/v1/uploads", question, "Project", {u"project"_s});
    row("/v1/uploads", question, "Batch", {u"batch"_s});
    row("/v1/uploads", question, "Attempt", {u"attempt"_s});
    row("/v1/uploads", question, "Surroundings", {u"attempt"_s, u"surroundings"_s});
    row("/v1/uploads", question, "Device", {u"attempt"_s, u"surroundings"_s, u"device"_s});
    row("/v1/uploads", question, "AppVersion", {u"attempt"_s, u"surroundings"_s, u"app_version"_s});
    row("/v1/uploads", question, "Network", {u"attempt"_s, u"surroundings"_s, u"network"_s});
    row("/v1/uploads", question, "Part", {u"parts"_s});
    const QJsonObject order = wire::toJson(wire::LinkRequest{{{1, photo.bytes.size(), photo.sha256}}});
    row("/v1/uploads/{id}/links", order, "LinkRequest", {});
    row("/v1/uploads/{id}/links", order, "Part", {u"parts"_s});
    const QJsonObject commit = wire::toJson(commitOf(photo));
    row("/v1/uploads/{id}/commit", commit, "Commit", {});
    row("/v1/uploads/{id}/commit", commit, "Photo", {u"photo"_s});
    const QJsonObject query = wire::toJson(wire::StatusQuery{{{newUuid7(), 0}}, 0});
    row("/v1/status", query, "StatusQuery", {});
    row("/v1/status", query, "KnownVersion", {u"uploads"_s});

    const auto event = [&row](wire::MirrorEvent::Kind kind, const char *schemaName, const QJsonObject &record) {
        row("/v1/events", wire::toJson(wire::MirrorEvent{newUuid7(), kind, record}), schemaName, {u"row"_s});
    };
    StageRecord stage;
    stage.clientUploadId = asked.attempt.clientUploadId;
    stage.stage = Stage::Selection;
    stage.startedMs = nowMs();
    ErrorRecord error;
    error.errorUid = newUuid7();
    error.clientUploadId = asked.attempt.clientUploadId;
    error.happenedMs = nowMs();
    HeartbeatRecord heartbeat;
    heartbeat.heartbeatId = newUuid7();
    heartbeat.surroundings = asked.attempt.surroundings;
    heartbeat.capturedMs = nowMs();
    row("/v1/events", wire::toJson(wire::MirrorEvent{newUuid7(), wire::MirrorEvent::Kind::Stage, toJson(stage)}), "MirrorEvent", {});
    event(wire::MirrorEvent::Kind::Project, "Project", toJson(asked.project));
    event(wire::MirrorEvent::Kind::Batch, "Batch", toJson(asked.batch));
    event(wire::MirrorEvent::Kind::Attempt, "Attempt", toJson(asked.attempt));
    event(wire::MirrorEvent::Kind::Stage, "Stage", toJson(stage));
    event(wire::MirrorEvent::Kind::Error, "Error", toJson(error));
    event(wire::MirrorEvent::Kind::Photo, "Photo", toJson(commitOf(photo).photo));
    event(wire::MirrorEvent::Kind::Heartbeat, "Heartbeat", toJson(heartbeat));
}

void TestApiDocument::whatIsRequiredIsRequired()
{
    QFETCH(const QString, path);
    QFETCH(const QJsonObject, message);
    QFETCH(const QString, schemaName);
    QFETCH(const QStringList, way);
    const QJsonObject described = schema({{u"$ref"_s, QString(u"#/components/schemas/"_s + schemaName)}});
    const QJsonArray required = described.value("required"_L1).toArray();
    const QStringList fields = described.value("properties"_L1).toObject().keys();
    QVERIFY(!fields.isEmpty());
    for (const QJsonValue &name : required)
        QVERIFY2(fields.contains(name.toString()), qPrintable(name.toString()));
    ApiRig rig;
    rig.start();
    const QUuid uploadId = rig.ask(m_photo).uploadId;
    QByteArray call = path.toLatin1();
    call.replace("{id}", idText(uploadId).toLatin1());
    QVERIFY2(rig.call("POST", call, jsonBytes(message)).status < 300, "the message as it is");

    for (const QString &field : fields) {
        QVERIFY2(present(message, way).contains(field), qPrintable(field));
        const ApiRig::Answer answer = rig.call("POST", call, jsonBytes(without(message, way, field)));
        // Of a batch of events the others count: the one that cannot be read is set aside.
        const bool isRefused = answer.status == 400 || !answer.json.value("set_aside"_L1).toArray().isEmpty();
        QVERIFY2(isRefused == required.contains(field), qPrintable(field + u" left out -> %1"_s.arg(answer.status)));
        if (answer.status == 400)
            QCOMPARE(answer.code(), u"API_REQUEST_REFUSED"_s);
    }
}

/// That answers have what is required shows wherever answers are compared (compare()); that this is everything shows here.
void TestApiDocument::answersAlwaysHaveAllFields()
{
    for (const QString &name : {u"Info"_s, u"TokenAnswer"_s, u"Offer"_s, u"PartLink"_s, u"LinkAnswer"_s, u"AbortAnswer"_s, u"StatusAnswer"_s, u"UploadStatus"_s,
                                u"EventsAnswer"_s, u"Problem"_s}) {
        const QJsonObject described = schema({{u"$ref"_s, QString(u"#/components/schemas/"_s + name)}});
        QStringList required;
        for (const QJsonValue &field : described.value("required"_L1).toArray())
            required.append(field.toString());
        required.sort();
        QVERIFY2(required == described.value("properties"_L1).toObject().keys(), qPrintable(name));
    }
}

QJsonObject TestApiDocument::schema(QJsonObject described) const
{
    if (described.contains("allOf"_L1))
        described = described.value("allOf"_L1).toArray().first().toObject();
    const QString reference = described.value("$ref"_L1).toString();
    if (reference.isEmpty())
        return described;
    return m_document.value("components"_L1).toObject().value("schemas"_L1).toObject().value(reference.section(u'/', -1)).toObject();
}

void TestApiDocument::compare(const QJsonObject &described, const QJsonValue &value, const QString &where)
{
    const QJsonObject wanted = schema(described);
    const QString type = wanted.value("type"_L1).toString();
    const bool isRight = value.isNull()     ? described.value("nullable"_L1).toBool()
                         : type == "string"_L1  ? value.isString()
                         : type == "integer"_L1 ? value.isDouble() && value.toDouble() == static_cast<double>(value.toInteger())
                         : type == "number"_L1  ? value.isDouble()
                         : type == "boolean"_L1 ? value.isBool()
                         : type == "array"_L1   ? value.isArray()
                                                : value.isObject();
    if (!isRight)
        m_differences.append(where + u" is no "_s + type);
    if (value.isArray()) {
        const QJsonArray array = value.toArray();
        if (array.isEmpty() && !m_isEmptyFine)
            m_differences.append(where + u" is empty in the test"_s);
        for (const QJsonValue &element : array)
            compare(wanted.value("items"_L1).toObject(), element, where + u"[]"_s);
    }
    if (const QJsonArray names = wanted.value("enum"_L1).toArray(); value.isString() && !names.isEmpty() && !names.contains(value))
        m_differences.append(where + u" has an unknown name "_s + value.toString());
    const QJsonObject properties = wanted.value("properties"_L1).toObject();
    if (!value.isObject() || properties.isEmpty())
        return;
    const QJsonObject object = value.toObject();
    QStringList written = object.keys();
    QStringList documented = properties.keys();
    written.sort();
    documented.sort();
    if (written != documented)
        m_differences.append(where + u": written "_s + written.join(u',') + u", documented "_s + documented.join(u','));
    for (auto field = object.begin(); field != object.end(); ++field)
        compare(properties.value(field.key()).toObject(), field.value(), where + u'.' + field.key());
}

void TestApiDocument::messagesAreThoseOfTheDocument_data()
{
    QTest::addColumn<QString>("schemaName");
    QTest::addColumn<QJsonObject>("message");
    const Photo photo = photoOf(1);
    const wire::Commit commit = commitOf(photo);
    const auto row = [](const char *name, const QJsonObject &message) { QTest::newRow(name) << QString::fromLatin1(name) << message; };

    wire::Info info;
    info.serverVersion = u"1"_s;
    info.epoch = u"e"_s;
    info.partChecksum = u"sha256"_s;
    row("Info", wire::toJson(info));
    row("TokenRequest", wire::toJson(wire::TokenRequest{u"pld_x"_s}));
    row("TokenAnswer", wire::toJson(wire::TokenAnswer{u"x"_s, 900, u"u"_s, u"anna"_s, u"admin"_s}));
    wire::Question question = photo.question;
    question.parts.append({1, 10, photo.sha256});
    row("Question", wire::toJson(question));
    wire::Offer offer;
    offer.parts.append({1, 10, photo.sha256});
    offer.refusedWith = ErrorCode::ValidationTruncated;
    offer.links.append({1, QUrl(u"http://127.0.0.1/x"_s), {{"a", "b"}}, 5});
    row("Offer", wire::toJson(offer));
    row("LinkRequest", wire::toJson(wire::LinkRequest{{{1, 10, photo.sha256}}}));
    row("LinkAnswer", wire::toJson(wire::LinkAnswer{{{1, QUrl(u"http://127.0.0.1/x"_s), {{"a", "b"}}, 5}}}));
    row("Commit", wire::toJson(commit));
    row("AbortAnswer", wire::toJson(wire::AbortAnswer{true}));
    row("StatusQuery", wire::toJson(wire::StatusQuery{{{newUuid7(), 3}}, 20}));
    wire::UploadStatus status;
    status.uploadId = newUuid7();
    status.clientUploadId = photo.question.attempt.clientUploadId;
    StageRecord stage;
    stage.clientUploadId = status.clientUploadId;
    stage.stage = Stage::Reception;
    ErrorRecord error;
    error.errorUid = newUuid7();
    error.clientUploadId = status.clientUploadId;
    error.stage = Stage::Validation;
    status.stages.append(stage);
    status.errors.append(error);
    status.photo = commit.photo;
    row("StatusAnswer", wire::toJson(wire::StatusAnswer{{status}}));
    row("MirrorEvent", wire::toJson(wire::MirrorEvent{newUuid7(), wire::MirrorEvent::Kind::Stage, toJson(stage)}));
    row("EventsAnswer", wire::toJson(wire::EventsAnswer{1, 2, {3}}));
    row("Problem", wire::toJson(wire::Problem{}));
    HeartbeatRecord heartbeat;
    heartbeat.heartbeatId = newUuid7();
    heartbeat.surroundings = photo.question.attempt.surroundings;
    row("Heartbeat", toJson(heartbeat));
}

void TestApiDocument::messagesAreThoseOfTheDocument()
{
    QFETCH(QString, schemaName);
    QFETCH(QJsonObject, message);
    m_differences.clear();

    compare({{u"$ref"_s, QString(u"#/components/schemas/"_s + schemaName)}}, message, schemaName);

    QCOMPARE(m_differences, QStringList());
}

void TestApiDocument::namesAreThoseOfTheVocabulary()
{
    const QJsonObject schemas = m_document.value("components"_L1).toObject().value("schemas"_L1).toObject();
    QJsonArray stages;
    for (const Stage stage : AllStages)
        stages.append(QString(stageName(stage)));
    QJsonArray statuses;
    for (const StatusInfo &status : allStatuses())
        statuses.append(QString(status.name));

    QCOMPARE(schemas.value("StageName"_L1).toObject().value("enum"_L1).toArray(), stages);
    QCOMPARE(schemas.value("Status"_L1).toObject().value("enum"_L1).toArray(), statuses);
}

ApiRig::Answer TestApiDocument::checkedCall(ApiRig &rig, const QString &pattern, const QUuid &uploadId, const QByteArray &body)
{
    const QJsonObject route = m_document.value("paths"_L1).toObject().value(pattern).toObject();
    const QString method = route.keys().value(0);
    const QJsonObject call = route.value(method).toObject();
    const auto schemaOf = [](const QJsonObject &described, QLatin1StringView type) {
        return described.value("content"_L1).toObject().value(type).toObject().value("schema"_L1).toObject();
    };
    const QJsonObject asked = schemaOf(call.value("requestBody"_L1).toObject(), "application/json"_L1);
    if (asked.isEmpty() != (body.isEmpty() || pattern == "/v1/events"_L1))
        m_differences.append(pattern + u" and a body"_s);
    if (!asked.isEmpty())
        compare(asked, QJsonDocument::fromJson(body).object(), pattern + u" asked"_s);

    QString path = pattern;
    path.replace("{id}"_L1, idText(uploadId));
    const ApiRig::Answer answer = rig.call(method.toUpper().toLatin1(), path.toLatin1(), body);
    const QJsonObject described = call.value("responses"_L1).toObject().value(QString::number(answer.status)).toObject();
    if (described.isEmpty())
        m_differences.append(pattern + u" answers %1"_s.arg(answer.status));
    const QString reference = described.value("$ref"_L1).toString();
    if (reference.isEmpty())
        compare(schemaOf(described, "application/json"_L1), answer.json, pattern + u" answered"_s);
    else
        compare({{u"$ref"_s, u"#/components/schemas/Problem"_s}}, answer.json, pattern + u" refused"_s);
    return answer;
}

void TestApiDocument::callsAreThoseOfTheDocument()
{
    m_differences.clear();
    m_isEmptyFine = true;
    ApiRig rig;
    rig.start();
    const Photo photo = photoOf(1);
    const Photo given = photoOf(2);
    const auto bytesOf = [](const auto &message) { return jsonBytes(wire::toJson(message)); };
    const auto askFor = [&](const Photo &wanted) {
        return wire::offerFromJson(checkedCall(rig, u"/v1/uploads"_s, {}, bytesOf(wanted.question)).json)->uploadId;
    };

    checkedCall(rig, u"/v1/info"_s, {}, {});
    const QUuid uploadId = askFor(photo);
    checkedCall(rig, u"/v1/uploads/{id}/links"_s, uploadId, bytesOf(wire::LinkRequest{{{1, photo.bytes.size(), photo.sha256}}}));
    QVERIFY(rig.store.put(uploadId, 1, photo.bytes));
    checkedCall(rig, u"/v1/uploads/{id}/commit"_s, uploadId, bytesOf(commitOf(photo)));
    checkedCall(rig, u"/v1/uploads/{id}/abort"_s, askFor(given), {});
    rig.statusWhen(uploadId, [](const wire::UploadStatus &status) { return isTerminal(status.status); });
    checkedCall(rig, u"/v1/status"_s, {}, bytesOf(wire::StatusQuery{{{uploadId, 0}}, 0}));
    const wire::MirrorEvent event{newUuid7(), wire::MirrorEvent::Kind::Project, toJson(photo.question.project)};
    checkedCall(rig, u"/v1/events"_s, {}, bytesOf(event));
    checkedCall(rig, u"/v1/projects"_s, {}, {});
    const QUuid project = photo.question.project.projectId;
    checkedCall(rig, u"/v1/projects/{id}/state"_s, project, R"({"state": "complete"})");
    // And no.
    checkedCall(rig, u"/v1/projects/{id}/state"_s, QUuid::createUuid(), R"({"state": "complete"})");
    Photo huge = photoOf(3);
    huge.question.size = wire::MaxFileBytes + 1;
    checkedCall(rig, u"/v1/uploads"_s, {}, bytesOf(huge.question));
    rig.store.setFreeBytes(0);
    checkedCall(rig, u"/v1/uploads"_s, {}, bytesOf(photoOf(4).question));
    const QUuid unknown = QUuid::createUuid();
    for (const QUuid &gone : {uploadId, unknown})
        checkedCall(rig, u"/v1/uploads/{id}/links"_s, gone, bytesOf(wire::LinkRequest{{{1, photo.bytes.size(), photo.sha256}}}));
    checkedCall(rig, u"/v1/uploads/{id}/commit"_s, unknown, bytesOf(commitOf(photo)));
    checkedCall(rig, u"/v1/uploads/{id}/abort"_s, unknown, {});
    checkedCall(rig, u"/v1/events"_s, {}, "no event\n");

    QCOMPARE(m_differences, QStringList());
    m_isEmptyFine = false;
}

void TestApiDocument::limitsAreThoseOfTheDocument()
{
    const auto field = [this](const QString &schemaName, const QString &name) {
        return m_document.value("components"_L1).toObject().value("schemas"_L1).toObject().value(schemaName).toObject().value("properties"_L1).toObject()
            .value(name).toObject();
    };

    QCOMPARE(field(u"LinkRequest"_s, u"parts"_s).value("maxItems"_L1).toInt(), wire::MaxLinksPerCall);
    QCOMPARE(field(u"StatusQuery"_s, u"uploads"_s).value("maxItems"_L1).toInt(), wire::MaxStatusUploads);
    QCOMPARE(field(u"StatusQuery"_s, u"wait_s"_s).value("maximum"_L1).toInt(), wire::MaxWaitSeconds);
}

QTEST_GUILESS_MAIN(TestApiDocument)
#include "tst_apidocument.moc"
