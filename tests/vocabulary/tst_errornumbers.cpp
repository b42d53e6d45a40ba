#include "models/vocabulary/errornumbers.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;

class TestErrorNumbers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatTheSystemSaidIsNoted_data()
    {
        QTest::addColumn<QString>("detail");
        QTest::addColumn<QJsonObject>("expected");
        QTest::newRow("errno in brackets") << u"pwrite: No space left on device (errno 28)"_s << QJsonObject{{u"os_errno"_s, 28}};
        QTest::newRow("errno and its words") << u"stat: errno 13 (Permission denied)"_s << QJsonObject{{u"os_errno"_s, 13}};
        QTest::newRow("signal") << u"the helper process ended: signal 9"_s << QJsonObject{{u"signal"_s, 9}};
        QTest::newRow("both") << u"signal 11, then errno 5"_s << QJsonObject{{u"os_errno"_s, 5}, {u"signal"_s, 11}};
        QTest::newRow("an ordinary end") << u"the helper process ended: exit 3"_s << QJsonObject();
        QTest::newRow("no number") << u"errno unknown, signal 0, a signal 99999999999 strong"_s << QJsonObject();
        QTest::newRow("nothing") << QString() << QJsonObject();
    }
    void whatTheSystemSaidIsNoted()
    {
        QFETCH(const QString, detail);
        QJsonObject context;

        noteSystemNumbers(context, {ErrorCode::LocalDiskError, detail});

        QTEST(context, "expected");
    }

    void whatIsKnownAlreadyStays()
    {
        QJsonObject context{{u"os_errno"_s, 104}};

        noteSystemNumbers(context, {ErrorCode::TransferConnectionLost, u"errno 32"_s});

        QCOMPARE(context, (QJsonObject{{u"os_errno"_s, 104}}));
    }
};

QTEST_GUILESS_MAIN(TestErrorNumbers)
#include "tst_errornumbers.moc"
