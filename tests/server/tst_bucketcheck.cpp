#include "app/server/objects/s3/bucketcheck.h"
#include "tests/server/s3storerig.h"
#include "tests/server/storeprogram.h"
#include "tests/support/faultproxy.h"

#include <QTest>

#include <algorithm>
#include <future>

using namespace photolift;
using namespace photolift::server;
using namespace photolift::server::test;
using namespace Qt::StringLiterals;
using photolift::test::StoreProgram;
using support::FaultProxy;

namespace {

/// JSON whose quotes are easier to read here (moc does not get over raw strings).
QByteArray json(QByteArray text)
{
    return text.replace('\'', '"');
}

const QByteArray NoCopies = json("{'Effect':'Deny','Principal':'*','Action':'s3:PutObject','Resource':'arn:aws:s3:::photos/incoming/*',"
                                 "'Condition':{'StringLike':{'s3:x-amz-copy-source':'*'}}}");

QByteArray policyOf(const QByteArray &statements)
{
    return json("{'Version':'2012-10-17','Statement':[") + statements + "]}";
}

/// What ends unfinished uploads, and `more` rules.
QByteArray ruleOf(const QByteArray &prefix, const QByteArray &status, const QByteArray &days, const QByteArray &more = {})
{
    return "<LifecycleConfiguration><Rule><ID>a</ID><Filter><Prefix>" + prefix + "</Prefix></Filter><Status>" + status
        + "</Status><AbortIncompleteMultipartUpload><DaysAfterInitiation>" + days
        + "</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>" + more + "</LifecycleConfiguration>";
}

/// One more rule beside ours, called b.
QByteArray besideOurs(const QByteArray &filter, const QByteArray &what, const QByteArray &status = "Enabled")
{
    return ruleOf("incoming/", "Enabled", "1", "<Rule><ID>b</ID>" + filter + "<Status>" + status + "</Status>" + what + "</Rule>");
}

QByteArray below(const QByteArray &prefix)
{
    return "<Filter><Prefix>" + prefix + "</Prefix></Filter>";
}

const QByteArray AfterAMonth = "<Expiration><Days>30</Days></Expiration>";
const QByteArray OnADay = "<Expiration><Date>2199-01-01T00:00:00Z</Date></Expiration>";
const QByteArray OldVersions = "<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration>";
const QByteArray Markers = "<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>";
const QByteArray ATag = "<Tag><Key>colour</Key><Value>red</Value></Tag>";

QByteArray blockOf(const QByteArray &policies)
{
    return "<PublicAccessBlockConfiguration><BlockPublicAcls>false</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>" + policies
        + "</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>";
}

}

/// How the bucket is set up (FAULTS C-13), read back at each start, by `check` and by `store prepare`: on a real RADOS Gateway, whose bucket an
/// administrator has changed.
class TestBucketCheck : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void whatIsMissingIsNamed_data();
    void whatIsMissingIsNamed();
    void checkAndAStartSaySoToo();
    void whatAStoreDoesNotTellIsNotMissed_data();
    void whatAStoreDoesNotTellIsNotMissed();
    void whatIsWrittenElsewhereIsUnderstood_data();
    void whatIsWrittenElsewhereIsUnderstood();
    void rulesThatRemovePhotosAreToldFromOthers_data();
    void rulesThatRemovePhotosAreToldFromOthers();
    void aRegionThatWantsToBeNamedIsNamed_data();
    void aRegionThatWantsToBeNamedIsNamed();

private:
    S3StoreRig m_rig;
    FaultProxy m_proxy;
    StoreProgram m_program;
};

void TestBucketCheck::initTestCase()
{
    QVERIFY2(m_rig.start(), qPrintable(m_rig.failure));
    m_proxy.setUpstream(m_rig.ceph.endpoint());
    m_proxy.keepHost();
}

