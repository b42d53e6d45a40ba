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
    void answersAlwaysHaveAllFields();
    void messagesAreThoseOfTheDocument_data();
    void messagesAreThoseOfTheDocument();
    void namesAreThoseOfTheVocabulary();
    void callsAreThoseOfTheDocument();
    void limitsAreThoseOfTheDocument();

private:
    /// One real call: what is sent and what comes back are what the document has for this route, status included.
    ApiRig::Answer checkedCall(ApiRig &rig, const QString &pattern, const QUuid &uploadId, const QByteArray &body);
    void compare(const QJsonObject &described, const QJsonValue &value, const QString &where);

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
            // The embedded server has what asks for a token or a signature, and nothing else (tst_embeddedprogram).
            QCOMPARE(call.value("x-not-embedded"_L1).toBool(), accessIn(call) == server::Access::Open);
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
        if (post.isEmpty() || accessIn(post) == server::Access::Signed) // no call of the API: the store refuses it
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

/// That answers have what is required shows wherever answers are compared (compare()); that this is everything shows here.
void TestApiDocument::answersAlwaysHaveAllFields()
{
    for (const QString &name : {u"Info"_s, u"TokenAnswer"_s, u"Offer"_s, u"PartLink"_s, u"LinkAnswer"_s, u"AbortAnswer"_s, u"StatusAnswer"_s, u"UploadStatus"_s,
                                u"EventsAnswer"_s, u"RemovalAnswer"_s, u"PhotoLink"_s, u"Projects"_s, u"ProjectStanding"_s, u"PhotoSum"_s, u"Problem"_s}) {
        const QJsonObject described = schemaIn(m_document, {{u"$ref"_s, QString(u"#/components/schemas/"_s + name)}});
        QStringList required;
        for (const QJsonValue &field : described.value("required"_L1).toArray())
            required.append(field.toString());
        required.sort();
        QVERIFY2(required == described.value("properties"_L1).toObject().keys(), qPrintable(name));
    }
}

void TestApiDocument::compare(const QJsonObject &described, const QJsonValue &value, const QString &where)
{
    const QJsonObject wanted = schemaIn(m_document, described);
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
    row("RemovalAnswer", wire::toJson(wire::RemovalAnswer{2, 1, 1, 5}));
    row("PhotoLink", wire::toJson(wire::PhotoLink{QUrl(u"http://127.0.0.1/x"_s), 5, photo.sha256, 10, u"a/b.JPG"_s}));
    row("Projects", wire::toJson(wire::ProjectsAnswer{{{newUuid7(), u"Wedding"_s, u"anna"_s, u"open"_s, true, 2, 1, {3, 30}, {2, 20}, {1, 10}}}, u"0-5"_s}));
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
    row("EventsAnswer", wire::toJson(wire::EventsAnswer{1, 2, {3}, {newUuid7()}}));
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
    for (const QUuid &id : {photo.question.attempt.itemId, QUuid::createUuid()})
        checkedCall(rig, u"/v1/photos/{id}/link"_s, id, {});
    for (const QString &what : {u"remove"_s, u"restore"_s}) {
        checkedCall(rig, u"/v1/photos/{id}/"_s + what, photo.question.attempt.itemId, {});
        checkedCall(rig, u"/v1/photos/{id}/"_s + what, QUuid::createUuid(), {});
        checkedCall(rig, u"/v1/batches/{id}/"_s + what, photo.question.batch.batchId, {});
        checkedCall(rig, u"/v1/batches/{id}/"_s + what, QUuid::createUuid(), {});
    }
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
    for (const QJsonObject &list : {field(u"LinkRequest"_s, u"parts"_s), field(u"StatusQuery"_s, u"uploads"_s)})
        QCOMPARE(list.value("minItems"_L1).toInt(), 1);
    QVERIFY(!wire::linkRequestFromJson(wire::toJson(wire::LinkRequest())));
    QVERIFY(!wire::statusQueryFromJson(wire::toJson(wire::StatusQuery())));
}

QTEST_GUILESS_MAIN(TestApiDocument)
#include "tst_apidocument.moc"
