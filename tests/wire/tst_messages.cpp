#include "models/vocabulary/ids.h"
#include "models/wire/messages.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

using namespace photolift;
using namespace Qt::StringLiterals;

namespace {

const QString Sha = QString(64, u'a');

AttemptRecord anAttempt()
{
    AttemptRecord attempt;
    attempt.clientUploadId = newUuid7();
    attempt.itemId = newUuid7();
    attempt.projectId = newUuid7();
    attempt.batchId = newUuid7();
    attempt.relativePath = u"a.jpg"_s;
    attempt.surroundings.device.deviceId = u"d"_s;
    attempt.surroundings.app.version = u"1"_s;
    return attempt;
}

PhotoRecord aPhoto()
{
    PhotoRecord photo;
    photo.clientUploadId = newUuid7();
    photo.photoId = newUuid7();
    return photo;
}

/// Through bytes, as it travels.
template <typename T, typename Read> bool comesBack(const T &message, Read read)
{
    const QByteArray bytes = QJsonDocument(toJson(message)).toJson(QJsonDocument::Compact);
    const Result<QJsonObject> parsed = wire::parseObject(bytes);
    if (!parsed)
        return false;
    const Result<T> again = read(*parsed);
    return again && toJson(*again) == toJson(message);
}

/// The same value with a field more in each object but those that are open anyway.
QJsonValue grown(const QJsonValue &value)
{
    static const QStringList Open{u"headers"_s, u"stage_metadata"_s, u"error_context"_s, u"extracted_metadata"_s, u"processing_parameters"_s};
    QJsonArray array = value.toArray();
    for (QJsonArray::iterator element = array.begin(); element != array.end(); ++element)
        *element = grown(*element);
    QJsonObject object = value.toObject();
    for (auto field = object.begin(); field != object.end(); ++field) {
        if (!Open.contains(field.key()))
            field.value() = grown(field.value());
    }
    object[u"newer"_s] = true;
    return value.isArray() ? QJsonValue(array) : value.isObject() ? QJsonValue(object) : value;
}

template <typename T, typename Read> bool passesOverNewerFields(const T &message, Read read)
{
    const Result<T> again = read(grown(toJson(message)).toObject());
    return again && toJson(*again) == toJson(message);
}

template <typename T, typename Read> bool refusesOtherFields(const T &message, Read read)
{
    QJsonObject json = toJson(message);
    json[u"newer"_s] = true;
    return read(toJson(message)) && !read(json);
}

wire::Question aQuestion()
{
    wire::Question question;
    question.sha256 = Sha;
    question.size = 1;
    question.name = u"a.jpg"_s;
    question.project.projectId = newUuid7();
    question.batch.batchId = newUuid7();
    question.batch.projectId = question.project.projectId;
    question.attempt = anAttempt();
    question.parts = {{1, 1, Sha}};
    return question;
}

wire::PartLink aLink()
{
    return {1, QUrl(u"http://127.0.0.1:5/store/x?X-Amz-Signature=aa%2Fb"_s), {{"host", "127.0.0.1:5"}}, 99};
}

wire::Offer anOffer()
{
    wire::Offer offer;
    offer.kind = wire::Offer::Kind::Resume;
    offer.uploadId = newUuid7();
    offer.parts = {{1, wire::PartBytes, Sha}, {2, 7, Sha}};
    offer.links = {aLink()};
    return offer;
}

wire::UploadStatus aStatus()
{
    wire::UploadStatus status;
    status.uploadId = newUuid7();
    status.clientUploadId = newUuid7();
    status.isSafe = true;
    status.storedSha256 = Sha;
    status.storedSize = 5;
    StageRecord stage;
    stage.clientUploadId = status.clientUploadId;
    stage.stage = Stage::Reception;
    status.stages = {stage};
    ErrorRecord error;
    error.errorUid = newUuid7();
    error.clientUploadId = status.clientUploadId;
    error.code = ErrorCode::ValidationTruncated;
    status.errors = {error};
    status.photo = aPhoto();
    return status;
}

wire::Info anInfo()
{
    wire::Info info;
    info.serverVersion = u"1"_s;
    info.epoch = u"e"_s;
    info.partChecksum = u"sha256"_s;
    info.freeBytes = 8'000'000'000'000;
    info.quotaBytes = 2'000'000'000'000;
    info.usedBytes = 0;
    return info;
}

}

