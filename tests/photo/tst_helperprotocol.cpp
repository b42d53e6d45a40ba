#include "models/photo/helperprotocol.h"

#include <QTest>

#include <random>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::photo;

namespace {

std::optional<AnswerFrame> read(const QByteArray &bytes)
{
    const std::optional<AnswerLengths> lengths = answerLengths(QByteArrayView(bytes).first(std::min<qsizetype>(AnswerHeaderBytes, bytes.size())));
    return lengths ? answerFromBytes(*lengths, bytes.sliced(AnswerHeaderBytes)) : std::nullopt;
}

QByteArray frameWith(const QByteArray &json, const QByteArray &picture = {})
{
    QByteArray bytes("PLH1\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    bytes[7] = char(json.size());
    bytes[11] = char(picture.size());
    return bytes + json + picture;
}

} // namespace

class TestHelperProtocol final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void orderComesBackAsItWas()
    {
        const std::optional<OrderFrame> order = orderFromBytes(toBytes(OrderFrame{Order::Preview, u"image/jpeg"_s, 512}));
        QVERIFY(order);
        QCOMPARE(int(order->order), int(Order::Preview));
        QCOMPARE(order->mediaType, u"image/jpeg"_s);
        QCOMPARE(order->side, 512);
        QVERIFY(!orderFromBytes("{\"order\":\"format the card\"}"));
    }

    void answerComesBackAsItWas()
    {
        AnswerFrame frame;
        frame.isLast = false;
        frame.stage = Stage::Processing;
        frame.durationMs = 42;
        frame.error = Error{ErrorCode::ProcessingDecodeFailed, u"detail"_s};
        frame.facts.width = 4000;
        frame.facts.latitude = -33.5;
        frame.pictureType = u"image/jpeg"_s;
        frame.picture = "\xff\xd8\xffpicture";
        frame.rendition = "\xff\xd8\xffrendition";

        const std::optional<AnswerFrame> back = read(toBytes(frame));

        QVERIFY(back);
        QVERIFY(!back->isLast);
        QCOMPARE(*back->stage, Stage::Processing);
        QCOMPARE(back->durationMs, 42);
        QCOMPARE(back->error->code, ErrorCode::ProcessingDecodeFailed);
        QCOMPARE(back->facts.width, 4000);
        QCOMPARE(back->facts.latitude, -33.5);
        QCOMPARE(back->picture, frame.picture);
        QCOMPARE(back->rendition, frame.rendition);
    }

    void everyFactComesBackAsItWas()
    {
        AnswerFrame frame;
        PhotoFacts &facts = frame.facts;
        facts.width = 1;
        facts.height = 999'999'999;
        facts.make = u"Ma\"ker\\ \u00e9\u4e2d\U0001f4f7\n\t\u0001"_s;
        facts.model = u"M"_s;
        facts.taken = u"2021:04:11 15:47:53"_s;
        facts.offset = u"-05:00"_s;
        facts.subSeconds = u"007"_s;
        facts.orientation = 8;
        facts.latitude = 1.0 / 3;
        facts.longitude = -179.99999999999997;
        facts.altitude = 0;
        facts.iso = 100'000'000;
        facts.fNumber = 0.01;
        facts.exposureTime = 1e-9;
        facts.focalLength = 1e6;
        facts.lens = u"</script>"_s;
        facts.colorProfile = u"sRGB"_s;
        facts.pages = 2;
        facts.note = u"half a pair: \""_s + QChar(0xd83d) + u'"';

        const std::optional<AnswerFrame> back = read(toBytes(frame));

        QVERIFY(back);
        facts.note = u"half a pair: \"?\""_s;
        QCOMPARE(toJson(back->facts), toJson(facts));
    }

    void nothingKnownIsAnAnswerToo()
    {
        const std::optional<AnswerFrame> back = read(toBytes(AnswerFrame()));

        QVERIFY(back);
        QVERIFY(back->isLast);
        QVERIFY(toJson(back->facts).isEmpty());
    }

    void errorDetailIsCut()
    {
        AnswerFrame frame;
        frame.error = Error{ErrorCode::MetadataUnreadable, QString(100'000, u'"')};

        const std::optional<AnswerFrame> back = read(toBytes(frame));

        QVERIFY(back);
        QCOMPARE(back->error->detail, QString(400, u'"'));
    }

    void whatAStrangerSendsIsNotBelieved_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("short header") << QByteArray("PLH1");
        QTest::newRow("other magic") << "XXXX" + QByteArray(12, '\0');
        QTest::newRow("JSON over 64 KiB") << QByteArray("PLH1\0\1\0\1\0\0\0\0\0\0\0\0", 16);
        QTest::newRow("picture over 16 MiB") << QByteArray("PLH1\0\0\0\2\1\0\0\1\0\0\0\0", 16);
        QTest::newRow("JSON is an array") << frameWith("[]");
        QTest::newRow("JSON is cut") << frameWith("{\"last\":tr");
        QTest::newRow("a code that no photo ends as") << frameWith("{\"error_code\":\"API_ACCOUNT_CLOSED\"}");
        QTest::newRow("a code nobody knows") << frameWith("{\"error_code\":\"HELLO\"}");
        QTest::newRow("a stage nobody knows") << frameWith("{\"stage\":\"lunch\"}");
        QTest::newRow("picture is no picture") << frameWith("{\"picture_type\":\"image/png\"}", "<svg>");
        QTest::newRow("picture of another type") << frameWith("{\"picture_type\":\"image/svg+xml\"}", "<svg>");
    }
    void whatAStrangerSendsIsNotBelieved()
    {
        QFETCH(QByteArray, bytes);
        QVERIFY(!read(bytes));
    }

    void damagedFramesNeverHurt()
    {
        AnswerFrame frame;
        frame.facts.make = u"Maker"_s;
        frame.pictureType = u"image/jpeg"_s;
        frame.picture = "\xff\xd8\xff";
        const QByteArray whole = toBytes(frame);
        std::mt19937 random(1);
        for (int round = 0; round < 20000; ++round) {
            QByteArray damaged = whole;
            for (unsigned flips = 1 + random() % 4; flips > 0; --flips)
                damaged[qsizetype(random() % unsigned(damaged.size()))] = char(random());
            read(damaged.first(qsizetype(AnswerHeaderBytes + random() % unsigned(damaged.size() - AnswerHeaderBytes + 1))));
        }
    }
};

QTEST_APPLESS_MAIN(TestHelperProtocol)
#include "tst_helperprotocol.moc"
