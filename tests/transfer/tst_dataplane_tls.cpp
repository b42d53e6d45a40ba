#include "models/transfer/dataplane.h"
#include "tests/support/faultproxy.h"
#include "tests/support/testcertificate.h"
#include "tests/transfer/partfixture.h"

#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::support;
using namespace photolift::tests;
using transfer::DataPlane;

/// Whom the data plane trusts.
class tst_DataPlaneTls final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_certificate = makeTestCertificate(); }
    void addedAuthorityIsTrusted();
    void unknownAuthorityGetsNothing();
    void certificateForAnotherHostGetsNothing();
    void connectionLostInTheHandshakeIsNoForgery();
    void noTlsAtAllIsNotTrusted();

private:
    DataPlane::Options trusting() const;

    TestCertificate m_certificate;
};

DataPlane::Options tst_DataPlaneTls::trusting() const
{
    DataPlane::Options options;
    options.caBundle = m_certificate.pem;
    return options;
}

void tst_DataPlaneTls::addedAuthorityIsTrusted()
{
    SourceFile source(3 * 1024 * 1024);
    FaultProxy store;
    store.setCertificate(m_certificate.certificate, m_certificate.key);
    store.setResponder(echoEtag);
    DataPlane plane(trusting());
    Outcomes outcomes(plane);

    plane.start(partOf(source, store.url()));

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(nameOf(outcomes.last().result), "ok");
    QVERIFY(outcomes.last().timings.value("tls_us"_L1).toInteger() > 0);
    QCOMPARE(store.bodyBytes("PUT"), source.size());
}

void tst_DataPlaneTls::unknownAuthorityGetsNothing()
{
    SourceFile source(1000);
    FaultProxy store;
    store.setCertificate(m_certificate.certificate, m_certificate.key);
    DataPlane plane{DataPlane::Options()};
    Outcomes outcomes(plane);

    plane.start(partOf(source, store.url()));

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(nameOf(outcomes.last().result), "NETWORK_IDENTITY_UNTRUSTED");
    QCOMPARE(store.requests().size(), 0);
}

void tst_DataPlaneTls::certificateForAnotherHostGetsNothing()
{
    SourceFile source(1000);
    FaultProxy store;
    store.setCertificate(m_certificate.certificate, m_certificate.key); // names 127.0.0.1 and localhost
    DataPlane plane(trusting());
    Outcomes outcomes(plane);
    QUrl other = store.url();
    other.setHost(u"0.0.0.0"_s); // the same listener under a name that is not in its certificate

    plane.start(partOf(source, other));

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(nameOf(outcomes.last().result), "NETWORK_IDENTITY_UNTRUSTED");
    QCOMPARE(store.requests().size(), 0);
}

void tst_DataPlaneTls::connectionLostInTheHandshakeIsNoForgery()
{
    SourceFile source(1000);
    QTcpServer store;
    store.listen(QHostAddress::LocalHost);
    connect(&store, &QTcpServer::newConnection, &store, [&store] {
        QTcpSocket *socket = store.nextPendingConnection();
        connect(socket, &QTcpSocket::readyRead, socket, [socket] { socket->abort(); });
    });
    DataPlane plane(trusting());
    Outcomes outcomes(plane);

    plane.start(partOf(source, QUrl(u"https://127.0.0.1:%1/"_s.arg(store.serverPort()))));

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(nameOf(outcomes.last().result), "TRANSFER_CONNECTION_LOST");
}

void tst_DataPlaneTls::noTlsAtAllIsNotTrusted()
{
    SourceFile source(1000);
    QTcpServer store;
    store.listen(QHostAddress::LocalHost);
    connect(&store, &QTcpServer::newConnection, &store, [&store] {
        QTcpSocket *socket = store.nextPendingConnection();
        connect(socket, &QTcpSocket::readyRead, socket, [socket] { socket->write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"); });
    });
    DataPlane plane(trusting());
    Outcomes outcomes(plane);

    plane.start(partOf(source, QUrl(u"https://127.0.0.1:%1/"_s.arg(store.serverPort()))));

    QTRY_COMPARE(outcomes.count(), 1);
    QCOMPARE(nameOf(outcomes.last().result), "NETWORK_IDENTITY_UNTRUSTED");
}

QTEST_GUILESS_MAIN(tst_DataPlaneTls)
#include "tst_dataplane_tls.moc"
