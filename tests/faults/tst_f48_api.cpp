#include "models/transfer/apiclient.h"
#include "tests/faults/apiwords.h"
#include "tests/faults/faultfolders.h"
#include "tests/faults/servernames.h"
#include "tests/support/rawclient.h"
#include "tests/support/serverrun.h"
#include "tests/support/smallphotos.h"

#include <QDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::answered;
using faults::commitOf;
using faults::FaultFolders;
using faults::questionFor;
using faults::sha256Hex;
using support::ServerRun;
using transfer::ApiAnswer;

/// F48 at the API: what a client that is none of ours may say about paths.
class TestF48Api : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_server = std::make_unique<ServerRun>(m_folders.server());
        QDir().mkpath(m_folders.data());
        QVERIFY(m_server->start());
        QFile token(m_server->tokenFile());
        QVERIFY(token.open(QIODevice::ReadOnly));
        m_token = token.readAll().trimmed();
        m_api.setServer(m_server->address(), m_token);
    }

    void aPathInAQuestionIsOnlyText_data()
    {
        QTest::addColumn<QString>("path");
        for (const QString &path : {u"../../escape.jpg"_s, u"/etc/escape.jpg"_s, u"..\\..\\escape.jpg"_s, u"C:\\escape.jpg"_s, u"%2e%2e/escape.jpg"_s,
                                    u"http://evil.example/escape.jpg"_s, u"a/../../../escape.jpg"_s, u".."_s, u"/"_s, u"//escape.jpg"_s,
                                    QString(u"nul"_s + QChar(0) + u".jpg"), u"objects/../../escape.jpg"_s, QString(4000, u'x')})
            QTest::newRow(qPrintable(displayable(path))) << path;
    }
    void aPathInAQuestionIsOnlyText()
    {
        QFETCH(QString, path);
        const QByteArray photo = support::jpegBytes(++m_seed);
        const wire::Question question = questionFor(photo, path, path.section(u'/', -1));

        const ApiAnswer<wire::Offer> offer = answered(m_api.ask(question));
        if (!offer) {
            QVERIFY2(offer.fault.error.cause.httpStatus >= 400 && offer.fault.error.cause.httpStatus < 500, qPrintable(offer.fault.error.detail));
        } else {
            QCOMPARE(offer.value->kind, wire::Offer::Kind::Upload);
            sendAndCommit(offer.value->uploadId, question, photo);
        }

        QCOMPARE(faults::namesWeDidNotMake(m_folders.server()), QList<QByteArray>());
        QVERIFY(!QFile::exists(u"/etc/escape.jpg"_s));
        QCOMPARE(QDir(QString::fromUtf8(m_folders.root())).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot), (QStringList{u"data"_s, u"source"_s}));
    }

    void aPathInALinkLeadsNowhere_data()
    {
        QTest::addColumn<QByteArray>("target");
        for (const char *target : {"/../../escape.jpg", "/objects/../../escape.jpg", "/incoming/../../escape.jpg", "/incoming/%2e%2e/%2e%2e/escape.jpg",
                                   "/incoming/..%2f..%2fescape.jpg", "/v1/uploads/../../escape.jpg/links", "/v1/uploads/%00/links", "//escape.jpg",
                                   "http://127.0.0.1/../escape.jpg", "/\\..\\escape.jpg", "/objects/aa/bb/escape.jpg", "/token", "/server.sqlite"})
            QTest::newRow(target) << QByteArray(target);
    }
    void aPathInALinkLeadsNowhere()
    {
        QFETCH(QByteArray, target);
        for (const QByteArray method : {"PUT", "GET", "DELETE"}) {
            test::RawClient client(static_cast<quint16>(m_server->address().port()));
            QVERIFY(client.isConnected());
            const QByteArray host = m_server->address().authority().toUtf8();

            const QByteArray request = method + ' ' + target + " HTTP/1.1\r\nHost: " + host + "\r\nAuthorization: Bearer " + m_token
                + "\r\nContent-Length: 4\r\n\r\nevil";

            const test::RawAnswer answer = client.ask(request);

            QVERIFY2(answer.status >= 400 && answer.status < 500, qPrintable(QString::number(answer.status)));
            QVERIFY(!answer.body.contains(m_token));
        }
        QCOMPARE(faults::namesWeDidNotMake(m_folders.server()), QList<QByteArray>());
        QCOMPARE(QDir(QString::fromUtf8(m_folders.root())).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot), (QStringList{u"data"_s, u"source"_s}));
    }

    /// And the checker: what a client that keeps no list told nobody is missing (I2 and I4 compare both sides), the other invariants hold.
    void theServerGoesOnAndTheInvariantsHold()
    {
        m_server->stop();
        QVERIFY(m_folders.writePhoto("photo.jpg", 1000));
        QVERIFY(m_folders.remember());
        support::CliRun cli(m_folders.data());

        const support::CliAnswer answer = cli.run({u"upload"_s, m_folders.sourceText()});

        QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
        QCOMPARE(answer.summary->succeeded, 1);
        QStringList found = support::violations({m_folders.data()}, {}, m_folders.snapshot(), {}, {m_token});
        found.removeIf([](const QString &line) { return line.startsWith("I2:"_L1) || line.startsWith("I4:"_L1); });
        QCOMPARE(found, QStringList());
    }

private:
    static QString displayable(const QString &path) { return QString(path.left(40)).replace(QChar(0), u"NUL"_s); }

    void sendAndCommit(const QUuid &uploadId, const wire::Question &question, const QByteArray &photo)
    {
        const ApiAnswer<wire::LinkAnswer> links = answered(m_api.links(question.attempt.clientUploadId, uploadId, {{{1, photo.size(), sha256Hex(photo)}}}));
        QVERIFY2(links, qPrintable(links.fault.error.detail));
        const wire::PartLink link = links.value->links.value(0);
        QVERIFY2(!link.url.toString().contains("escape"_L1), qPrintable(link.url.toString()));
        QCOMPARE(faults::put(link, photo), 200);
        const auto committed = answered(m_api.commit(uploadId, commitOf(question)));
        QVERIFY2(committed, qPrintable(committed.fault.error.detail));
        wire::UploadStatus status;
        for (int round = 0; round < 20 && !isTerminal(status.status); ++round) {
            const auto known = answered(m_api.status({{{uploadId, status.version}}, 5}));
            QVERIFY2(known, qPrintable(known.fault.error.detail));
            if (!known.value->uploads.isEmpty())
                status = known.value->uploads.first();
        }
        QCOMPARE(status.status, Status::Succeeded);
        QVERIFY(QFile::exists(m_folders.server() + u"/objects/%1/%2/%3-%4"_s.arg(question.sha256.left(2), question.sha256.mid(2, 2), question.sha256,
                                                                                 QString::number(question.size))));
    }

    FaultFolders m_folders;
    std::unique_ptr<ServerRun> m_server;
    QByteArray m_token;
    transfer::ApiClient m_api;
    int m_seed = 0;
};

QTEST_GUILESS_MAIN(TestF48Api)
#include "tst_f48_api.moc"