class TestMessages : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyMessageComesBack()
    {
        QVERIFY(comesBack(anInfo(), wire::infoFromJson));

        QVERIFY(comesBack(wire::TokenRequest{u"pld_x"_s}, wire::tokenRequestFromJson));
        QVERIFY(comesBack(wire::TokenAnswer{u"a.b.c"_s, 900, u"u"_s, u"anna"_s, u"support"_s}, wire::tokenAnswerFromJson));
        wire::Question question = aQuestion();
        QVERIFY(comesBack(question, wire::questionFromJson));
        question.lostListMs = 5000;
        QVERIFY(comesBack(question, wire::questionFromJson));

        QVERIFY(comesBack(anOffer(), wire::offerFromJson));
        wire::Offer refused;
        refused.kind = wire::Offer::Kind::Refused;
        refused.refusedWith = ErrorCode::ValidationTruncated;
        refused.rowVersion = 3;
        QVERIFY(comesBack(refused, wire::offerFromJson));

        QVERIFY(comesBack(wire::LinkRequest{{{1, 5, Sha}}}, wire::linkRequestFromJson));
        QVERIFY(comesBack(wire::LinkAnswer{{aLink()}}, wire::linkAnswerFromJson));
        QVERIFY(comesBack(wire::Commit{Sha, 5, anAttempt(), aPhoto()}, wire::commitFromJson));
        QVERIFY(comesBack(wire::AbortAnswer{true}, wire::abortAnswerFromJson));
        QVERIFY(comesBack(wire::StatusQuery{{{newUuid7(), 4}}, 20}, wire::statusQueryFromJson));
        QVERIFY(comesBack(wire::StatusAnswer{{aStatus()}}, wire::statusAnswerFromJson));

        QVERIFY(comesBack(wire::MirrorEvent{newUuid7(), wire::MirrorEvent::Kind::Photo, photolift::toJson(aPhoto())},
                          wire::mirrorEventFromJson));
        QVERIFY(comesBack(wire::EventsAnswer{4, 1, {3}, {}}, wire::eventsAnswerFromJson));
        QVERIFY(comesBack(wire::EventsAnswer{4, 1, {3}, {newUuid7(), newUuid7()}}, wire::eventsAnswerFromJson));
        QVERIFY(comesBack(wire::Problem{429, ErrorCode::ApiRateLimited, u"r"_s, 5}, wire::problemFromJson));
    }

    void answersOfANewerServerAreUnderstood()
    {
        QVERIFY(passesOverNewerFields(anInfo(), wire::infoFromJson));
        QVERIFY(passesOverNewerFields(wire::TokenAnswer{u"a.b.c"_s, 900, u"u"_s, u"anna"_s, u"support"_s}, wire::tokenAnswerFromJson));
        QVERIFY(passesOverNewerFields(anOffer(), wire::offerFromJson));
        QVERIFY(passesOverNewerFields(wire::LinkAnswer{{aLink()}}, wire::linkAnswerFromJson));
        QVERIFY(passesOverNewerFields(wire::AbortAnswer{true}, wire::abortAnswerFromJson));
        QVERIFY(passesOverNewerFields(wire::StatusAnswer{{aStatus()}}, wire::statusAnswerFromJson));
        QVERIFY(passesOverNewerFields(wire::RemovalAnswer{3, 2, 1, 99}, wire::removalAnswerFromJson));
        QVERIFY(passesOverNewerFields(wire::PhotoLink{aLink().url, 99, Sha, 5, u"a.jpg"_s}, wire::photoLinkFromJson));
        wire::ProjectStanding standing;
        standing.projectId = newUuid7();
        standing.state = u"open"_s;
        QVERIFY(passesOverNewerFields(wire::ProjectsAnswer{{standing}, u"x"_s}, wire::projectsAnswerFromJson));
        QVERIFY(passesOverNewerFields(wire::EventsAnswer{4, 1, {3}, {newUuid7()}}, wire::eventsAnswerFromJson));
        QVERIFY(passesOverNewerFields(wire::Problem{429, ErrorCode::ApiRateLimited, u"r"_s, 5}, wire::problemFromJson));
    }

    void whatAClientSaysIsUnderstoodWhole() // C-28
    {
        QVERIFY(refusesOtherFields(wire::TokenRequest{u"pld_x"_s}, wire::tokenRequestFromJson));
        QVERIFY(refusesOtherFields(aQuestion(), wire::questionFromJson));
        QVERIFY(refusesOtherFields(wire::LinkRequest{{{1, 5, Sha}}}, wire::linkRequestFromJson));
        QVERIFY(refusesOtherFields(wire::Commit{Sha, 5, anAttempt(), aPhoto()}, wire::commitFromJson));
        QVERIFY(refusesOtherFields(wire::StatusQuery{{{newUuid7(), 4}}, 20}, wire::statusQueryFromJson));
        QVERIFY(refusesOtherFields(wire::MirrorEvent{newUuid7(), wire::MirrorEvent::Kind::Photo, photolift::toJson(aPhoto())}, wire::mirrorEventFromJson));
        // And inside of it.
        QJsonObject request = toJson(wire::LinkRequest{{{1, 5, Sha}}});
        request[u"parts"_s] = QJsonArray{grown(request[u"parts"_s].toArray().first())};
        QVERIFY(!wire::linkRequestFromJson(request));
        for (const QString &row : {u"attempt"_s, u"photo"_s}) {
            QJsonObject commit = toJson(wire::Commit{Sha, 5, anAttempt(), aPhoto()});
            commit[row] = grown(commit[row]);
            QVERIFY2(!wire::commitFromJson(commit), qPrintable(row));
        }
        // The rows that are mirrored.
        const wire::UploadStatus status = aStatus();
        QVERIFY(refusesOtherFields(anAttempt(), [](const QJsonObject &row) { return attemptFromJson(row); }));
        QVERIFY(refusesOtherFields(status.stages.first(), [](const QJsonObject &row) { return stageFromJson(row); }));
        QVERIFY(refusesOtherFields(status.errors.first(), [](const QJsonObject &row) { return errorFromJson(row); }));
        QVERIFY(refusesOtherFields(aPhoto(), [](const QJsonObject &row) { return photoFromJson(row); }));
    }

    void whatIsOutOfRangeIsRefused()
    {
        QVERIFY(!wire::linkRequestFromJson(toJson(wire::LinkRequest{})));
        wire::LinkRequest tooMany;
        for (int i = 1; i <= wire::MaxLinksPerCall + 1; ++i)
            tooMany.parts.append({i, 5, Sha});
        QVERIFY(!wire::linkRequestFromJson(toJson(tooMany)));
        QVERIFY(!wire::linkRequestFromJson(toJson(wire::LinkRequest{{{0, 5, Sha}}})));
        QVERIFY(!wire::linkRequestFromJson(toJson(wire::LinkRequest{{{1, 0, Sha}}})));
        QVERIFY(!wire::statusQueryFromJson(toJson(wire::StatusQuery{{{newUuid7(), 0}}, 21})));
        QVERIFY(!wire::commitFromJson(toJson(wire::Commit{Sha.toUpper(), 5, anAttempt(), aPhoto()})));
        QVERIFY(!wire::offerFromJson(toJson(wire::Offer{})));
    }

    void hostileJsonIsRefused_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("HTML") << QByteArray("<html><body>Sign in</body></html>");
        QTest::newRow("an array") << QByteArray("[1]");
        QTest::newRow("something behind it") << QByteArray("{} {}");
        QTest::newRow("a key twice") << QByteArray(R"({"a":1,"a":2})");
        QTest::newRow("a key twice, once escaped") << QByteArray(R"({"a":1,"\u0061":2})");
        QTest::newRow("a key twice, deep inside") << QByteArray(R"({"x":[{"b":{"a":1,"a":2}}]})");
        QTest::newRow("a lone surrogate") << QByteArray(R"({"a":"\ud800"})");
        QTest::newRow("1e400") << QByteArray(R"({"a":1e400})");
        QTest::newRow("NaN") << QByteArray(R"({"a":NaN})");
        QTest::newRow("bytes that are not UTF-8") << QByteArray("{\"a\":\"\xff\"}");
        QTest::newRow("too deep") << QByteArray("{\"a\":" + QByteArray(40, '[') + QByteArray(40, ']') + "}");
        QTest::newRow("a million deep") << QByteArray("{\"a\":" + QByteArray(500000, '[') + QByteArray(500000, ']') + "}");
        QTest::newRow("larger than a mebibyte") << QByteArray("{\"a\":\"" + QByteArray(1 << 20, 'x') + "\"}");
    }
    void hostileJsonIsRefused()
    {
        QFETCH(QByteArray, bytes);

        const Result<QJsonObject> parsed = wire::parseObject(bytes);

        QVERIFY(!parsed);
        QCOMPARE(parsed.error().code, ErrorCode::ApiRequestRefused);
    }

    void whatNoColumnKeepsIsReplacedOnTheServer()
    {
        const QByteArray bytes = R"({"a\u0000":["b\u0000c",{"d":"\u0000"}],"e":"\\u0000","f":1})";

        const Result<QJsonObject> asked = wire::parseRequest(bytes);

        QVERIFY(asked);
        QCOMPARE(QJsonDocument(*asked).toJson(QJsonDocument::Compact),
                 QByteArray("{\"a\xef\xbf\xbd\":[\"b\xef\xbf\xbd" "c\",{\"d\":\"\xef\xbf\xbd\"}],\"e\":\"\\\\u0000\",\"f\":1}"));
        QVERIFY(!wire::parseRequest("{\"a\":1,\"a\":2}"));
        QVERIFY(wire::parseObject(bytes)->contains(u"a"_s + QChar(0))); // a client takes what it is told
    }

    void braceAndColonInsideOfTextsDoNotCount()
    {
        const QByteArray text = QByteArray(40, '[') + "::\\\"{";

        QVERIFY(wire::parseObject(QByteArray("{\"a\":\"" + text + "\",\"b\":{\"c\":[{}]}}")));
    }
};

QTEST_GUILESS_MAIN(TestMessages)
#include "tst_messages.moc"
