#include "tests/server/apidocument.h"
#include "tests/server/apirig.h"

#include "models/vocabulary/ids.h"

#include <QJsonArray>
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

/// The message with another value of that field; with Undefined without it.
QJsonObject changed(QJsonObject message, QStringList way, const QString &field, const QJsonValue &value)
{
    if (way.isEmpty()) {
        message.insert(field, value);
        return message;
    }
    const QString step = way.takeFirst();
    const QJsonValue next = message.value(step);
    if (next.isArray())
        message[step] = QJsonArray{changed(next.toArray().first().toObject(), way, field, value)};
    else
        message[step] = changed(next.toObject(), way, field, value);
    return message;
}

struct Request {
    QByteArray path;
    QJsonObject message;
};

wire::Question askedFor(const Photo &photo)
{
    wire::Question asked = photo.question;
    asked.parts.append({1, photo.bytes.size(), photo.sha256});
    return asked;
}

/// A sound event about something that the server has not been told of, apart from what it belongs to.
QJsonObject eventOf(ApiRig &rig, const QString &kind, const Photo &photo)
{
    using Kind = wire::MirrorEvent::Kind;
    const auto event = [](Kind about, const QJsonObject &row) { return wire::toJson(wire::MirrorEvent{newUuid7(), about, row}); };
    const AttemptRecord &attempt = photo.question.attempt;
    if (kind == "project"_L1) {
        ProjectRecord project = photo.question.project;
        project.projectId = newUuid7();
        project.name = idText(project.projectId);
        return event(Kind::Project, toJson(project));
    }
    if (kind == "batch"_L1) {
        BatchRecord batch = photo.question.batch;
        batch.batchId = newUuid7();
        return event(Kind::Batch, toJson(batch));
    }
    if (kind == "heartbeat"_L1) {
        HeartbeatRecord heartbeat;
        heartbeat.heartbeatId = newUuid7();
        heartbeat.surroundings = attempt.surroundings;
        heartbeat.capturedMs = nowMs();
        return event(Kind::Heartbeat, toJson(heartbeat));
    }
    rig.ask(photo);
    if (kind == "attempt"_L1) {
        AttemptRecord newer = attempt;
        ++newer.rowVersion;
        return event(Kind::Attempt, toJson(newer));
    }
    if (kind == "stage"_L1) {
        StageRecord stage;
        stage.clientUploadId = attempt.clientUploadId;
        stage.stage = Stage::Selection;
        stage.startedMs = nowMs();
        return event(Kind::Stage, toJson(stage));
    }
    if (kind == "error"_L1) {
        ErrorRecord error;
        error.errorUid = newUuid7();
        error.clientUploadId = attempt.clientUploadId;
        error.happenedMs = nowMs();
        return event(Kind::Error, toJson(error));
    }
    if (kind == "photo"_L1)
        return event(Kind::Photo, toJson(commitOf(photo).photo));
    return {};
}

/// A sound request that nobody made before; `what` is the path in the document, with the kind of an event behind it. Empty: no idea.
Request requestOf(ApiRig &rig, const QString &what, const Photo &photo)
{
    const auto ofUpload = [&rig, &photo](const QByteArray &call) -> QByteArray {
        const wire::Offer offer = rig.ask(photo);
        rig.put(offer, photo);
        return "/v1/uploads/" + idText(offer.uploadId).toLatin1() + call;
    };
    if (what == "/v1/token"_L1)
        return {"/v1/token", wire::toJson(wire::TokenRequest{u"pld_unknown"_s})};
    if (what == "/v1/uploads"_L1)
        return {"/v1/uploads", wire::toJson(askedFor(photo))};
    if (what == "/v1/uploads/{id}/links"_L1)
        return {ofUpload("/links"), wire::toJson(wire::LinkRequest{{{1, photo.bytes.size(), photo.sha256}}})};
    if (what == "/v1/uploads/{id}/commit"_L1)
        return {ofUpload("/commit"), wire::toJson(commitOf(photo))};
    if (what == "/v1/projects/{id}/state"_L1) {
        rig.ask(photo);
        return {"/v1/projects/" + idText(photo.question.project.projectId).toLatin1() + "/state", {{u"state"_s, u"complete"_s}}};
    }
    if (what == "/v1/status"_L1)
        return {"/v1/status", wire::toJson(wire::StatusQuery{{{newUuid7(), 0}}, 0})};
    if (what.startsWith("/v1/events "_L1))
        return {"/v1/events", eventOf(rig, what.section(u' ', 1), photo)};
    return {};
}

