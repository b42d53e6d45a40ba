#include "models/mirror/batch.h"
#include "models/mirror/mirror.h"
#include "models/transfer/apiclient.h"
#include "tests/mirror/fakeoutbox.h"
#include "tests/support/faultproxy.h"

#include <QJsonDocument>
#include <QSignalSpy>
#include <QTest>
#include <QTimer>

using namespace Qt::StringLiterals;
using namespace photolift;
using namespace photolift::support;
using namespace photolift::tests;

/// The mirror with a real client, a scripted server that applies each event once, and an outbox in memory.
class tst_Mirror final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void emptyOutboxIsDrainedWithoutARequest();
    void everyEventArrivesInOrder();
    void aBatchHoldsAtMostAThousandEventsAndAMegabyte();
    void neverMoreThanOneRequestIsUnderWay();
    void lostAnswerRepeatsTheSameBatch();
    void recordedLaterIsSentAfterAWake();
    void wakeDoesNotCutAPauseShort();
    void serverIsBackEndsAPause();
    void aServerThatAsksForAMomentHoldsNothingUp();
    void eventsSetAsideAreNotSentAgain();
    void refusedBatchIsHalved();
    void refusedRowHoldsUpNobody();
    void batchDamagedOnItsWayArrivesInHalves();
    void whoRefusesEverythingIsAskedRarely();
    void answerThatDoesNotAddUpIsNoAcknowledgement();
    void failedMarkingSendsAgainAndCountsOnce();
    void whatIsNotSafeIsNotedBeforeItsEventsCountAsSent();
    void anotherEpochSendsADayAgain();
    void aDatabaseMadeAnewIsToldEverything();
    void theFirstServerIsNoChange();

private:
    QByteArray onEvents(const SeenRequest &request);

    std::unique_ptr<FaultProxy> m_server;
    std::unique_ptr<transfer::ApiClient> m_api;
    std::unique_ptr<FakeOutbox> m_outbox;
    std::unique_ptr<mirror::Mirror> m_mirror;
    QList<QByteArray> m_applied;
    QList<QByteArray> m_keys;
    QByteArray m_poison;   ///< a batch that holds this is refused as a whole
    QByteArray m_unreadable; ///< an event that holds this is set aside
    QList<QUuid> m_notSafe; ///< what each answer says of attempts
    int m_damaged = 0;     ///< so many batches cannot be unpacked where they arrive; -1: all
    int m_forgotten = 0;   ///< so many answers leave one event out
};

void tst_Mirror::init()
{
    m_applied.clear();
    m_keys.clear();
    m_poison.clear();
    m_unreadable.clear();
    m_notSafe.clear();
    m_damaged = 0;
    m_forgotten = 0;
    m_server = std::make_unique<FaultProxy>();
    m_server->setResponder([this](const SeenRequest &request) { return onEvents(request); });
    m_api = std::make_unique<transfer::ApiClient>();
    m_api->setServer(m_server->url(), "secret");
    m_outbox = std::make_unique<FakeOutbox>();
    m_mirror = std::make_unique<mirror::Mirror>(*m_outbox, *m_api);
}

void tst_Mirror::cleanup()
{
    m_mirror.reset();
    m_outbox.reset();
    m_api.reset();
    m_server.reset();
}

QByteArray tst_Mirror::onEvents(const SeenRequest &request)
{
    const QByteArray body = gunzipped(request.body);
    m_keys.append(request.headers.value("idempotency-key"));
    const bool isDamaged = m_damaged != 0;
    if (m_damaged > 0)
        --m_damaged;
    if (isDamaged || (!m_poison.isEmpty() && body.contains(m_poison)))
        return FaultProxy::ourAnswer(400, QJsonDocument(wire::toJson(wire::Problem{400, ErrorCode::ApiRequestRefused, u"r"_s, {}})).toJson());
    wire::EventsAnswer answer;
    int index = 0;
    for (const QByteArray &line : body.split('\n')) {
        if (line.isEmpty())
            continue;
        if (!m_unreadable.isEmpty() && line.contains(m_unreadable)) {
            answer.setAside.append(index);
        } else if (m_applied.contains(line)) {
            ++answer.repeated;
        } else {
            m_applied.append(line);
            ++answer.applied;
        }
        ++index;
    }
    if (m_forgotten-- > 0)
        --answer.applied;
    answer.notSafe = m_notSafe;
    return FaultProxy::ourAnswer(200, QJsonDocument(wire::toJson(answer)).toJson(QJsonDocument::Compact));
}

