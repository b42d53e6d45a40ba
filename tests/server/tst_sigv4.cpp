#include "app/server/objects/sigv4.h"

#include <QTest>
#include <QTimeZone>

using namespace photolift::server::sigv4;
using namespace Qt::StringLiterals;

namespace {
const Credentials Example{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1"};
const QDateTime ExampleTime(QDate(2013, 5, 24), QTime(0, 0), Qt::UTC);

QUrl examplePut(const QDateTime &now)
{
    PresignOrder order;
    order.url = QUrl(u"http://127.0.0.1:9000/store/incoming/abc/1"_s);
    order.signedHeaders = {{"content-length", "5"}, {"x-amz-acl", "private"}};
    return presign(order, Example, now);
}

QByteArray targetOf(const QUrl &url)
{
    return url.path(QUrl::FullyEncoded).toLatin1() + '?' + url.query(QUrl::FullyEncoded).toLatin1();
}

const QList<std::pair<QByteArray, QByteArray>> RightHeaders{{"host", "127.0.0.1:9000"}, {"content-length", "5"}, {"x-amz-acl", "private"}};
}

/// Signatures against the vectors AWS publishes, and against every change somebody could make to a link.
class SigV4Test : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void keyIsDerivedAsPublished();
    void presignedLinkIsThePublishedOne();
    void changedRequestDoesNotVerify_data();
    void changedRequestDoesNotVerify();
    void linkLivesItsTime_data();
    void linkLivesItsTime();
    void brokenQueryIsMalformed_data();
    void brokenQueryIsMalformed();
    void pathIsEncodedOnce();
    void hostIsSignedAsItIsSent_data();
    void hostIsSignedAsItIsSent();
};

void SigV4Test::keyIsDerivedAsPublished()
{
    const QByteArray key = signingKey("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830", "us-east-1", "iam");

    QCOMPARE(key.toHex(), QByteArray("c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"));
}

void SigV4Test::presignedLinkIsThePublishedOne()
{
    PresignOrder order;
    order.method = "GET";
    order.url = QUrl(u"https://examplebucket.s3.amazonaws.com/test.txt"_s);
    order.expiresSeconds = 86400;

    const QByteArray link = presign(order, Example, ExampleTime).toEncoded();

    QCOMPARE(link, QByteArray("https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
                              "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
                              "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
                              "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"));
}

void SigV4Test::changedRequestDoesNotVerify_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("from"); // replaced in the target
    QTest::addColumn<QByteArray>("to");
    QTest::addColumn<QByteArray>("header"); // gets another value; "-name" is left out
    QTest::addColumn<Verdict>("expected");
    const QByteArray none;
    QTest::newRow("as signed -> valid") << QByteArray("PUT") << none << none << none << Verdict::Valid;
    QTest::newRow("other verb") << QByteArray("GET") << none << none << none << Verdict::Mismatch;
    QTest::newRow("other key") << QByteArray("PUT") << QByteArray("/abc/") << QByteArray("/abd/") << none << Verdict::Mismatch;
    QTest::newRow("other part") << QByteArray("PUT") << QByteArray("/1?") << QByteArray("/2?") << none << Verdict::Mismatch;
    QTest::newRow("longer life") << QByteArray("PUT") << QByteArray("Expires=300") << QByteArray("Expires=301") << none << Verdict::Mismatch;
    QTest::newRow("other day") << QByteArray("PUT") << QByteArray("Date=20130524") << QByteArray("Date=20130525") << none << Verdict::Mismatch;
    QTest::newRow("other signer") << QByteArray("PUT") << QByteArray("AKIAIOS") << QByteArray("AKIAIOX") << none << Verdict::Mismatch;
    QTest::newRow("header taken out of the signature") << QByteArray("PUT") << QByteArray("%3Bx-amz-acl") << none << none << Verdict::Mismatch;
    QTest::newRow("parameter added") << QByteArray("PUT") << QByteArray("?X-Amz") << QByteArray("?acl=&X-Amz") << none << Verdict::Mismatch;
    QTest::newRow("other length") << QByteArray("PUT") << none << none << QByteArray("content-length") << Verdict::Mismatch;
    QTest::newRow("other host") << QByteArray("PUT") << none << none << QByteArray("host") << Verdict::Mismatch;
    QTest::newRow("other acl") << QByteArray("PUT") << none << none << QByteArray("x-amz-acl") << Verdict::Mismatch;
    QTest::newRow("signed header left out") << QByteArray("PUT") << none << none << QByteArray("-x-amz-acl") << Verdict::Mismatch;
}

void SigV4Test::changedRequestDoesNotVerify()
{
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, from);
    QFETCH(QByteArray, to);
    QFETCH(QByteArray, header);
    QFETCH(Verdict, expected);
    QByteArray target = targetOf(examplePut(ExampleTime));
    if (!from.isEmpty()) {
        QVERIFY(target.contains(from));
        target.replace(from, to);
    }
    QList<std::pair<QByteArray, QByteArray>> headers;
    for (const auto &[name, value] : RightHeaders) {
        if (header != '-' + name)
            headers.emplaceBack(name, name == header ? QByteArray("other") : value);
    }

    QCOMPARE(verify(method, target, headers, Example, ExampleTime.addSecs(10)), expected);
}