void TestBucketCheck::whatIsMissingIsNamed_data()
{
    QTest::addColumn<QByteArray>("what");
    QTest::addColumn<QByteArray>("instead"); ///< empty: it is taken away
    QTest::addColumn<QString>("missing");
    QTest::addColumn<QString>("harmful");
    const QString none;
    const QString copies = u"a policy that denies copies into incoming/ (s3:x-amz-copy-source)"_s;
    const QString access = u"a block of public access (IgnorePublicAcls); a block of public access (BlockPublicPolicy); "
                           "a block of public access (RestrictPublicBuckets)"_s;
    const QString leftovers = u"a rule that ends unfinished uploads below incoming/ after a day (lifecycle, AbortIncompleteMultipartUpload)"_s;
    const auto removing = [](const QString &name) { return u"the rule %1 removes whole objects of ours (lifecycle, Expiration)"_s.arg(name); };
    const auto policy = [](const QByteArray &before, const QByteArray &after) { return policyOf(QByteArray(NoCopies).replace(before, after)); };
    QTest::newRow("no policy") << QByteArray("policy") << QByteArray() << copies << none;
    QTest::newRow("copies are denied elsewhere") << QByteArray("policy") << policy("/incoming/*", "/other/*") << copies << none;
    QTest::newRow("copies are denied to one person") << QByteArray("policy") << policy(json("'Principal':'*'"), json("'Principal':{'AWS':'arn:aws:iam:::user/anna'}")) << copies << none;
    QTest::newRow("some copies are denied") << QByteArray("policy") << policy(json("source':'*'"), json("source':'other/*'")) << copies << none;
    QTest::newRow("all but copies is denied") << QByteArray("policy") << policy("StringLike", "StringNotLike") << copies << none;
    QTest::newRow("something else is denied") << QByteArray("policy") << policy("PutObject", "DeleteObject") << copies << none;
    QTest::newRow("no block of public access") << QByteArray("publicAccessBlock") << QByteArray() << access << none;
    QTest::newRow("public policies are allowed") << QByteArray("publicAccessBlock") << blockOf("false") << u"a block of public access (BlockPublicPolicy)"_s << none;
    QTest::newRow("no rules") << QByteArray("lifecycle") << QByteArray() << leftovers << none;
    QTest::newRow("rules that are switched off") << QByteArray("lifecycle") << ruleOf("incoming/", "Disabled", "1") << leftovers << none;
    QTest::newRow("rules for a month later") << QByteArray("lifecycle") << ruleOf("incoming/", "Enabled", "30") << leftovers << none;
    QTest::newRow("rules for something else") << QByteArray("lifecycle") << ruleOf("other/", "Enabled", "1") << leftovers << none;
    QTest::newRow("rules of somebody else's") << QByteArray("lifecycle") << ruleOf("incoming/", "Enabled", "1") << none << none;
    const auto lifecycle = [&none](const char *name, const QByteArray &rules, const QString &harmful) {
        QTest::newRow(name) << QByteArray("lifecycle") << rules << none << harmful;
    };
    lifecycle("as an earlier version prepared it",
              ruleOf("incoming/", "Enabled", "1").replace("<Abort", "<Expiration><Days>1</Days></Expiration><Abort").replace("<ID>a<", "<ID>photolift-incoming<"),
              removing(u"\"photolift-incoming\""_s));
    lifecycle("photos go after a month", besideOurs(below("objects/"), AfterAMonth), removing(u"\"b\""_s));
    lifecycle("some photos go after a month", besideOurs(below("objects/ab/"), AfterAMonth), removing(u"\"b\""_s));
    lifecycle("pictures go on a day", besideOurs(below("derived/"), OnADay), removing(u"\"b\""_s));
    lifecycle("all goes after a month", besideOurs(below(""), AfterAMonth), removing(u"\"b\""_s));
    lifecycle("all that begins so goes", besideOurs(below("in"), AfterAMonth), removing(u"\"b\""_s));
    lifecycle("in the older words", besideOurs("<Prefix>objects/</Prefix>", AfterAMonth), removing(u"\"b\""_s));
    lifecycle("all that bears a tag goes", besideOurs("<Filter>" + ATag + "</Filter>", AfterAMonth), removing(u"\"b\""_s));
    lifecycle("photos that bear a tag go", besideOurs("<Filter><And><Prefix>objects/</Prefix>" + ATag + "</And></Filter>", AfterAMonth), removing(u"\"b\""_s));
    lifecycle("two of them", besideOurs(below("objects/"), AfterAMonth + "</Rule><Rule><ID>c</ID>" + below("derived/") + "<Status>Enabled</Status>" + OnADay),
              removing(u"\"b\""_s) + u"; "_s + removing(u"\"c\""_s));
    lifecycle("what is not ours goes", besideOurs(below("backup/"), AfterAMonth), none);
    lifecycle("what is called almost like ours goes", besideOurs(below("objects2/"), AfterAMonth), none);
    lifecycle("photos would go, were it switched on", besideOurs(below("objects/"), AfterAMonth, "Disabled"), none);
    lifecycle("old versions go", besideOurs(below("objects/"), OldVersions), none);
    QTest::newRow("photos go, and nothing else is done") << QByteArray("lifecycle") << ruleOf("objects/", "Enabled", "1").replace("<Abort", QByteArray(AfterAMonth + "<Abort")) << leftovers
                                                         << removing(u"\"a\""_s);
}

