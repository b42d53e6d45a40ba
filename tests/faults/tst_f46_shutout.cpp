#include "app/server/objects/s3/s3bucket.h"
#include "models/vocabulary/ids.h"
#include "tests/faults/apiwords.h"
#include "tests/faults/faultfolders.h"
#include "tests/support/organisationcopy.h"
#include "tests/support/organisationrun.h"
#include "tests/support/smallphotos.h"

#include <QElapsedTimer>
#include <QFile>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::answered;
using support::CephGateway;
using support::CliAnswer;
using support::OrganisationRun;

namespace
{
constexpr int Photos = 40;
constexpr qint64 PhotoBytes = 1'000'000;
constexpr qint64 AllowedMs = 60'000; ///< FAULTS C-9
} // namespace

/// F46: somebody is shut out in the middle of an upload to an organisation's server on PostgreSQL and S3.
class TestF46ShutOut : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void theQueueWaitsAndArrivesOnceWithANewToken_data();
    void theQueueWaitsAndArrivesOnceWithANewToken();
    void aLinkMayEndAndNothingIsPublished_data();
    void aLinkMayEndAndNothingIsPublished();

private:
    enum class Way { RevokedToken, ClosedPerson, ClosedAccount };
    static void addWays();
    /// Shuts this person out; false when a command did not work. All their tokens, in the order they were made.
    bool shutOut(Way way, const QString &name);
    /// Lets them in again, as an administrator does: the file of a new device token.
    QString letIn(Way way, const QString &name);
    QByteArray makePerson(const QString &name);
    /// Waits until the API refuses this client's access token; what its device token is then told. INTERNAL_UNKNOWN: it
    /// goes on.
    static ErrorCode refusal(transfer::ApiClient &api);
    /// How many objects lie in the store for good, of these bytes or of any.
    int objects(const QString &sha256 = {}) const;
    /// What lies below incoming/: unfinished uploads and whole objects.
    QByteArrayList incoming() const;
    server::S3Account account() const;

    std::unique_ptr<OrganisationRun> m_organisation;
    QByteArray m_madeFor; ///< which test function
};

/// One of its own for each person where the checker compares all that a server knows with all that its client knows.
void TestF46ShutOut::init()
{
    const QByteArray function = QTest::currentTestFunction();
    if (m_organisation && m_madeFor == function && function == "aLinkMayEndAndNothingIsPublished")
        return;
    m_madeFor = function;
    m_organisation = std::make_unique<OrganisationRun>();
    QVERIFY2(m_organisation->start(), qPrintable(m_organisation->failure()));
    QVERIFY2(m_organisation->startServer(), qPrintable(m_organisation->failure()));
}

void TestF46ShutOut::addWays()
{
    QTest::addColumn<Way>("way");
    QTest::addColumn<ErrorCode>("code");
    QTest::newRow("token revoked -> sign in again") << Way::RevokedToken << ErrorCode::InitiationTokenExpired;
    QTest::newRow("person closed -> signed out") << Way::ClosedPerson << ErrorCode::ApiAccountClosed;
    QTest::newRow("account closed -> signed out") << Way::ClosedAccount << ErrorCode::ApiAccountClosed;
}

bool TestF46ShutOut::shutOut(Way way, const QString &name)
{
    if (way == Way::ClosedPerson) {
        m_organisation->command({u"user"_s, u"close"_s, name});
        return m_organisation->lastExit() == 0;
    }
    if (way == Way::ClosedAccount) {
        m_organisation->command({u"account"_s, u"close"_s, u"default"_s});
        return m_organisation->lastExit() == 0;
    }
    const QList<QByteArray> lines = m_organisation->command({u"token"_s, u"list"_s, name}).split('\n');
    bool isDone = false;
    for (const QByteArray &line : lines) {
        if (line.isEmpty() || line.contains("revoked"))
            continue;
        m_organisation->command({u"token"_s, u"revoke"_s, QString::fromLatin1(line.first(36))});
        isDone = m_organisation->lastExit() == 0;
    }
    return isDone;
}

QString TestF46ShutOut::letIn(Way way, const QString &name)
{
    if (way == Way::ClosedPerson)
        m_organisation->command({u"user"_s, u"open"_s, name});
    if (way == Way::ClosedAccount)
        m_organisation->command({u"account"_s, u"open"_s, u"default"_s});
    return m_organisation->tokenFileFor(name);
}

/// With a device token that the person uses elsewhere, too.
QByteArray TestF46ShutOut::makePerson(const QString &name)
{
    m_organisation->command({u"user"_s, u"add"_s, name, u"--role"_s, u"photographer"_s});
    return m_organisation->lastExit() == 0 ? m_organisation->command({u"token"_s, u"create"_s, name}).trimmed()
                                           : QByteArray();
}