void tst_Mirror::emptyOutboxIsDrainedWithoutARequest()
{
    QSignalSpy drained(m_mirror.get(), &mirror::Mirror::drained);

    m_mirror->start();

    QVERIFY(drained.wait());
    QCOMPARE(m_server->requests().size(), 0);
}

void tst_Mirror::everyEventArrivesInOrder()
{
    m_outbox->add(2500);
    QSignalSpy drained(m_mirror.get(), &mirror::Mirror::drained);

    m_mirror->start();

    QVERIFY(drained.wait());
    QCOMPARE(m_outbox->waiting(), 0);
    QCOMPARE(m_applied.size(), 2500);
    for (qsizetype i = 0; i < m_applied.size(); ++i)
        QCOMPARE(m_applied[i], m_outbox->rows[i].json);
    QCOMPARE(m_server->count("POST", "/v1/events"), 3);
    const SeenRequest &request = m_server->requests().first();
    QCOMPARE(request.headers.value("content-encoding"), "gzip");
    QCOMPARE(request.headers.value("content-type"), "application/x-ndjson");
}

void tst_Mirror::aBatchHoldsAtMostAThousandEventsAndAMegabyte()
{
    FakeOutbox small;
    small.add(1500);
    QCOMPARE(mirror::batchOf(small.rows, 1000).sequences.size(), 1000);

    FakeOutbox large;
    large.add(20, 100 * 1024);
    const mirror::Batch batch = mirror::batchOf(large.rows, 1000);
    QCOMPARE(batch.sequences.size(), 10);
    QVERIFY(batch.ndjson.size() <= wire::MaxJsonBytes);

    FakeOutbox huge;
    huge.add(2, 2 * wire::MaxJsonBytes);
    QCOMPARE(mirror::batchOf(huge.rows, 1000).sequences.size(), 1);
}

void tst_Mirror::neverMoreThanOneRequestIsUnderWay()
{
    m_outbox->add(10);
    m_server->add({.isAnswerHeld = true});
    m_mirror->start();
    QTRY_COMPARE(m_server->heldAnswers(), 1);

    for (int i = 0; i < 20; ++i) {
        m_outbox->add(1);
        m_mirror->wake();
    }
    QCoreApplication::processEvents();
    QCOMPARE(m_server->requests().size(), 1);
    m_server->release();

    QTRY_COMPARE(m_outbox->waiting(), 0);
    QCOMPARE(m_server->requests().size(), 2);
}

void tst_Mirror::lostAnswerRepeatsTheSameBatch()
{
    m_outbox->add(5);
    m_server->add({.resetAfterAnswerBytes = 0});

    m_mirror->start();

    QTRY_COMPARE(m_outbox->waiting(), 0);
    QVERIFY(m_keys.size() >= 2);
    QCOMPARE(m_keys.last(), m_keys.first());
    QCOMPARE(m_applied.size(), 5); // nothing counts twice
}

void tst_Mirror::recordedLaterIsSentAfterAWake()
{
    m_outbox->add(1);
    m_mirror->start();
    QTRY_COMPARE(m_outbox->waiting(), 0);

    m_outbox->add(1);
    m_mirror->wake();

    QTRY_COMPARE(m_outbox->waiting(), 0);
    QCOMPARE(m_applied.size(), 2);
}

void tst_Mirror::wakeDoesNotCutAPauseShort()
{
    m_outbox->add(1);
    m_server->add({.answerAtOnce = FaultProxy::answer(200, "text/html", "<h1>Sign in")}); // waits for a condition: a minute
    QSignalSpy seen(m_server.get(), &FaultProxy::requestSeen);
    m_mirror->start();
    QVERIFY(seen.wait());

    QTimer recorder; // commits ten times as often as the real one
    connect(&recorder, &QTimer::timeout, this, [this] { m_mirror->wake(); });
    recorder.start(10);

    QVERIFY(!seen.wait(300));
    QCOMPARE(m_outbox->waiting(), 1);
}