void TestBucketCheck::whatIsMissingIsNamed()
{
    QFETCH(const QByteArray, what);
    QFETCH(const QByteArray, instead);
    QFETCH(const QString, missing);
    QFETCH(const QString, harmful);
    const int status = instead.isEmpty()
        ? m_rig.status("DELETE", {}, {}, {}, {{what, ""}})
        : m_rig.status("PUT", {}, instead, {{"content-md5", QCryptographicHash::hash(instead, QCryptographicHash::Md5).toBase64()}}, {{what, ""}});
    QCOMPARE(status / 100, 2);

    const Result<> proven = m_rig.store()->probe();

    QCOMPARE(proven ? QString() : proven.error().detail,
             missing.isEmpty() && harmful.isEmpty() ? QString()
                                                    : QString(u"the bucket is not set up, \"photolift-server store prepare\" does it"_s
                                                              % (missing.isEmpty() ? QString() : u"; missing: "_s) % missing
                                                              % (harmful.isEmpty() ? QString() : u"; harmful: "_s) % harmful));
    QVERIFY(proven || proven.error().code == ErrorCode::StorageNotReady);
    const Result<> prepared = prepareBucket(m_rig.account());
    QVERIFY2(prepared, prepared ? "" : qPrintable(prepared.error().detail));
    QVERIFY(m_rig.store()->probe());
}

void TestBucketCheck::checkAndAStartSaySoToo()
{
    QCOMPARE(m_rig.status("DELETE", {}, {}, {}, {{"policy", ""}}) / 100, 2);
    for (const QStringList &words : {QStringList{u"check"_s}, QStringList()}) {
        const StoreProgram::Said said = m_program.run(m_rig.ceph.endpoint(), words);
        QCOMPARE(said.exitCode, 1);
        QVERIFY2(said.complaints.contains("denies copies into incoming/"), said.complaints.constData());
    }

    const StoreProgram::Said prepared = m_program.run(m_rig.ceph.endpoint(), {u"store"_s, u"prepare"_s});
    QVERIFY2(prepared.exitCode == 0, prepared.complaints.constData());
    const StoreProgram::Said checked = m_program.run(m_rig.ceph.endpoint(), {u"check"_s});
    QVERIFY2(checked.exitCode == 0 && checked.complaints.isEmpty(), checked.complaints.constData());
}

void TestBucketCheck::whatAStoreDoesNotTellIsNotMissed_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("word");
    QTest::addColumn<int>("exitCode");
    QTest::newRow("the key may not read it") << 403 << QByteArray("AccessDenied") << 0;
    QTest::newRow("the store has no such thing") << 501 << QByteArray("NotImplemented") << 0;
    QTest::newRow("the store is in trouble") << 500 << QByteArray("InternalError") << 1;
}