ErrorCode TestF46ShutOut::refusal(transfer::ApiClient &api)
{
    // The access token is none any more: then the device token has to get another one. An address whose tokens were refused too often is told
    // to come later, which says nothing of ours.
    ErrorCode code = ErrorCode::InternalUnknown;
    const bool isRefused = QTest::qWaitFor(
        [&] {
            const auto info = answered(api.info());
            const bool isSaid = !info && info.fault.error.code != ErrorCode::ApiTokenExpired && info.fault.error.code != ErrorCode::ApiRateLimited;
            if (isSaid)
                code = info.fault.error.code;
            return isSaid;
        },
        AllowedMs);
    return isRefused ? code : ErrorCode::InternalUnknown;
}

server::S3Account TestF46ShutOut::account() const
{
    server::S3Account account;
    account.endpoint = m_organisation->store().endpoint();
    account.bucket = "photos";
    account.credentials = {CephGateway::accessKey(), CephGateway::secretKey(), CephGateway::region()};
    return account;
}

QByteArrayList TestF46ShutOut::incoming() const
{
    server::S3Client client(account());
    server::S3Bucket bucket(client, false, {});
    QByteArrayList found;
    const auto note = [&found](const server::S3Listed &listed) {
        found.append(listed.key);
        return Result<>();
    };
    return bucket.eachUpload("incoming/", note) && bucket.eachObject("incoming/", note) ? found : QByteArrayList{"no list"};
}

int TestF46ShutOut::objects(const QString &sha256) const
{
    server::S3Client client(account());
    server::S3Bucket bucket(client, false, {});
    int count = 0;
    const auto seen = bucket.eachObject("objects/", [&](const server::S3Listed &listed) {
        count += listed.key.contains(sha256.toLatin1()) ? 1 : 0;
        return Result<>();
    });
    return seen ? count : -1;
}

void TestF46ShutOut::theQueueWaitsAndArrivesOnceWithANewToken_data()
{
    addWays();
}

