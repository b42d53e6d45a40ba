#include "models/vocabulary/serveraddress.h"

#include <QTest>

using namespace photolift;
using namespace Qt::StringLiterals;

/// What counts as the address of a server, and which addresses are one server.
class ServerAddressTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void anAddressIsReadOrRefused_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("name");
        QTest::newRow("host") << u"https://photos.example.org"_s << u"photos.example.org"_s;
        QTest::newRow("capitals, slash and the port of https") << u"HTTPS://Photos.Example.org:443/"_s << u"photos.example.org"_s;
        QTest::newRow("port") << u"https://photos.example.org:8443"_s << u"photos.example.org:8443"_s;
        QTest::newRow("path") << u"https://photos.example.org/team//"_s << u"photos.example.org/team"_s;
        QTest::newRow("this computer") << u"http://127.0.0.1:8080/"_s << u"127.0.0.1:8080"_s;
        QTest::newRow("no TLS is another server") << u"http://localhost"_s << u"localhost:80"_s;
        QTest::newRow("no scheme") << u"photos.example.org"_s << QString();
        QTest::newRow("an address of IPv6 and a port") << u"https://[fd00::1]:8080"_s << u"[fd00::1]:8080"_s;
        QTest::newRow("an address of IPv6") << u"https://[fd00::1:8080]"_s << u"[fd00::1:8080]"_s;
        QTest::newRow("another scheme") << u"ftp://photos.example.org"_s << QString();
        QTest::newRow("no host") << u"https://"_s << QString();
        QTest::newRow("a password") << u"https://anna:secret@photos.example.org"_s << QString();
        QTest::newRow("a question") << u"https://photos.example.org?x=1"_s << QString();
    }
    void anAddressIsReadOrRefused()
    {
        QFETCH(const QString, text);
        QFETCH(const QString, name);

        const std::optional<QUrl> address = serverAddress(text);

        QCOMPARE(address.has_value(), !name.isEmpty());
        if (address)
            QCOMPARE(serverName(*address), name);
    }

    void onlyThisComputerIsSpokenToWithoutTls()
    {
        QVERIFY(isOpenToOthers(QUrl(u"http://photos.example.org"_s)));
        QVERIFY(isOpenToOthers(QUrl(u"http://127.0.0.1.example.org"_s)));
        QVERIFY(!isOpenToOthers(QUrl(u"http://127.0.0.1:80"_s)));
        QVERIFY(!isOpenToOthers(QUrl(u"https://photos.example.org"_s)));
    }
};

QTEST_APPLESS_MAIN(ServerAddressTest)
#include "tst_serveraddress.moc"