void tst_Mirror::serverIsBackEndsAPause()
{
    m_outbox->add(1);
    m_server->add({.answerAtOnce = FaultProxy::answer(200, "text/html", "<h1>Sign in")});
    QSignalSpy seen(m_server.get(), &FaultProxy::requestSeen);
    m_mirror->start();
    QVERIFY(seen.wait());

    QTRY_VERIFY((m_mirror->serverIsBack(), m_outbox->waiting() == 0));
    QCOMPARE(m_applied.size(), 1);
}

void tst_Mirror::aServerThatAsksForAMomentHoldsNothingUp()
{
    // The end of the program waits for drained() or heldUp(): a server that is busy is waited for, one that is away is not.
    QSignalSpy drained(m_mirror.get(), &mirror::Mirror::drained);
    QSignalSpy heldUp(m_mirror.get(), &mirror::Mirror::heldUp);
    m_outbox->add(1);
    const QByteArray slower = QJsonDocument(wire::toJson(wire::Problem{429, ErrorCode::ApiRateLimited, u"r"_s, {}})).toJson();
    m_server->add({.answerAtOnce = FaultProxy::ourAnswer(429, slower)});
    m_mirror->start();
    QVERIFY(drained.wait());
    QCOMPARE(m_server->count("POST", "/v1/events"), 2);
    QCOMPARE(heldUp.size(), 0);

    m_outbox->add(1);
    m_server->add({.answerAtOnce = FaultProxy::answer(503, "text/html", "<h1>Away")});
    m_mirror->wake();
    QVERIFY(heldUp.wait());
}

void tst_Mirror::eventsSetAsideAreNotSentAgain()
{
    m_outbox->add(3);
    m_unreadable = m_outbox->rows[1].json;
    QSignalSpy drained(m_mirror.get(), &mirror::Mirror::drained);

    m_mirror->start();

    QVERIFY(drained.wait());
    QCOMPARE(m_applied.size(), 2);
    QCOMPARE(m_server->requests().size(), 1);
}

void tst_Mirror::refusedBatchIsHalved()
{
    m_outbox->add(8);
    m_poison = m_outbox->rows[5].json;

    m_mirror->start();

    QTRY_COMPARE(m_applied.size(), 7); // all but the one the server refuses, in order; that one is not thrown away
    QCOMPARE(m_applied[4], m_outbox->rows[4].json);
    QCOMPARE(m_applied.last(), m_outbox->rows[7].json);
    QTRY_COMPARE(m_outbox->waiting(), 1);
}

void tst_Mirror::refusedRowHoldsUpNobody()
{
    m_outbox->add(1);
    m_poison = m_outbox->rows[0].json;
    QSignalSpy heldUp(m_mirror.get(), &mirror::Mirror::heldUp);
    m_mirror->start();
    QVERIFY(heldUp.wait()); // it is not drained, and the end of the program does not wait for it

    m_outbox->add(1);
    m_mirror->wake();

    QTRY_COMPARE(m_applied, QList<QByteArray>{m_outbox->rows[1].json});
    QTRY_COMPARE(m_outbox->waiting(), 1);
}

void tst_Mirror::batchDamagedOnItsWayArrivesInHalves()
{
    m_outbox->add(8);
    m_damaged = 1;
    QSignalSpy drained(m_mirror.get(), &mirror::Mirror::drained);

    m_mirror->start();

    QVERIFY(drained.wait());
    QCOMPARE(m_applied.size(), 8);
    QCOMPARE(m_outbox->waiting(), 0);
    QCOMPARE(m_server->requests().size(), 3);
    QVERIFY(m_keys[0] != m_keys[1]);
}