void TestBucketCheck::whatAStoreDoesNotTellIsNotMissed()
{
    QFETCH(const int, status);
    QFETCH(const QByteArray, word);
    QFETCH(const int, exitCode);
    m_proxy.clearFaults();
    m_proxy.add({.method = "GET", .pathPart = "lifecycle=", .answerAtOnce = FaultProxy::answer(status, "application/xml", "<Error><Code>" + word + "</Code></Error>")});

    const StoreProgram::Said said = m_program.run(m_proxy.url({}), {u"check"_s});

    QVERIFY2(said.exitCode == exitCode, said.complaints.constData());
    QCOMPARE(said.complaints.contains(QByteArray("the store does not tell the lifecycle of the bucket: " + QByteArray::number(status))), exitCode == 0);
}

void TestBucketCheck::whatIsWrittenElsewhereIsUnderstood_data()
{
    QTest::addColumn<QByteArray>("policy");
    QTest::addColumn<QString>("missing");
    S3Account elsewhere;
    elsewhere.endpoint = QUrl(u"https://s3.example.org"_s);
    elsewhere.bucket = "photos";
    const QByteArray tls = json("{'Effect':'Deny','Principal':{'AWS':'*'},'Action':['s3:*'],'Resource':['arn:aws:s3:::photos','arn:aws:s3:::photos/*'],"
                                "'Condition':{'Bool':{'aws:SecureTransport':false}}}");
    const auto other = [&tls](const char *before, const char *after) { return policyOf(NoCopies + ',' + QByteArray(tls).replace(json(before), json(after))); };
    const QString noTls = u"a policy that denies connections without TLS (aws:SecureTransport)"_s;
    QTest::newRow("our own") << bucketPolicy(elsewhere) << QString();
    QTest::newRow("the same in other words") << policyOf(NoCopies + ',' + tls) << QString();
    QTest::newRow("one statement that is no list") << QByteArray(json("{'Statement':") + NoCopies + '}') << noTls;
    QTest::newRow("without TLS for some addresses") << other("'Bool':", "'IpAddress':{'aws:SourceIp':'10.0.0.0/8'},'Bool':") << noTls;
    QTest::newRow("without TLS for some people") << other("'AWS':'*'", "'AWS':'anna'") << noTls;
    QTest::newRow("without TLS for the list alone") << other(",'arn:aws:s3:::photos/*'", "") << noTls;
}

/// No bucket of a store in the network is at hand here: what it would say.
void TestBucketCheck::whatIsWrittenElsewhereIsUnderstood()
{
    QFETCH(const QByteArray, policy);
    QFETCH(const QString, missing);
    S3Account elsewhere;
    elsewhere.endpoint = QUrl(u"https://s3.example.org"_s);
    elsewhere.bucket = "photos";

    QCOMPARE(missingFrom({policy, blockOf("true"), ruleOf("incoming/", "Enabled", "1")}, elsewhere).join(u"; "_s), missing);
    QVERIFY(missingFrom({std::nullopt, std::nullopt, std::nullopt}, elsewhere).isEmpty());
    QVERIFY(!missingFrom({policy, blockOf("true"), QByteArray("<Rule>")}, elsewhere).isEmpty());
    QVERIFY(!missingFrom({policy, blockOf("true"), ruleOf("incoming/", "Enabled", "1").chopped(1)}, elsewhere).isEmpty()); // who knows what comes behind it
}

