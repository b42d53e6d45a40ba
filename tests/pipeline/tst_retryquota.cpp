#include "models/pipeline/retryquota.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift::pipeline;

/// Extra requests: a few are free, then a tenth of what the minute had, never more.
class TestRetryQuota : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aFewAreFree()
    {
        RetryQuota quota(3);
        for (int i = 0; i < 3; ++i)
            QCOMPARE(quota.reserveAt(u"host"_s, 250, 0), 250);
        QVERIFY(quota.reserveAt(u"host"_s, 250, 0) > 250);
    }

    void aTenthOfTheMinuteIsAllowed()
    {
        RetryQuota quota(3);
        quota.noteRequestsAt(u"host"_s, 100, 0);
        for (int i = 0; i < 10; ++i)
            QCOMPARE(quota.reserveAt(u"host"_s, 0, 1000), 0);
        QCOMPARE(quota.reserveAt(u"host"_s, 0, 1000), 60'000);
    }

    void noMinuteHoldsMoreThanItsShare()
    {
        RetryQuota quota(5);
        QList<qint64> sent;
        for (qint64 now = 0; now < 10 * 60'000; now += 700) // a storm: far more than a tenth fails
            sent.append(now + quota.reserveAt(u"host"_s, now % 500, now));
        std::sort(sent.begin(), sent.end());
        for (qsizetype i = 5; i < sent.size(); ++i)
            QVERIFY2(sent[i] - sent[i - 5] >= 60'000, qPrintable(QString::number(i)));
    }

    void anOldMinuteCountsNoMore()
    {
        RetryQuota quota(1);
        quota.noteRequestsAt(u"host"_s, 1000, 0);
        QCOMPARE(quota.reserveAt(u"host"_s, 0, 61'000), 0);
        QVERIFY(quota.reserveAt(u"host"_s, 0, 61'000) > 0);
    }

    void hostsDoNotShare()
    {
        RetryQuota quota(1);
        QCOMPARE(quota.reserveAt(u"api"_s, 0, 0), 0);
        QCOMPARE(quota.reserveAt(u"store"_s, 0, 0), 0);
        QVERIFY(quota.reserveAt(u"api"_s, 0, 0) > 0);
    }
};

QTEST_APPLESS_MAIN(TestRetryQuota)
#include "tst_retryquota.moc"