void tst_Mirror::whoRefusesEverythingIsAskedRarely()
{
    m_outbox->add(40);
    m_damaged = -1;
    QSignalSpy heldUp(m_mirror.get(), &mirror::Mirror::heldUp);

    m_mirror->start();

    QVERIFY(heldUp.wait());
    QCOMPARE(m_server->requests().size(), 15); // 40, 20, 10, 5 and 2 at once, then ten alone
    QVERIFY(!QTest::qWaitFor([this] { return m_server->requests().size() > 15; }, 2500));
    QCOMPARE(m_outbox->waiting(), 40);
    m_damaged = 0;
    m_mirror->serverIsBack();
    QTRY_COMPARE(m_outbox->waiting(), 10); // they come again later
    QCOMPARE(m_applied.size(), 30);
}

void tst_Mirror::answerThatDoesNotAddUpIsNoAcknowledgement()
{
    m_outbox->add(4);
    m_forgotten = 1;

    m_mirror->start();

    QTRY_COMPARE(m_outbox->waiting(), 0);
    QCOMPARE(m_keys.size(), 2); // not after the first try
    QCOMPARE(m_outbox->markings, 1);
}

void tst_Mirror::failedMarkingSendsAgainAndCountsOnce()
{
    m_outbox->add(4);
    m_outbox->markFails = Error{ErrorCode::LocalListBusy, u"locked"_s};

    m_mirror->start();

    QTRY_COMPARE(m_outbox->waiting(), 0);
    QCOMPARE(m_applied.size(), 4);
    QCOMPARE(m_outbox->markings, 2);
}

void tst_Mirror::whatIsNotSafeIsNotedBeforeItsEventsCountAsSent()
{
    m_notSafe = {QUuid::createUuid(), QUuid::createUuid()};
    QList<QList<QUuid>> heard;
    QList<int> waiting;
    mirror::Mirror mirror(*m_outbox, *m_api, [&](const QList<QUuid> &attempts) {
        heard.append(attempts);
        waiting.append(m_outbox->waiting());
        return QtFuture::makeReadyFuture(heard.size() == 1 ? Result<>(Error{ErrorCode::LocalDiskFull, {}}) : Result<>());
    });
    QSignalSpy heldUp(&mirror, &mirror::Mirror::heldUp);
    m_outbox->add(3);

    mirror.start();
    QTRY_COMPARE(heldUp.size(), 1); // it could not be noted
    QCOMPARE(m_outbox->waiting(), 3);
    mirror.serverIsBack();

    QTRY_COMPARE(m_outbox->waiting(), 0);
    QCOMPARE(heard, (QList<QList<QUuid>>{m_notSafe, m_notSafe}));
    QCOMPARE(waiting, (QList<int>{3, 3}));
    QCOMPARE(m_keys.last(), m_keys.first());
    QCOMPARE(m_outbox->markings, 1);
}

void tst_Mirror::anotherEpochSendsADayAgain()
{
    m_outbox->add(3);
    m_mirror->noteEpoch(u"spring"_s);
    m_mirror->start();
    QTRY_COMPARE(m_outbox->waiting(), 0);
    m_applied.clear(); // the server lost its database
    QSignalSpy taken(m_mirror.get(), &mirror::Mirror::epochTaken);

    m_mirror->noteEpoch(u"summer"_s);
    m_mirror->noteEpoch(u"summer"_s);

    QTRY_COMPARE(m_applied.size(), 3);
    QCOMPARE(m_outbox->sendAgains, QList{store::Outbox::Lost::SinceTheCopy});
    QCOMPARE(taken.size(), 1);
    QCOMPARE(taken.first().first().toString(), u"summer"_s);
}

void tst_Mirror::aDatabaseMadeAnewIsToldEverything()
{
    m_mirror->noteEpoch(u"spring"_s);
    m_mirror->start();

    m_mirror->noteEpoch(u"summer"_s, store::Outbox::Lost::Everything);

    QTRY_COMPARE(m_outbox->sendAgains, QList{store::Outbox::Lost::Everything});
}

void tst_Mirror::theFirstServerIsNoChange()
{
    m_mirror->noteEpoch({});
    QSignalSpy taken(m_mirror.get(), &mirror::Mirror::epochTaken);

    m_mirror->noteEpoch(u"spring"_s);

    QCOMPARE(taken.size(), 1);
    QVERIFY(m_outbox->sendAgains.isEmpty());
}

QTEST_GUILESS_MAIN(tst_Mirror)
#include "tst_mirror.moc"
