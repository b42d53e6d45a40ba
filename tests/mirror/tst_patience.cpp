#include "models/mirror/patience.h"

#include <QTest>

using namespace photolift;
using mirror::Patience;

/// The retry policies of FAULTS 2, for the outbox.
class tst_Patience final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void quickPolicyDoublesAndThenGoesOnSlowly();
    void longPolicyEndsInTenMinutePauses();
    void jitterIsFull();
    void serverDecides_data();
    void serverDecides();
    void refusedWaitsLong();
    void refusedTokenIsTriedOnceMoreAndThenRarely();
    void successForgets();
};

namespace {
constexpr double Almost = 0.999999;
bool isNear(qint64 value, qint64 expected) { return std::abs(value - expected) <= 2; }
}

void tst_Patience::quickPolicyDoublesAndThenGoesOnSlowly()
{
    Patience patience;
    for (const qint64 expected : {250, 500, 1000, 2000, 4000})
        QVERIFY(isNear(patience.afterFailure(ErrorCode::TransferConnectionLost, {}, Almost), expected));
    QVERIFY(isNear(patience.afterFailure(ErrorCode::TransferConnectionLost, {}, Almost), 2000));
    QVERIFY(isNear(patience.afterFailure(ErrorCode::TransferConnectionLost, {}, Almost), 4000));
}

void tst_Patience::longPolicyEndsInTenMinutePauses()
{
    Patience patience;
    qint64 waited = 0;
    int tries = 0;
    while (waited < 15 * 60000) {
        const qint64 pause = patience.afterFailure(ErrorCode::NetworkConnectFailed, {}, Almost);
        QVERIFY(pause <= 60000);
        waited += pause;
        QVERIFY(++tries < 100);
    }

    QCOMPARE(patience.afterFailure(ErrorCode::NetworkConnectFailed, {}, 0.5), 600000);
}

void tst_Patience::jitterIsFull()
{
    Patience patience;
    QCOMPARE(patience.afterFailure(ErrorCode::NetworkConnectFailed, {}, 0.0), 0);
    QVERIFY(isNear(patience.afterFailure(ErrorCode::NetworkConnectFailed, {}, 0.5), 2000));
}

void tst_Patience::serverDecides_data()
{
    QTest::addColumn<qint64>("retryAfterMs");
    QTest::addColumn<qint64>("least");
    QTest::addColumn<qint64>("most");
    QTest::newRow("as asked, plus up to 20 %") << qint64(10000) << qint64(10000) << qint64(12000);
    QTest::newRow("at least a second") << qint64(0) << qint64(1000) << qint64(1200);
    QTest::newRow("at most 15 min") << qint64(86400000) << qint64(900000) << qint64(1080000);
}

void tst_Patience::serverDecides()
{
    QFETCH(qint64, retryAfterMs);
    QFETCH(qint64, least);
    QFETCH(qint64, most);
    Patience patience;
    QCOMPARE(patience.afterFailure(ErrorCode::ApiRateLimited, retryAfterMs, 0.0), least);
    QVERIFY(isNear(patience.afterFailure(ErrorCode::ApiRateLimited, retryAfterMs, Almost), most));
}

void tst_Patience::refusedWaitsLong()
{
    Patience patience;
    QCOMPARE(patience.afterFailure(ErrorCode::ApiRequestRefused, {}, 0.1), 600000);
}

void tst_Patience::refusedTokenIsTriedOnceMoreAndThenRarely()
{
    Patience patience;
    QCOMPARE(patience.afterFailure(ErrorCode::ApiTokenExpired, {}, 0.5), 0);
    QCOMPARE(patience.afterFailure(ErrorCode::ApiTokenExpired, {}, 0.5), 60000);
    QCOMPARE(patience.afterFailure(ErrorCode::ApiTokenExpired, {}, 0.5), 60000);
}

void tst_Patience::successForgets()
{
    Patience patience;
    patience.afterFailure(ErrorCode::TransferConnectionLost, {}, Almost);
    patience.afterFailure(ErrorCode::TransferConnectionLost, {}, Almost);
    patience.reset();
    QVERIFY(isNear(patience.afterFailure(ErrorCode::TransferConnectionLost, {}, Almost), 250));
}

QTEST_APPLESS_MAIN(tst_Patience)
#include "tst_patience.moc"
