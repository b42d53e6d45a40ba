#include "tests/server/apitest.h"

#include <QTest>

namespace photolift::test {

void ApiTest::initTestCase()
{
    QVERIFY2(engines.start(), qPrintable(engines.failure()));
}

} // namespace photolift::test
