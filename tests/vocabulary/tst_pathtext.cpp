#include "models/vocabulary/pathtext.h"

#include <QRandomGenerator>
#include <QSet>
#include <QTest>

using namespace photolift;
using namespace Qt::StringLiterals;

class TestPathText : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void anyBytesComeBack_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("plain") << QByteArray("100CANON/IMG_0001.JPG");
        QTest::newRow("two spellings of e acute") << QByteArray("\xc3\xa9 e\xcc\x81");
        QTest::newRow("Latin-1") << QByteArray("\xe9t\xe9.jpg");
        QTest::newRow("a replacement character of its own") << QByteArray("\xef\xbf\xbd.jpg");
        QTest::newRow("a replacement character before hex digits") << QByteArray("\xef\xbf\xbd""E9.jpg");
        QTest::newRow("a noncharacter") << QByteArray("a\xef\xbf\xbf\xef\xbf\xbe.jpg");
        QTest::newRow("a surrogate in UTF-8") << QByteArray("\xed\xa0\x80");
        QTest::newRow("overlong slash") << QByteArray("\xc0\xaf");
        QTest::newRow("cut off in the middle of a character") << QByteArray("\xf0\x9f\x9a");
        QTest::newRow("emoji") << QByteArray("\xf0\x9f\x9a\x80.jpg");
        QTest::newRow("newline and escape") << QByteArray("a\nb\x1b[0m");
        QTest::newRow("nothing") << QByteArray();
    }
    void anyBytesComeBack()
    {
        QFETCH(QByteArray, bytes);

        const QString text = textFromPath(bytes);

        QVERIFY(text.isValidUtf16());
        QVERIFY(!text.contains(QChar(0xfffe)) && !text.contains(QChar(0xffff))); // no database gives them back
        QCOMPARE(pathFromText(text), bytes);
    }

    void randomBytesComeBackAndNoTwoNamesShareAText()
    {
        QRandomGenerator random(20261121);
        QHash<QString, QByteArray> seen;
        for (int i = 0; i < 20000; ++i) {
            QByteArray bytes;
            for (int n = random.bounded(1, 9); n > 0; --n) {
                constexpr std::array<uchar, 12> interesting{0x41, 0x46, 0x39, 0xef, 0xbf, 0xbd, 0xe9, 0xc3, 0xa9, 0xf0, 0x9f, 0x80};
                bytes += static_cast<char>(interesting[random.bounded(12U)]);
            }
            const QString text = textFromPath(bytes);
            QCOMPARE(pathFromText(text), bytes);
            QVERIFY(seen.value(text, bytes) == bytes);
            seen.insert(text, bytes);
        }
    }

    void directionAndControlCharactersAreShownAsMarks()
    {
        const QString shown = displayName(u"IMG\u202egpj.exe\n\u0007"_s);

        QVERIFY(!shown.contains(QChar(0x202e)));
        QVERIFY(!shown.contains(u'\n'));
        QCOMPARE(shown.size(), u"IMG\u202egpj.exe\n\u0007"_s.size());
        QCOMPARE(displayName(u"été 日本.jpg"), u"été 日本.jpg"_s);
    }
};

QTEST_GUILESS_MAIN(TestPathText)
#include "tst_pathtext.moc"
