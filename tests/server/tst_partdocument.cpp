#include "app/server/objects/folderstore.h"
#include "app/server/objects/s3answer.h"
#include "models/vocabulary/ids.h"
#include "tests/server/apidocument.h"
#include "tests/server/memorystore.h"

#include <QFile>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>
#include <QUrlQuery>
#include <QXmlStreamReader>

using namespace photolift;
using namespace photolift::server;
using namespace Qt::StringLiterals;

namespace {

const QString Pattern = u"/store/incoming/{upload}/{part}"_s;
const QByteArray Part = "the bytes of the only part";

/// The elements of a refusal, in their order.
QList<std::pair<QString, QString>> elementsOf(const QByteArray &xml)
{
    QList<std::pair<QString, QString>> elements;
    QXmlStreamReader reader(xml);
    if (reader.readNextStartElement() && reader.name() == "Error"_L1) {
        while (reader.readNextStartElement()) {
            const QString name = reader.name().toString();
            elements.emplaceBack(name, reader.readElementText());
        }
    }
    return reader.hasError() ? QList<std::pair<QString, QString>>() : elements;
}

}

using Change = void (*)(HttpRequest &request, QByteArray &body);
Q_DECLARE_METATYPE(Change)

/// What resources/openapi.yaml says of the PUT of a part is what the folder's store asks for and answers.
class TestPartDocument : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void linkAsksForWhatIsDocumented();
    void answersAreDocumented_data();
    void answersAreDocumented();
    void everyRefusalOfStoreIsDocumented();

private:
    FolderStore::Options options() const;
    wire::PartLink linkFrom(FolderStore &store, const QUuid &uploadId) const;
    HttpResponse put(FolderStore &store, const HttpRequest &request, const QByteArray &body) const;
    /// Nothing, or what of this answer the document does not have.
    /// `call`: put_part or get_object.
    QString undocumented(const HttpResponse &answer, const QJsonObject &call) const;
    QStringList parameters(QLatin1StringView place) const;

    QTemporaryDir m_folder;
    QJsonObject m_document;
    QJsonObject m_put;
    QJsonObject m_get; ///< of a stored object
};

void TestPartDocument::initTestCase()
{
    m_document = test::apiDocument();
    m_put = m_document.value("paths"_L1).toObject().value(Pattern).toObject().value("put"_L1).toObject();
    QVERIFY(!m_put.isEmpty());
    m_get = m_document.value("paths"_L1).toObject().value("/store/objects/{object}"_L1).toObject().value("get"_L1).toObject();
    QVERIFY(!m_get.isEmpty());
}

FolderStore::Options TestPartDocument::options() const
{
    FolderStore::Options options;
    options.folder = QFile::encodeName(m_folder.path());
    return options;
}

wire::PartLink TestPartDocument::linkFrom(FolderStore &store, const QUuid &uploadId) const
{
    if (!store.probe() || !store.begin(uploadId, Part.size(), wire::PartBytes))
        return {};
    return store.links(uploadId, {{1, Part.size(), test::sha256Of(Part)}}, "http://127.0.0.1:1")->first();
}

HttpResponse TestPartDocument::put(FolderStore &store, const HttpRequest &request, const QByteArray &body) const
{
    auto admitted = store.routes().first().sinkMaker(request, request.headers.value("content-length", "-1").toLongLong());
    if (const auto *refusal = std::get_if<HttpResponse>(&admitted))
        return *refusal;
    const auto &sink = std::get<0>(admitted);
    (void)sink->write(body); // what did not arrive is missed at the end
    return sink->finish();
}

QStringList TestPartDocument::parameters(QLatin1StringView place) const
{
    QStringList names;
    for (const QJsonValue &parameter : m_put.value("parameters"_L1).toArray()) {
        if (parameter["in"_L1].toString() == place && parameter["required"_L1].toBool())
            names.append(parameter["name"_L1].toString());
    }
    names.sort();
    return names;
}

QString TestPartDocument::undocumented(const HttpResponse &answer, const QJsonObject &call) const
{
    QJsonObject described = call.value("responses"_L1).toObject().value(QString::number(answer.status)).toObject();
    if (described.isEmpty())
        return u"the status %1"_s.arg(answer.status);
    const QJsonObject components = m_document.value("components"_L1).toObject();
    if (const QString reference = described.value("$ref"_L1).toString(); !reference.isEmpty())
        described = components.value("responses"_L1).toObject().value(reference.section(u'/', -1)).toObject();
    for (const auto &[name, value] : answer.headers) {
        if (!described.value("headers"_L1).toObject().contains(QString::fromLatin1(name)))
            return u"the header "_s + QString::fromLatin1(name);
    }
    if (answer.body.isEmpty())
        return described.contains("content"_L1) ? u"an empty answer"_s : QString();
    const QJsonValue content = described.value("content"_L1).toObject().value(QString::fromLatin1(answer.contentType));
    if (!content.isObject())
        return QString::fromLatin1(answer.contentType);
    const QJsonObject schema =
        components.value("schemas"_L1).toObject().value(content["schema"_L1]["$ref"_L1].toString().section(u'/', -1)).toObject();
    QJsonArray names;
    for (const auto &[name, text] : elementsOf(answer.body)) {
        names.append(name);
        if (name == "Code"_L1 && !schema.value("properties"_L1)["Code"_L1]["enum"_L1].toArray().contains(text))
            return u"the code "_s + text;
    }
    return names == schema.value("required"_L1).toArray() ? QString() : u"the elements of "_s + QString::fromUtf8(answer.body);
}