void TestF46ShutOut::theQueueWaitsAndArrivesOnceWithANewToken()
{
    QFETCH(const Way, way);
    QFETCH(const ErrorCode, code);
    const QString name = u"anna"_s;
    const QByteArray elsewhere = makePerson(name);
    const QString token = m_organisation->tokenFileFor(name);
    QVERIFY2(!elsewhere.isEmpty() && !token.isEmpty(), qPrintable(m_organisation->failure()));
    faults::FaultFolders folders;
    for (int i = 0; i < Photos; ++i)
        support::writeJpeg(folders.sourceText() + u"/IMG_%1.JPG"_s.arg(i), i, PhotoBytes);
    QVERIFY(folders.remember());
    transfer::ApiClient api;
    api.setServer(m_organisation->address(), elsewhere);
    QVERIFY(answered(api.info()));
    const auto number = [this](const QString &rows) {
        return m_organisation->sql(u"SELECT count(*) FROM "_s + rows).toInt();
    };
    const QStringList server{u"--server"_s, m_organisation->address().toString(), u"--token-file"_s};
    support::CliRun cli(folders.data());

    // As slow as a poor line, so that there is a middle; the rate is a limit of ours, what is under way stays under
    // way.
    QVERIFY(cli.start(QStringList{u"upload"_s, folders.sourceText()} + server +
                      QStringList{token, u"--limit-rate"_s, u"800K"_s, u"--wait"_s, u"5s"_s}));
    QElapsedTimer timer;
    timer.start();
    // A server that has just started exchanges a device token every 12 s. Before that it says "later", and nobody is told why they are out.
    const auto isInTheMiddle = [&] {
        return timer.hasExpired(16'000) && number(u"server_uploads WHERE committed_ms IS NOT NULL"_s) >= 2;
    };
    QTRY_VERIFY_WITH_TIMEOUT(isInTheMiddle(), 60'000);
    timer.restart();
    QVERIFY2(shutOut(way, name), qPrintable(m_organisation->failure()));
    const ErrorCode refused = refusal(api);
    const qint64 tookMs = timer.elapsed();
    const qint64 refusedMs = nowMs();

    QCOMPARE(errorName(refused), errorName(code));
    QVERIFY2(tookMs <= AllowedMs, qPrintable(QString::number(tookMs)));
    QVERIFY(cli.isRunning()); // else it was not the middle
    const CliAnswer stopped = cli.finish();
    QVERIFY2(stopped.faults.isEmpty() && stopped.exitCode == 1, qPrintable(stopped.toText()));
    // A commit whose head was through the door just then may still be written down; none behind it.
    QCOMPARE(number(u"server_uploads WHERE committed_ms > %1"_s.arg(refusedMs + 1000)), 0);
    const qint64 arrived = number(u"server_uploads WHERE committed_ms IS NOT NULL"_s);
    QVERIFY2(arrived < Photos, qPrintable(QString::number(arrived)));
    QCOMPARE(stopped.count("failed"_L1) + stopped.count("succeeded"_L1), Photos);
    for (const support::CliPhoto &photo : stopped.photos) {
        if (photo.status == "failed"_L1)
            QCOMPARE(photo.errorCode, errorName(code));
    }
    QTRY_COMPARE_WITH_TIMEOUT(number(u"server_jobs"_s), 0, 60'000);
    QCOMPARE(objects(), arrived);
    // Nothing of what waits has failed: no attempt of it has ended.
    QCOMPARE(folders.rows(u"fact_upload_attempts WHERE end_timestamp IS NOT NULL"_s), stopped.count("succeeded"_L1));

    const QString fresh = letIn(way, name);
    QVERIFY2(!fresh.isEmpty(), qPrintable(m_organisation->failure()));
    const CliAnswer answer = cli.run(QStringList{u"retry"_s, u"--all"_s} + server + QStringList{fresh});

    QVERIFY2(answer.faults.isEmpty() && answer.exitCode == 0, qPrintable(answer.toText()));
    QCOMPARE(objects(), Photos);
    QCOMPARE(number(u"server_assets"_s), Photos);
    QCOMPARE(number(u"server_uploads WHERE state = 'ended'"_s), Photos);
    const QString copy = QString::fromUtf8(folders.root()) + u"/copy"_s;
    QCOMPARE(support::copyOrganisation(*m_organisation, copy, name), QString());
    QCOMPARE(support::violations({folders.data()}, copy, folders.snapshot()), QStringList());
}

void TestF46ShutOut::aLinkMayEndAndNothingIsPublished_data()
{
    addWays();
}

void TestF46ShutOut::aLinkMayEndAndNothingIsPublished()
{
    QFETCH(const Way, way);
    QFETCH(const ErrorCode, code);
    const QString name = u"anna%1"_s.arg(int(way));
    const QByteArray token = makePerson(name);
    QVERIFY2(!token.isEmpty(), qPrintable(m_organisation->failure()));
    const QByteArray photo = support::jpegBytes(1 + int(way), PhotoBytes);
    const wire::Question question = faults::questionFor(photo, u"100CANON/IMG_1.JPG"_s, u"IMG_1.JPG"_s);
    const wire::LinkRequest part{{{1, photo.size(), faults::md5Hex(photo)}}};
    transfer::ApiClient api;
    api.setServer(m_organisation->address(), token);
    const auto offer = answered(api.ask(question));
    QVERIFY2(offer, qPrintable(offer.fault.error.detail));
    const QUuid correlation = question.attempt.clientUploadId;
    const auto links = answered(api.links(correlation, offer.value->uploadId, part));
    QVERIFY2(links, qPrintable(links.fault.error.detail));

    QVERIFY2(shutOut(way, name), qPrintable(m_organisation->failure()));
    const ErrorCode refused = refusal(api);
    QCOMPARE(errorName(refused), errorName(code));

    // The store knows of no people: who has the link may end it.
    QCOMPARE(faults::put(links.value->links.first(), photo), 200);
    const auto more = answered(api.links(correlation, offer.value->uploadId, part));
    QVERIFY(!more && more.fault.error.code == code);
    const auto committed = answered(api.commit(offer.value->uploadId, faults::commitOf(question)));
    QVERIFY(!committed && committed.fault.error.code == code);
    QCOMPARE(m_organisation->sql(
                 u"SELECT state FROM server_uploads WHERE upload_id = '%1'"_s.arg(idText(offer.value->uploadId))),
             u"open"_s);
    QCOMPARE(m_organisation->sql(u"SELECT count(*) FROM server_jobs"_s), u"0"_s);
    QCOMPARE(m_organisation->sql(u"SELECT count(*) FROM server_objects WHERE sha256 = '%1'"_s.arg(question.sha256)),
             u"0"_s);
    QCOMPARE(objects(question.sha256), 0);

    // A day later: the first round of a server's sweep is at its start.
    const QString upload = idText(offer.value->uploadId);
    const QByteArrayList left = incoming();
    QVERIFY2(left.size() == 1 && left.first().contains(upload.toLatin1()), left.join(' ').constData());
    QVERIFY2(m_organisation->tell(u"UPDATE server_uploads SET touched_ms = touched_ms - 86460000 WHERE upload_id = '%1'"_s.arg(upload)),
             qPrintable(m_organisation->failure()));
    QCOMPARE(m_organisation->stopServer(0), 0);
    QVERIFY2(m_organisation->restartServer(0), qPrintable(m_organisation->failure()));
    QTRY_COMPARE_WITH_TIMEOUT(incoming(), QByteArrayList(), 30'000);
    QCOMPARE(m_organisation->sql(u"SELECT state FROM server_uploads WHERE upload_id = '%1'"_s.arg(upload)), u"swept"_s);
    QVERIFY2(!letIn(way, name).isEmpty(), qPrintable(m_organisation->failure())); // the others of the account, too
}

QTEST_GUILESS_MAIN(TestF46ShutOut)
#include "tst_f46_shutout.moc"