/// What the server said of it: Taken with all it holds, Refused as a message that is no such message.
enum class Verdict { Taken, Refused, Neither };

Verdict verdictOf(const QByteArray &path, const ApiRig::Answer &answer)
{
    // Of a batch of events the others count: the one that cannot be read is set aside.
    if (answer.status == 400 || !answer.json.value("set_aside"_L1).toArray().isEmpty())
        return Verdict::Refused;
    if (path == "/v1/events")
        return answer.json.value("applied"_L1).toInt() == 1 ? Verdict::Taken : Verdict::Neither;
    // A token that nobody has is no fault of the message that holds it.
    return answer.status < 300 || (path == "/v1/token" && answer.status == 401) ? Verdict::Taken : Verdict::Neither;
}

} // namespace

/// What resources/openapi.yaml says of the fields that a client sends holds for each of them, in every request body, on both engines: the
/// required ones have to be there, each of the others may be left out or null.
class TestApiFields : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { BothEngines::addTurns(); }
    void initTestCase();
    void onlyWhatIsRequiredHasToBeThere_data();
    void onlyWhatIsRequiredHasToBeThere();
    void wordsOfANewerClientAreUnknown_data();
    void wordsOfANewerClientAreUnknown();

private:
    ApiRig &rigOfThisTurn();
    void addRows(const QString &what, const QJsonObject &described, const QStringList &way) const;

    const QJsonObject m_document = apiDocument();
    BothEngines m_engines;
    std::unique_ptr<ApiRig> m_rig; ///< for all rows of a turn: each request is about a photo of its own
    std::optional<store::Engine> m_turn;
    int m_photos = 0;
};

void TestApiFields::initTestCase()
{
    QVERIFY2(!m_document.isEmpty(), "python3 with yaml (package python3-yaml) reads the document");
    QVERIFY2(m_engines.start(), qPrintable(m_engines.failure()));
}

ApiRig &TestApiFields::rigOfThisTurn()
{
    QFETCH_GLOBAL(store::Engine, engine);
    if (m_turn != engine) {
        m_turn = engine;
        m_rig = m_engines.rig();
        m_rig->start();
        m_rig->ask(photoOf(++m_photos)); // its project and batch, of all the others too
    }
    return *m_rig;
}

/// A row for every object that the message may hold.
void TestApiFields::addRows(const QString &what, const QJsonObject &described, const QStringList &way) const
{
    const QJsonObject wanted = schemaIn(m_document, described);
    if (wanted.contains("items"_L1))
        return addRows(what, wanted.value("items"_L1).toObject(), way);
    const QJsonObject properties = wanted.value("properties"_L1).toObject();
    if (properties.isEmpty())
        return;
    QTest::addRow("%s %s", qPrintable(what), qPrintable(way.join(u'.'))) << what << way << wanted;
    for (auto property = properties.begin(); property != properties.end(); ++property)
        addRows(what, property.value().toObject(), way + QStringList{property.key()});
}

void TestApiFields::onlyWhatIsRequiredHasToBeThere_data()
{
    QTest::addColumn<QString>("what");
    QTest::addColumn<QStringList>("way"); ///< from the message to the object
    QTest::addColumn<QJsonObject>("described");
    const auto named = [](const QString &schema) { return QJsonObject{{u"$ref"_s, QString(u"#/components/schemas/"_s + schema)}}; };
    const QJsonObject paths = m_document.value("paths"_L1).toObject();
    for (auto path = paths.begin(); path != paths.end(); ++path) {
        const QJsonObject content =
            path.value().toObject().value("post"_L1).toObject().value("requestBody"_L1).toObject().value("content"_L1).toObject();
        if (content.contains("application/json"_L1))
            addRows(path.key(), content.value("application/json"_L1).toObject().value("schema"_L1).toObject(), {});
        if (!content.contains("application/x-ndjson"_L1))
            continue;
        const QJsonObject event = schemaIn(m_document, named(u"MirrorEvent"_s));
        for (const QJsonValue &kind : event.value("properties"_L1).toObject().value("kind"_L1).toObject().value("enum"_L1).toArray()) {
            QString schema = kind.toString();
            schema[0] = schema.at(0).toUpper();
            addRows(path.key() + u' ' + kind.toString(), event, {});
            addRows(path.key() + u' ' + kind.toString(), named(schema), {u"row"_s});
        }
    }
}

