#include "models/vocabulary/ids.h"
#include "tests/faults/proxiedworld.h"
#include "tests/support/organisationcopy.h"
#include "tests/support/organisationrun.h"
#include "tests/support/smallphotos.h"

#include <QTemporaryFile>
#include <QTest>
#include <QUrlQuery>

using namespace Qt::StringLiterals;
using namespace photolift;
using support::CliAnswer;
using support::OrganisationRun;

namespace
{
constexpr int Photos = 5;
constexpr int LinkSeconds = 2;
/// How far two clocks may be apart that learn of each other by a Date in whole seconds.
constexpr int ClockSeconds = 2;
/// Photos are told apart by their size, which stands in their key.
constexpr qint64 SizeOfFirst = 100'001;

/// No answer of a link that was signed at this time can be a good one any more, by whoever's clock.
bool isOver(const support::SeenRequest &request)
{
    const QUrlQuery query(QUrl(QString::fromLatin1(request.target)));
    QDateTime signedAt = QDateTime::fromString(query.queryItemValue(u"X-Amz-Date"_s), u"yyyyMMdd'T'HHmmss'Z'"_s);
    signedAt.setTimeSpec(Qt::UTC);
    return !signedAt.isValid() || signedAt.secsTo(QDateTime::currentDateTimeUtc()) > LinkSeconds + ClockSeconds;
}
} // namespace

/// F31: a link ends on its way to the real store, which says AccessDenied and nothing more.
class TestF31ExpiredLink : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void eachExpiryGetsExactlyOneNewLink();
    void aLinkThatGoesOnEndingIsRefused();

private:
    /// With a device token of its own: of one only so many exchanges a minute are allowed, and whoever has used them up waits.
    QStringList server();
    QString photo(const faults::FaultFolders &folders, int number) const;
    support::Fault held(int number, int times) const;
    /// Until it ends: lets PUTs that are held through when the links of all have ended; how many.
    int letThroughLate(support::CliRun &cli);
    /// Recorded errors of this code that say what the store said.
    static qint64 errors(const faults::FaultFolders &folders, const QString &code);
    QStringList violations(const faults::FaultFolders &folders);

    OrganisationRun m_organisation;
    support::FaultProxy m_proxy; ///< between the client and the store
    qsizetype m_probed = 0;      ///< so many of its requests were the server's, at its start, by links of whatever clocks
    QTemporaryFile m_tuning;
    faults::FaultFolders m_folders;
};

void TestF31ExpiredLink::initTestCase()
{
    QVERIFY2(m_organisation.start(), qPrintable(m_organisation.failure()));
    m_organisation.addToStore(
        u"client_endpoint = \"%1\"\nlink_seconds = %2\n"_s.arg(m_proxy.url({}).toString()).arg(LinkSeconds));
    m_proxy.setUpstream(m_organisation.store().endpoint());
    m_proxy.keepHost();
    QVERIFY2(m_organisation.startServer(), qPrintable(m_organisation.failure()));
    m_probed = m_proxy.requests().size();
    m_organisation.command({u"user"_s, u"add"_s, u"anna"_s, u"--role"_s, u"photographer"_s});
    QVERIFY2(m_organisation.lastExit() == 0, qPrintable(m_organisation.failure()));
    QByteArray paces = faults::testTuning();
    paces.replace("{", "{\"longForMs\": 8000, ");
    QVERIFY(m_tuning.open() && m_tuning.write(paces) > 0 && m_tuning.flush());
}

QStringList TestF31ExpiredLink::server()
{
    return {u"--server"_s, m_organisation.address().toString(),
            u"--token-file"_s, m_organisation.tokenFileFor(u"anna"_s),
            u"--tuning"_s, m_tuning.fileName(),
            u"--jobs"_s, u"1"_s,
            u"--wait"_s, u"60s"_s};
}

QString TestF31ExpiredLink::photo(const faults::FaultFolders &folders, int number) const
{
    return support::writeJpeg(folders.sourceText() + u"/IMG_%1.JPG"_s.arg(number), number, SizeOfFirst + number);
}

