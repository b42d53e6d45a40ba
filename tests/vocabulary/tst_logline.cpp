#include "models/vocabulary/correlation.h"
#include "models/vocabulary/ids.h"
#include "models/vocabulary/logline.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <random>
#include <thread>

using namespace Qt::StringLiterals;
using namespace photolift;

namespace {

LogEvent warningEvent(const QString &message)
{
    return {1767225600123, QtWarningMsg, u"photolift.test"_s, message, {}, {}};
}

/// The one object of the one line, or an empty one when there is another number of them.
QJsonObject parsed(const QByteArray &line)
{
    if (line.count('\n') != 1 || !line.endsWith('\n'))
        return {};
    return QJsonDocument::fromJson(line).object();
}

/// Characters at which some reader or terminal begins a new line or obeys an order.
bool hasTroublemaker(const QByteArray &line)
{
    const QString text = QString::fromUtf8(line.chopped(1));
    return std::any_of(text.begin(), text.end(), [](QChar c) {
        return c.unicode() < 0x20 || (c.unicode() >= 0x7f && c.unicode() <= 0x9f) || c.category() == QChar::Separator_Line
            || c.category() == QChar::Separator_Paragraph || c.category() == QChar::Other_Format;
    });
}

}

class TestLogLine : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void anEventHasItsFields()
    {
        LogEvent whole = warningEvent(u"part 3 acknowledged"_s);
        whole.correlation = newUuid7();
        whole.more = {{"stage"_L1, u"transfer"_s}};

        QCOMPARE(parsed(logLine(whole)), (QJsonObject{{u"ts"_s, u"2026-01-01T00:00:00.123Z"_s},
                                                      {u"level"_s, u"warning"_s},
                                                      {u"category"_s, u"photolift.test"_s},
                                                      {u"message"_s, u"part 3 acknowledged"_s},
                                                      {u"correlation"_s, idText(whole.correlation)},
                                                      {u"stage"_s, u"transfer"_s}}));
    }

    void aLineAboutNoAttemptSaysSo()
    {
        const QJsonObject line = parsed(logLine(warningEvent(u"the queue cannot be read"_s)));

        QVERIFY(line.contains(u"correlation"_s));
        QVERIFY(line.value(u"correlation"_s).isNull());
    }

    void whateverTheTextItIsOneLine_data() // F59
    {
        QTest::addColumn<QString>("text");
        QTest::newRow("CR LF and a forged line") << u"a\r\n{\"level\":\"info\",\"message\":\"forged\"}"_s;
        QTest::newRow("ESC") << u"\x1b[2J\x1b]0;title\x07"_s;
        QTest::newRow("U+2028 and U+2029") << u"a\u2028b\u2029c"_s;
        QTest::newRow("NEL and C1") << u"a\u0085b\u009bc"_s;
        QTest::newRow("NUL and DEL") << QString(u"a\u007fb"_s + QChar(0) + u'c');
        QTest::newRow("right-to-left override") << u"photo\u202egpj.exe"_s;
        QTest::newRow("quotes and backslashes") << u"C:\\new\\\"x\""_s;
        QTest::newRow("letters of the world stay") << u"Grüße 東京 🏞"_s;
        QTest::newRow("beyond the first plane, without a picture") << u"\U000E0001"_s;
    }
    void whateverTheTextItIsOneLine()
    {
        QFETCH(QString, text);

        const QByteArray line = logLine(warningEvent(text));

        QVERIFY(!hasTroublemaker(line));
        QCOMPARE(parsed(line).value(u"message"_s).toString(), text);
    }

    void loneSurrogatesAreReplaced()
    {
        const QByteArray line = logLine(warningEvent(u"a"_s + QChar(0xd800) + u'b'));

        QCOMPARE(parsed(line).value(u"message"_s).toString(), u"a\ufffdb"_s);
    }

    void aMegabyteIsCutToEightKib()
    {
        for (const QString &piece : {u"x"_s, u"ü"_s, u"東"_s, u"🏞"_s, u"\x1b"_s}) {
            const QByteArray line = logLine(warningEvent(piece.repeated(1024 * 1024)));

            const QString message = parsed(line).value(u"message"_s).toString();
            QVERIFY(message.endsWith(u'…'));
            QVERIFY(message.toUtf8().size() <= MaxLogFieldBytes);
            QVERIFY(message.toUtf8().size() > MaxLogFieldBytes - 8);
        }
    }

    void fuzzedTextsAreOneLineEach() // F59 in short
    {
        std::mt19937 random(20260101);
        static constexpr std::array<char16_t, 12> nasty{u'\r', u'\n', u'\x1b', u'\u2028', u'\u2029', u'\u0085', u'"', u'\\', u'\0', u'\ufeff', char16_t(0xdc00), char16_t(0xd83d)};
        for (int round = 0; round < 2000; ++round) {
            QString text;
            const auto length = random() % 200;
            for (uint i = 0; i < length; ++i)
                text += random() % 3 ? QChar(static_cast<char16_t>(random() % 0x10000)) : QChar(nasty[random() % nasty.size()]);

            const QByteArray line = logLine(warningEvent(text));

            QVERIFY(!parsed(line).isEmpty());
            QVERIFY(!hasTroublemaker(line));
        }
    }

    void secretsDoNotStay_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("secret");
        const QString signature(64, u'e');
        QTest::newRow("link") << QString(u"PUT http://127.0.0.1/objects/a?X-Amz-Expires=300&X-Amz-Signature="_s + signature + u"&partNumber=1"_s) << signature;
        QTest::newRow("link, other case") << QString(u"?x-amz-signature="_s + signature) << signature;
        QTest::newRow("link, percent-encoded") << QString(u"?next=%2Fa%3FX-Amz-Signature%3D"_s + signature) << signature;
        QTest::newRow("link in JSON") << QString(u"{\"X-Amz-Signature\":\""_s + signature + u"\"}"_s) << signature;
        QTest::newRow("header") << u"Authorization: Bearer s3cr3t-T0ken_value.x=="_s << u"s3cr3t-T0ken_value.x"_s;
        QTest::newRow("token in JSON") << u"{\"token\": \"s3cr3t\"}"_s << u"s3cr3t"_s;
        QTest::newRow("token in a URL") << u"http://x/?access_token=s3cr3t&a=1"_s << u"s3cr3t"_s;
        QTest::newRow("behind a megabyte") << QString(QString(1 << 20, u'x') + u"X-Amz-Signature="_s + signature) << signature;
        QTest::newRow("across the place where texts are cut") << QString(QString(8192 - 30, u'x') + u"X-Amz-Signature="_s + signature) << signature.left(4);
    }
    void secretsDoNotStay()
    {
        QFETCH(QString, text);
        QFETCH(QString, secret);
        LogEvent both = warningEvent(text);
        both.more = {{"url"_L1, text}};

        const QByteArray line = logLine(both);

        QVERIFY(!parsed(line).isEmpty());
        QVERIFY2(!line.contains(secret.toUtf8()), line.constData());
    }

    void theRestOfALinkStays()
    {
        QCOMPARE(redacted(u"http://h/a?X-Amz-Expires=300&X-Amz-Signature=0123abcd&partNumber=7"_s),
                 u"http://h/a?X-Amz-Expires=300&X-Amz-Signature=***&partNumber=7"_s);
    }

    void scopesNestAndEnd()
    {
        const QUuid outer = newUuid7(), inner = newUuid7();
        QVERIFY(currentCorrelation().isNull());
        {
            const CorrelationScope first(outer);
            QCOMPARE(currentCorrelation(), outer);
            {
                const CorrelationScope second(inner);
                QCOMPARE(currentCorrelation(), inner);
            }
            QCOMPARE(currentCorrelation(), outer);
        }
        QVERIFY(currentCorrelation().isNull());
    }

    void anotherThreadWorksForItsOwnAttempt()
    {
        const CorrelationScope here(newUuid7());
        QUuid there = newUuid7();

        std::thread([&there] { there = currentCorrelation(); }).join();

        QVERIFY(there.isNull());
    }
};

QTEST_GUILESS_MAIN(TestLogLine)
#include "tst_logline.moc"