void SigV4Test::linkLivesItsTime_data()
{
    QTest::addColumn<int>("age");
    QTest::addColumn<Verdict>("expected");
    QTest::newRow("first second") << 0 << Verdict::Valid;
    QTest::newRow("last second") << 299 << Verdict::Valid;
    QTest::newRow("over") << 300 << Verdict::Expired;
    QTest::newRow("a day later") << 86400 << Verdict::Expired;
    QTest::newRow("clocks a little apart") << -60 << Verdict::Valid;
    QTest::newRow("signed for tomorrow") << -86400 << Verdict::NotYetValid;
}

void SigV4Test::linkLivesItsTime()
{
    QFETCH(int, age);
    QFETCH(Verdict, expected);

    QCOMPARE(verify("PUT", targetOf(examplePut(ExampleTime)), RightHeaders, Example, ExampleTime.addSecs(age)), expected);
}

void SigV4Test::brokenQueryIsMalformed_data()
{
    QTest::addColumn<QByteArray>("from");
    QTest::addColumn<QByteArray>("to");
    QTest::newRow("no signature") << QByteArray("X-Amz-Signature") << QByteArray("X-Nothing");
    QTest::newRow("signature twice") << QByteArray("?") << QByteArray("?X-Amz-Signature=a&");
    QTest::newRow("other algorithm") << QByteArray("AWS4-HMAC-SHA256") << QByteArray("AWS4-HMAC-SHA1");
    QTest::newRow("expires no number") << QByteArray("Expires=300") << QByteArray("Expires=3e2");
    QTest::newRow("expires too far") << QByteArray("Expires=300") << QByteArray("Expires=604801");
    QTest::newRow("expires never was") << QByteArray("Expires=300") << QByteArray("Expires=-1");
    QTest::newRow("no date") << QByteArray("20130524T000000Z") << QByteArray("yesterday");
    QTest::newRow("host not signed") << QByteArray("%3Bhost") << QByteArray("%3Bhast");
    QTest::newRow("half an escape") << QByteArray("aws4_request") << QByteArray("aws4%2");
}

void SigV4Test::brokenQueryIsMalformed()
{
    QFETCH(QByteArray, from);
    QFETCH(QByteArray, to);
    QByteArray target = targetOf(examplePut(ExampleTime));
    QVERIFY(target.contains(from));
    target.replace(from, to);

    QCOMPARE(verify("PUT", target, RightHeaders, Example, ExampleTime), Verdict::Malformed);
    QCOMPARE(verify("PUT", "/store/incoming/abc/1", RightHeaders, Example, ExampleTime), Verdict::Malformed);
}

void SigV4Test::pathIsEncodedOnce()
{
    PresignOrder order;
    order.url = QUrl::fromEncoded("http://host/a%20b/%C3%A4+c");
    const QUrl link = presign(order, Example, ExampleTime);

    QVERIFY(link.toEncoded().startsWith("http://host/a%20b/%C3%A4%2Bc?"));
    QCOMPARE(verify("PUT", targetOf(link), {{"host", "host"}}, Example, ExampleTime), Verdict::Valid);
}

void SigV4Test::hostIsSignedAsItIsSent_data()
{
    QTest::addColumn<QByteArray>("origin");
    QTest::addColumn<QByteArray>("host");
    const auto row = [](const QByteArray &origin, const QByteArray &host) { QTest::newRow(origin.constData()) << origin << host; };
    row("https://photos.example", "photos.example");
    row("https://photos.example:443", "photos.example");
    row("http://photos.example:80", "photos.example");
    row("https://photos.example:80", "photos.example:80");
    row("http://photos.example:443", "photos.example:443");
    row("https://Photos.Example:8420", "photos.example:8420");
    row("http://127.0.0.1:7480", "127.0.0.1:7480");
    row("http://[::1]:7480", "[::1]:7480");
    row("http://[::1]:80", "[::1]");
    row("https://[2001:DB8:0:0::9]", "[2001:db8::9]");
    row("https://[2001:db8::9]:443", "[2001:db8::9]");
    row("https://b\xc3\xbc" "cher.example:443", "xn--bcher-kva.example");
}

void SigV4Test::hostIsSignedAsItIsSent()
{
    QFETCH(QByteArray, origin);
    QFETCH(QByteArray, host);
    PresignOrder order;
    order.url = QUrl::fromEncoded(origin + "/store/incoming/abc/1");
    QVERIFY(order.url.isValid());

    const QUrl link = presign(order, Example, ExampleTime);

    QCOMPARE(hostFieldOf(order.url), host);
    QCOMPARE(hostFieldOf(link), host);
    // Whoever writes a default port into Host whenever it stands in the address finds none there.
    QVERIFY(link.toEncoded().startsWith(QByteArray(link.scheme().toLatin1() + "://" + host + "/store/")));
    QCOMPARE(verify("PUT", targetOf(link), {{"host", host}}, Example, ExampleTime), Verdict::Valid);
}

QTEST_APPLESS_MAIN(SigV4Test)
#include "tst_sigv4.moc"
