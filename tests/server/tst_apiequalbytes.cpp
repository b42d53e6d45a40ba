#include "tests/server/apirig.h"

#include "models/vocabulary/ids.h"

#include <QScopeGuard>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::test;

/// Bytes that were committed and are not checked yet travel no second time: a client that has lost its list asks for them as for new ones.
class TestApiEqualBytes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { BothEngines::addTurns(); }
    void initTestCase() { QVERIFY2(engines.start(), qPrintable(engines.failure())); }
    void init()
    {
        rig = engines.rig();
        held = rig->script->held = std::make_shared<std::latch>(1);
    }
    void cleanup()
    {
        if (!held->try_wait())
            held->count_down(); // the rig ends with its worker
        rig.reset();
    }

    void questionWaitsForTheDecision();
    void longerThanAWhileIsUnavailable();
    void refusedBytesAreRefused();
    void ownAttemptIsAnsweredAtOnce();
    void otherAccountsWaitForNobody();

private:
    /// Brings a photo to the worker, which does not decide before the latch opens.
    wire::Offer commitHeld(const Photo &photo);

    BothEngines engines;
    std::unique_ptr<ApiRig> rig;
    std::shared_ptr<std::latch> held;
    const Photo first = photoOf(1, u"DCIM/a.jpg"_s);
    const Photo again = photoOf(1, u"DCIM/a.jpg"_s); ///< another attempt of another item
};

wire::Offer TestApiEqualBytes::commitHeld(const Photo &photo)
{
    const wire::Offer offer = rig->ask(photo);
    rig->put(offer, photo);
    rig->commit(offer.uploadId, photo);
    rig->statusWhen(offer.uploadId, [](const wire::UploadStatus &told) { return told.storedSize.has_value(); });
    return offer;
}

void TestApiEqualBytes::questionWaitsForTheDecision()
{
    rig->start();
    commitHeld(first);

    const auto answer = rig->callLater("POST", "/v1/uploads", jsonBytes(wire::toJson(again.question)));
    const ApiRig::Answer behind = rig->askRaw(photoOf(2)); // other bytes wait for nobody

    QCOMPARE(behind.status, 200);
    QVERIFY(!*answer);
    held->count_down();
    QTRY_VERIFY_WITH_TIMEOUT(*answer, 10000);
    QCOMPARE((*answer)->status, 200);
    QCOMPARE((*answer)->json.value("answer"_L1).toString(), u"duplicate"_s);
    QCOMPARE(rig->store.incoming().size(), 1); // of photo 2
    QCOMPARE(rig->sql(u"SELECT count(*) FROM server_assets"_s), 1);
}

void TestApiEqualBytes::longerThanAWhileIsUnavailable()
{
    rig->options.waitForEqualBytes = std::chrono::milliseconds(20);
    rig->start();
    commitHeld(first);

    const ApiRig::Answer answer = rig->askRaw(again);

    QCOMPARE(answer.status, 503);
    QCOMPARE(answer.code(), u"API_UNAVAILABLE"_s);
    QCOMPARE(rig->sql(u"SELECT count(*) FROM server_uploads"_s), 1); // of the question nothing is kept
    held->count_down();
    QTRY_COMPARE_WITH_TIMEOUT(rig->askRaw(again).json.value("answer"_L1).toString(), u"duplicate"_s, 10000);
}

void TestApiEqualBytes::refusedBytesAreRefused()
{
    rig->script->failures.insert(first.bytes.size(), Error{ErrorCode::ValidationTruncated, {}});
    rig->start();
    commitHeld(first);

    const auto answer = rig->callLater("POST", "/v1/uploads", jsonBytes(wire::toJson(again.question)));
    held->count_down();

    QTRY_VERIFY_WITH_TIMEOUT(*answer, 10000);
    QCOMPARE((*answer)->json.value("refused_with"_L1).toString(), u"VALIDATION_TRUNCATED"_s);
}

void TestApiEqualBytes::ownAttemptIsAnsweredAtOnce()
{
    rig->start();
    const wire::Offer offer = commitHeld(first);

    const wire::Offer repeated = rig->ask(first);

    QVERIFY(repeated.isCommitted);
    QCOMPARE(repeated.uploadId, offer.uploadId);
}

void TestApiEqualBytes::otherAccountsWaitForNobody()
{
    rig->start();
    rig->stop();
    rig->change(u"INSERT INTO server_accounts (account_id, account_name, account_type, created_ms) VALUES ('another', 'another', 'person', 0)"_s);
    rig->change(u"INSERT INTO server_users (user_id, account_id, user_name, role, created_ms)"
                " VALUES ('another', 'another', 'another', 'photographer', 0)"_s);
    rig->start();
    commitHeld(first);
    rig->caller.accountId = u"another"_s;
    rig->caller.userId = u"another"_s;
    wire::Question question = again.question;
    question.project.projectId = question.batch.projectId = question.attempt.projectId = newUuid7();
    question.batch.batchId = question.attempt.batchId = newUuid7();

    const ApiRig::Answer answer = rig->call("POST", "/v1/uploads", jsonBytes(wire::toJson(question)));

    QCOMPARE(answer.status, 200);
    QCOMPARE(answer.json.value("answer"_L1).toString(), u"upload"_s);
}

QTEST_GUILESS_MAIN(TestApiEqualBytes)
#include "tst_apiequalbytes.moc"