void TestApiFields::onlyWhatIsRequiredHasToBeThere()
{
    QFETCH(const QString, what);
    QFETCH(const QStringList, way);
    QFETCH(const QJsonObject, described);
    const QJsonArray required = described.value("required"_L1).toArray();
    const QStringList fields = described.value("properties"_L1).toObject().keys();
    for (const QJsonValue &name : required)
        QVERIFY2(fields.contains(name.toString()), qPrintable(name.toString()));
    ApiRig &rig = rigOfThisTurn();
    const auto send = [&](const QString &field, const QJsonValue &value) {
        const Request request = requestOf(rig, what, photoOf(++m_photos));
        if (!present(request.message, way).contains(field))
            qWarning() << "nobody sends" << field;
        const ApiRig::Answer answer = rig.call("POST", request.path, jsonBytes(changed(request.message, way, field, value)));
        if (answer.status == 400 && answer.code() != "API_REQUEST_REFUSED"_L1)
            qWarning() << answer.code();
        return verdictOf(request.path, answer);
    };
    const Request sound = requestOf(rig, what, photoOf(++m_photos));
    QVERIFY2(!sound.message.isEmpty(), "a request body that this test does not know");
    QCOMPARE(verdictOf(sound.path, rig.call("POST", sound.path, jsonBytes(sound.message))), Verdict::Taken);

    QStringList wrong;
    for (const QString &field : fields) {
        const Verdict expected = required.contains(field) ? Verdict::Refused : Verdict::Taken;
        if (send(field, QJsonValue::Undefined) != expected)
            wrong.append(field + u" left out"_s);
        if (send(field, QJsonValue::Null) != expected)
            wrong.append(field + u" null"_s);
    }
    QCOMPARE(wrong.join(u", "_s), QString());
}

void TestApiFields::wordsOfANewerClientAreUnknown_data()
{
    QTest::addColumn<QString>("what");
    QTest::addColumn<QStringList>("way"); ///< to the attempt or the heartbeat
    QTest::newRow("ask") << u"/v1/uploads"_s << QStringList{u"attempt"_s};
    QTest::newRow("commit") << u"/v1/uploads/{id}/commit"_s << QStringList{u"attempt"_s};
    QTest::newRow("attempt event") << u"/v1/events attempt"_s << QStringList{u"row"_s};
    QTest::newRow("heartbeat event") << u"/v1/events heartbeat"_s << QStringList{u"row"_s};
}

void TestApiFields::wordsOfANewerClientAreUnknown()
{
    QFETCH(const QString, what);
    QFETCH(const QStringList, way);
    ApiRig &rig = rigOfThisTurn();
    const Request request = requestOf(rig, what, photoOf(++m_photos));
    const QStringList surroundings = way + QStringList{u"surroundings"_s};
    const QString device = idText(newUuid7());
    QJsonObject message = changed(request.message, surroundings + QStringList{u"device"_s}, u"device_id"_s, device);
    message = changed(message, surroundings + QStringList{u"device"_s}, u"device_type"_s, u"banana"_s);
    message = changed(message, surroundings + QStringList{u"network"_s}, u"connection_type"_s, u"banana"_s);
    message = changed(message, surroundings + QStringList{u"network"_s}, u"carrier_name"_s, device);

    QCOMPARE(verdictOf(request.path, rig.call("POST", request.path, jsonBytes(message))), Verdict::Taken);

    QTRY_COMPARE(rig.sql(u"SELECT device_type FROM dim_devices WHERE device_id = '%1'"_s.arg(device)).toString(), u"unknown"_s);
    QTRY_COMPARE(rig.sql(u"SELECT connection_type FROM dim_network_connections WHERE carrier_name = '%1'"_s.arg(device)).toString(), u"unknown"_s);
}

QTEST_GUILESS_MAIN(TestApiFields)
#include "tst_apifields.moc"