support::Fault TestF31ExpiredLink::held(int number, int times) const
{
    return {.method = "PUT",
            .pathPart = '-' + QByteArray::number(SizeOfFirst + number) + '-',
            .times = times,
            .isRequestHeld = true};
}

int TestF31ExpiredLink::letThroughLate(support::CliRun &cli)
{
    int late = 0;
    (void)QTest::qWaitFor(
        [&] {
            const QList<support::SeenRequest> &seen = m_proxy.requests();
            if (const int held = m_proxy.heldRequests(); held > 0 && std::all_of(seen.begin() + m_probed, seen.end(), isOver)) {
                late += held;
                m_proxy.release();
            }
            return !cli.isRunning();
        },
        60'000);
    return late;
}

qint64 TestF31ExpiredLink::errors(const faults::FaultFolders &folders, const QString &code)
{
    return folders.rows(
        u"fact_upload_errors WHERE error_code = '%1' AND error_context LIKE '%\"s3_code\":\"AccessDenied\"%'"_s.arg(
            code));
}

QStringList TestF31ExpiredLink::violations(const faults::FaultFolders &folders)
{
    const QTemporaryDir fresh;
    const QString copy = fresh.filePath(u"copy"_s);
    const QString failure = support::copyOrganisation(m_organisation, copy, u"anna"_s);
    return failure.isEmpty() ? support::violations({folders.data()}, copy, folders.snapshot()) : QStringList{failure};
}

void TestF31ExpiredLink::eachExpiryGetsExactlyOneNewLink()
{
    for (int number = 0; number < Photos; ++number) {
        photo(m_folders, number);
        m_proxy.add(held(number, 1));
    }
    QVERIFY(m_folders.remember());
    support::CliRun cli(m_folders.data());

    QVERIFY(cli.start(QStringList{u"upload"_s, m_folders.sourceText()} + server()));
    const int late = letThroughLate(cli);
    const CliAnswer answer = cli.finish();

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0 && answer.count("succeeded"_L1) == Photos,
             qPrintable(answer.toText()));
    QCOMPARE(late, Photos);
    QCOMPARE(errors(m_folders, u"TRANSFER_LINK_EXPIRED"_s), Photos);
    QCOMPARE(m_folders.rows(u"fact_upload_errors"_s), Photos); // and nothing else went wrong
    for (int number = 0; number < Photos; ++number)            // the one that ended, and its successor
        QCOMPARE(m_proxy.count("PUT", held(number, 1).pathPart), 2);
    QCOMPARE(violations(m_folders), QStringList());
}

void TestF31ExpiredLink::aLinkThatGoesOnEndingIsRefused()
{
    constexpr int Number = 100;
    const QByteArray path = photo(m_folders, Number).toUtf8();
    QVERIFY(m_folders.remember());
    m_proxy.clearFaults();
    m_proxy.add(held(Number, -1));
    support::CliRun cli(m_folders.data());

    QVERIFY(cli.start(QStringList{u"upload"_s, QString::fromUtf8(path)} + server()));
    const int late = letThroughLate(cli);
    const CliAnswer refused = cli.finish();

    QVERIFY2(refused.faults.isEmpty() && refused.exitCode == 1 && refused.photos.size() == 1,
             qPrintable(refused.toText()));
    QCOMPARE(refused.photos.first().status, u"failed"_s);
    QCOMPARE(refused.photos.first().errorCode, u"TRANSFER_LINK_REFUSED"_s);
    QVERIFY2(late >= 2, qPrintable(QString::number(late)));
    QCOMPARE(errors(m_folders, u"TRANSFER_LINK_EXPIRED"_s), Photos + 1); // one more: the first
    QCOMPARE(errors(m_folders, u"TRANSFER_LINK_REFUSED"_s), late - 1);

    m_proxy.clearFaults();
    const CliAnswer answer = cli.run(QStringList{u"retry"_s, u"--all"_s} + server());

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0 && answer.count("succeeded"_L1) == 1,
             qPrintable(answer.toText()));
    QCOMPARE(violations(m_folders), QStringList());
}

QTEST_GUILESS_MAIN(TestF31ExpiredLink)
#include "tst_f31_expiredlink.moc"