void TestPartDocument::linkAsksForWhatIsDocumented()
{
    FolderStore store(options());

    const wire::PartLink link = linkFrom(store, newUuid7());

    QStringList query;
    for (const auto &[name, value] : QUrlQuery(link.url).queryItems(QUrl::FullyDecoded)) {
        query.append(name);
        for (const QJsonValue &parameter : m_put.value("parameters"_L1).toArray()) {
            const QJsonArray values = parameter["schema"_L1]["enum"_L1].toArray();
            if (parameter["name"_L1].toString() == name && !values.isEmpty())
                QCOMPARE(value, values.first().toVariant().toString());
        }
    }
    query.sort();
    QStringList headers{u"content-length"_s}; // every client sends it by itself
    for (const auto &[name, value] : link.headers)
        headers.append(QString::fromLatin1(name));
    headers.sort();
    const QJsonValue scheme = m_document.value("components"_L1)["securitySchemes"_L1]["link"_L1];
    QStringList documented = parameters("query"_L1) << scheme["name"_L1].toString();
    documented.sort();
    QCOMPARE(query, documented);
    QCOMPARE(headers, parameters("header"_L1));
    QCOMPARE(scheme["in"_L1].toString(), u"query"_s);
}

void TestPartDocument::answersAreDocumented_data()
{
    QTest::addColumn<Change>("change");
    QTest::addColumn<int>("status");
    const auto row = [](const char *name, int status, Change change) { QTest::newRow(name) << change << status; };
    row("as signed", 200, [](HttpRequest &, QByteArray &) {});
    row("other bytes", 400, [](HttpRequest &, QByteArray &body) { body[0] = 'x'; });
    row("anonymous", 403, [](HttpRequest &request, QByteArray &) { request.query.clear(); });
    row("another part", 403, [](HttpRequest &request, QByteArray &) { request.target.replace("/1?", "/2?"); });
}

void TestPartDocument::answersAreDocumented()
{
    QFETCH(const Change, change);
    QFETCH(const int, status);
    FolderStore store(options());
    const QUuid uploadId = newUuid7();
    const wire::PartLink link = linkFrom(store, uploadId);
    HttpRequest request;
    request.method = "PUT";
    request.path = link.url.path(QUrl::FullyEncoded).toLatin1();
    request.query = link.url.query(QUrl::FullyEncoded).toLatin1();
    request.target = request.path + '?' + request.query;
    request.captures = {{"upload", idText(uploadId).toLatin1()}, {"part", "1"}};
    request.headers = {{"host", "127.0.0.1:1"}, {"content-length", QByteArray::number(Part.size())}};
    for (const auto &[name, value] : link.headers)
        request.headers.insert(name, value);
    request.requestId = u"1"_s;
    QByteArray body = Part;
    change(request, body);

    const HttpResponse answer = put(store, request, body);

    QCOMPARE(answer.status, status);
    QCOMPARE(undocumented(answer, m_put), QString());
    if (status == 200)
        QCOMPARE(answer.headers, (QList<std::pair<QByteArray, QByteArray>>{{"ETag", '"' + test::sha256Of(Part).toLatin1() + '"'}}));
}

void TestPartDocument::everyRefusalOfStoreIsDocumented()
{
    QStringList codes;
    for (int refusal = 0; refusal <= static_cast<int>(S3Refusal::InvalidRange); ++refusal) {
        const HttpResponse answer = s3Refusal(static_cast<S3Refusal>(refusal), {});
        QCOMPARE(undocumented(answer, refusal > static_cast<int>(S3Refusal::BadDigest) ? m_get : m_put), QString());
        codes.append(elementsOf(answer.body).value(0).second);
    }
    // And none that is never said.
    for (const QJsonValue &code : m_document.value("components"_L1)["schemas"_L1]["Refusal"_L1]["properties"_L1]["Code"_L1]["enum"_L1].toArray())
        QVERIFY2(codes.contains(code.toString()), qPrintable(code.toString()));
}

QTEST_GUILESS_MAIN(TestPartDocument)
#include "tst_partdocument.moc"