void TestBucketCheck::rulesThatRemovePhotosAreToldFromOthers_data()
{
    QTest::addColumn<QByteArray>("lifecycle");
    QTest::addColumn<QString>("rules");
    const QByteArray name = "<ID>b</ID>";
    QTest::newRow("by their size") << besideOurs("<Filter><ObjectSizeGreaterThan>500</ObjectSizeGreaterThan></Filter>", AfterAMonth) << u"\"b\""_s;
    QTest::newRow("without a filter") << besideOurs({}, AfterAMonth) << u"\"b\""_s;
    QTest::newRow("with an empty filter") << besideOurs("<Filter/>", AfterAMonth) << u"\"b\""_s;
    QTest::newRow("without a status") << besideOurs(below("objects/"), AfterAMonth, {}) << u"\"b\""_s;
    QTest::newRow("without a name") << besideOurs(below("objects/"), AfterAMonth).replace(name, {}) << u"without a name"_s;
    QTest::newRow("with a name that is no line") << besideOurs(below("objects/"), AfterAMonth).replace(name, "<ID>b\n{}&#x202e;</ID>") << u"\"b {}?\""_s;
    QTest::newRow("markers of what is gone") << besideOurs(below("objects/"), Markers) << QString();
    QTest::newRow("none at all") << QByteArray() << QString();
}

/// What the gateway here does not keep, or says in other words.
void TestBucketCheck::rulesThatRemovePhotosAreToldFromOthers()
{
    QFETCH(const QByteArray, lifecycle);
    QFETCH(const QString, rules);

    const QString said = harmfulIn({std::nullopt, std::nullopt, lifecycle}).join(u"; "_s);

    QCOMPARE(said, rules.isEmpty() ? QString() : QString(u"the rule "_s % rules % u" removes whole objects of ours (lifecycle, Expiration)"_s));
    QVERIFY(harmfulIn({}).isEmpty());
}

void TestBucketCheck::aRegionThatWantsToBeNamedIsNamed_data()
{
    QTest::addColumn<bool>("wantsIt");
    QTest::addColumn<QByteArray>("bucket");
    QTest::addColumn<QByteArrayList>("bodies");
    const QByteArray named = "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LocationConstraint>" + support::CephGateway::region()
        + "</LocationConstraint></CreateBucketConfiguration>";
    QTest::newRow("one that wants it") << true << QByteArray("elsewhere") << QByteArrayList{{}, named};
    QTest::newRow("one that does not") << false << QByteArray("here") << QByteArrayList{QByteArray()};
}

/// AWS in every region but us-east-1: a proxy says its words, and the real gateway, whose only place is called as our region, makes the bucket.
void TestBucketCheck::aRegionThatWantsToBeNamedIsNamed()
{
    QFETCH(const bool, wantsIt);
    QFETCH(const QByteArray, bucket);
    QFETCH(const QByteArrayList, bodies);
    m_proxy.clearFaults();
    const QByteArray path = '/' + bucket + "/?X-Amz-";
    if (wantsIt) {
        m_proxy.add({.method = "PUT",
                     .pathPart = path,
                     .meets = [](const support::SeenRequest &request) { return request.headers.value("content-length").toInt() == 0; },
                     .times = -1,
                     .answerAtOnce = FaultProxy::answer(400, "application/xml", "<Error><Code>IllegalLocationConstraintException</Code></Error>")});
    }
    S3Account account = m_rig.account();
    account.endpoint = m_proxy.url({});
    account.bucket = bucket;

    std::future<Result<>> preparing = std::async(std::launch::async, [&account] { return prepareBucket(account); });
    QVERIFY(QTest::qWaitFor([&] { return preparing.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }, 60'000));
    const Result<> prepared = preparing.get();

    QVERIFY2(prepared, prepared ? "" : qPrintable(prepared.error().detail));
    QByteArrayList sent;
    for (const support::SeenRequest &request : m_proxy.requests()) {
        const bool isSetting = std::ranges::any_of(QByteArrayList{"publicAccessBlock=", "policy=", "lifecycle="},
                                                   [&request](const QByteArray &word) { return request.target.contains(word); });
        if (request.method == "PUT" && request.target.startsWith(path) && !isSetting)
            sent.append(request.body);
    }
    QCOMPARE(sent, bodies);
    account.endpoint = m_rig.ceph.endpoint();
    S3Client client(account);
    const Result<> kept = checkBucket(client);
    QVERIFY2(kept, kept ? "" : qPrintable(kept.error().detail));
}

QTEST_GUILESS_MAIN(TestBucketCheck)
#include "tst_bucketcheck.moc"
