#include "app/server/objects/s3/bucketcheck.h"
#include "tests/server/s3storerig.h"
#include "tests/server/storeprogram.h"
#include "tests/support/faultproxy.h"

#include <QTest>

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

QByteArray ruleOf(const QByteArray &prefix, const QByteArray &status, const QByteArray &days)
{
    return "<LifecycleConfiguration><Rule><ID>a</ID><Filter><Prefix>" + prefix + "</Prefix></Filter><Status>" + status + "</Status><Expiration><Days>" + days
        + "</Days></Expiration><AbortIncompleteMultipartUpload><DaysAfterInitiation>" + days
        + "</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule></LifecycleConfiguration>";
}

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
    const QString copies = u"a policy that denies copies into incoming/ (s3:x-amz-copy-source)"_s;
    const QString access = u"a block of public access (IgnorePublicAcls); a block of public access (BlockPublicPolicy); "
                           "a block of public access (RestrictPublicBuckets)"_s;
    const QString leftovers = u"a rule that removes what lies below incoming/ after a day (lifecycle, Expiration); "
                              "a rule that ends unfinished uploads below incoming/ after a day (lifecycle, AbortIncompleteMultipartUpload)"_s;
    const auto policy = [](const QByteArray &before, const QByteArray &after) { return policyOf(QByteArray(NoCopies).replace(before, after)); };
    QTest::newRow("no policy") << QByteArray("policy") << QByteArray() << copies;
    QTest::newRow("copies are denied elsewhere") << QByteArray("policy") << policy("/incoming/*", "/other/*") << copies;
    QTest::newRow("copies are denied to one person") << QByteArray("policy") << policy(json("'Principal':'*'"), json("'Principal':{'AWS':'arn:aws:iam:::user/anna'}")) << copies;
    QTest::newRow("some copies are denied") << QByteArray("policy") << policy(json("source':'*'"), json("source':'other/*'")) << copies;
    QTest::newRow("all but copies is denied") << QByteArray("policy") << policy("StringLike", "StringNotLike") << copies;
    QTest::newRow("something else is denied") << QByteArray("policy") << policy("PutObject", "DeleteObject") << copies;
    QTest::newRow("no block of public access") << QByteArray("publicAccessBlock") << QByteArray() << access;
    QTest::newRow("public policies are allowed") << QByteArray("publicAccessBlock") << blockOf("false") << u"a block of public access (BlockPublicPolicy)"_s;
    QTest::newRow("no rules") << QByteArray("lifecycle") << QByteArray() << leftovers;
    QTest::newRow("rules that are switched off") << QByteArray("lifecycle") << ruleOf("incoming/", "Disabled", "1") << leftovers;
    QTest::newRow("rules for a month later") << QByteArray("lifecycle") << ruleOf("incoming/", "Enabled", "30") << leftovers;
    QTest::newRow("rules for something else") << QByteArray("lifecycle") << ruleOf("other/", "Enabled", "1") << leftovers;
    QTest::newRow("rules of somebody else's") << QByteArray("lifecycle") << ruleOf("incoming/", "Enabled", "1") << QString();
}

void TestBucketCheck::whatIsMissingIsNamed()
{
    QFETCH(const QByteArray, what);
    QFETCH(const QByteArray, instead);
    QFETCH(const QString, missing);
    const int status = instead.isEmpty()
        ? m_rig.status("DELETE", {}, {}, {}, {{what, ""}})
        : m_rig.status("PUT", {}, instead, {{"content-md5", QCryptographicHash::hash(instead, QCryptographicHash::Md5).toBase64()}}, {{what, ""}});
    QCOMPARE(status / 100, 2);

    const Result<> proven = m_rig.store()->probe();

    QCOMPARE(proven ? QString() : proven.error().detail,
             missing.isEmpty() ? QString() : QString(u"the bucket is not set up, \"photolift-server store prepare\" does it; missing: "_s + missing));
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
}

QTEST_GUILESS_MAIN(TestBucketCheck)
#include "tst_bucketcheck.moc"
