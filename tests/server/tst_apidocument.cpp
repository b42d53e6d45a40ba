#include "tests/server/apirig.h"

#include "models/vocabulary/ids.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QProcess>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;

/// resources/openapi.yaml and the program say the same: paths, methods, fields, kinds and names.
class TestApiDocument : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void routesAreThoseOfTheDocument();
    void postsThatWriteNameTheirKey();
    void messagesAreThoseOfTheDocument_data();
    void messagesAreThoseOfTheDocument();
    void namesAreThoseOfTheVocabulary();

private:
    QJsonObject schema(QJsonObject described) const;
    void compare(const QJsonObject &described, const QJsonValue &value, const QString &where);

    QJsonObject m_document;
    QStringList m_differences;
};

void TestApiDocument::initTestCase()
{
    QProcess python;
    python.start(u"python3"_s, {u"-c"_s, u"import json,sys,yaml; json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)"_s,
                                qEnvironmentVariable("PHOTOLIFT_SOURCE") + u"/resources/openapi.yaml"_s});
    QVERIFY2(python.waitForFinished(30000), "python3 with yaml (package python3-yaml) reads the document");
    m_document = QJsonDocument::fromJson(python.readAllStandardOutput()).object();
    QVERIFY2(!m_document.isEmpty(), python.readAllStandardError().constData());
}

void TestApiDocument::routesAreThoseOfTheDocument()
{
    MemoryStore store;
    server::UploadApi api({}, store);
    QStringList served;
    for (const server::Route &route : api.routes()) {
        served.append(QString::fromLatin1(route.method.toLower() + ' ' + route.pattern));
        QCOMPARE(route.access, server::Access::Token);
    }
    QStringList documented;
    const QJsonObject paths = m_document.value("paths"_L1).toObject();
    for (auto path = paths.begin(); path != paths.end(); ++path) {
        const QStringList methods = path.value().toObject().keys();
        for (const QString &method : methods)
            documented.append(method + u' ' + path.key());
    }
    served.sort();
    documented.sort();

    QCOMPARE(served, documented);
}

void TestApiDocument::postsThatWriteNameTheirKey()
{
    const QJsonObject paths = m_document.value("paths"_L1).toObject();
    for (auto path = paths.begin(); path != paths.end(); ++path) {
        const QJsonObject post = path.value().toObject().value("post"_L1).toObject();
        if (post.isEmpty() || path.key() == "/v1/status"_L1)
            continue;
        QVERIFY2(QJsonDocument(post.value("parameters"_L1).toArray()).toJson().contains("parameters/IdempotencyKey"), qPrintable(path.key()));
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
        if (array.isEmpty())
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
    row("Question", wire::toJson(photo.question));
    wire::Offer offer;
    offer.parts.append({1, 10, photo.sha256});
    offer.refusedWith = ErrorCode::ValidationTruncated;
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

QTEST_GUILESS_MAIN(TestApiDocument)
#include "tst_apidocument.moc"
