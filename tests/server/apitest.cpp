#include "tests/server/apitest.h"

#include <QTest>

namespace photolift::test {

void ApiTest::initTestCase()
{
    QVERIFY2(engines.start(), qPrintable(engines.failure()));
}

wire::Offer ApiTest::committed(const Photo &photo)
{
    const wire::Offer offer = rig->ask(photo);
    rig->put(offer, photo);
    if (rig->commit(offer.uploadId, photo).status != 202)
        qFatal("the commit was refused");
    return offer;
}

} // namespace photolift::test
