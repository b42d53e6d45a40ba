#include "models/wire/messages.h"
#include "tests/support/clirun.h"
#include "tests/support/flood.h"
#include "tests/support/programprocesses.h"
#include "tests/support/rawclient.h"
#include "tests/support/smallorganisation.h"
#include "tests/support/smallphotos.h"

#include <QFile>
#include <QJsonDocument>
#include <QTemporaryFile>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using support::CliAnswer;
using support::Flood;
using test::RawAnswer;
using test::RawClient;

namespace {

constexpr int Connections = 200;
constexpr qint64 PhotoBytes = 15 * 1024 * 1024;
constexpr qint64 MostGrowthBytes = 300'000'000;

/// How many connections to this port of loopback have bytes that their other ends do not take.
int choked(quint16 port)
{
    QFile table(u"/proc/net/tcp"_s);
    if (!table.open(QIODevice::ReadOnly))
        return -1;
    const QByteArray local = "0100007F:" + QByteArray::number(port, 16).toUpper().rightJustified(4, '0');
    int count = 0;
    for (const QByteArray &line : table.readAll().split('\n')) {
        const QList<QByteArray> fields = line.simplified().split(' ');
        if (fields.size() > 4 && fields.at(1) == local && fields.at(4).split(':').first().toInt(nullptr, 16) > 0)
            ++count;
    }
    return count;
}

} // namespace

/// A link to a stored photo in the folder store is no token: whoever has it may ask by it on many connections and take no answer.
class TestDownloadFlood : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void answersThatNobodyTakesCostLittle();

private:
    QByteArray head(const QByteArray &line, const QByteArray &fields = {}) const
    {
        return line + " HTTP/1.1\r\nHost: 127.0.0.1:" + QByteArray::number(m_port) + "\r\n" + fields + "\r\n";
    }

    support::SmallOrganisation m_organisation;
    QTemporaryDir m_folder;
    quint16 m_port = 0;
};

void TestDownloadFlood::answersThatNobodyTakesCostLittle()
{
    QVERIFY2(m_organisation.start() && m_organisation.addPerson(u"anna"_s), qPrintable(m_organisation.failure()));
    m_port = static_cast<quint16>(m_organisation.address().port());
    const QByteArray device = m_organisation.tokenFor(u"anna"_s);
    QTemporaryFile token;
    QVERIFY(token.open() && token.write(device) > 0 && token.flush());
    const QString path = m_folder.filePath(u"photos/IMG_1.JPG"_s);
    support::writeJpeg(path, 1);
    QFile photo(path); // the zeros are behind the picture's end
    QVERIFY(photo.resize(PhotoBytes) && photo.open(QIODevice::ReadOnly));
    const QByteArray bytes = photo.readAll();
    support::CliRun cli(m_folder.filePath(u"data"_s));
    const CliAnswer uploaded = cli.run({u"upload"_s, m_folder.filePath(u"photos"_s), u"--server"_s, m_organisation.address().toString(), u"--token-file"_s, token.fileName()});
    QVERIFY2(uploaded.exitCode == 0 && uploaded.count("succeeded"_L1) == 1, qPrintable(uploaded.toText()));
    const QByteArray body = QJsonDocument(wire::toJson(wire::TokenRequest{QString::fromLatin1(device)})).toJson(QJsonDocument::Compact);
    const RawAnswer exchanged = RawClient(m_port).ask(
        QByteArray(head("POST /v1/token", "Content-Type: application/json\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n") + body));
    const QByteArray bearer = "Authorization: Bearer " + QJsonDocument::fromJson(exchanged.body)["access_token"_L1].toString().toLatin1() + "\r\n";
    const RawAnswer linked = RawClient(m_port).ask(head("GET /v1/photos/" + uploaded.photos.constFirst().clientUploadId.toLatin1() + "/link", bearer));
    const Result<wire::PhotoLink> link = wire::photoLinkFromJson(QJsonDocument::fromJson(linked.body).object());
    QVERIFY2(linked.status == 200 && link, linked.body.constData());
    const QByteArray download = head("GET " + link->url.toEncoded(QUrl::RemoveScheme | QUrl::RemoveAuthority));
    QVERIFY(RawClient(m_port).ask(download).body == bytes);
    const qint64 before = support::peakResidentBytes(m_organisation.processId());

    Flood flood(m_port);
    flood.begin({{.name = "takes nothing", .sockets = Connections, .address = 2, .opening = download, .isReading = false}});
    QTRY_VERIFY_WITH_TIMEOUT(choked(m_port) >= Connections, 30'000);

    QCOMPARE(RawClient(m_port).ask(head("GET /v1/info", bearer)).status, 200);
    const RawAnswer beside = RawClient(m_port).ask(download);
    QCOMPARE(beside.status, 200);
    QVERIFY(beside.body == bytes);
    const qint64 growth = support::peakResidentBytes(m_organisation.processId()) - before;
    qInfo() << "memory before:" << before << "more at most:" << growth;
    QVERIFY2(growth < MostGrowthBytes, qPrintable(QString::number(growth)));
    QCOMPARE(flood.tally("takes nothing").now, Connections); // all this time
}

QTEST_GUILESS_MAIN(TestDownloadFlood)
#include "tst_downloadflood.moc"
