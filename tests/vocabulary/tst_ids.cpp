#include "models/vocabulary/ids.h"

#include <QSet>
#include <QTest>

using namespace photolift;

class TestIds : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aUuid7CarriesItsInstantVersionAndVariant()
    {
        const qint64 instant = 1795219200123;

        const QUuid id = newUuid7(instant);

        QCOMPARE(instantOf(id), instant);
        QCOMPARE(idText(id).at(14), QChar(u'7'));
        QCOMPARE(id.variant(), QUuid::DCE);
        QVERIFY(idText(id) < idText(newUuid7(instant + 1)));
    }

    void idsOfOneMillisecondDiffer()
    {
        QSet<QUuid> ids;
        for (int i = 0; i < 10000; ++i)
            ids.insert(newUuid7(1));
        QCOMPARE(ids.size(), 10000);
    }

    void theDayIsTheUtcDay()
    {
        QCOMPARE(dateKeyOf(0), 19700101);
        QCOMPARE(dateKeyOf(1795219199999), 20261120);
        QCOMPARE(dateKeyOf(1795219200000), 20261121);
    }
};

QTEST_GUILESS_MAIN(TestIds)
#include "tst_ids.moc"
