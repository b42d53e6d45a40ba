#include "app/server/api/changebell.h"
#include "tests/support/postgresrun.h"

#include <QSet>
#include <QTest>

#include <atomic>
#include <mutex>

using namespace Qt::StringLiterals;
using namespace photolift;
using photolift::server::ChangeBell;

namespace {

/// A bell, and what it was told.
struct Ear {
    explicit Ear(const store::PostgresAddress &address)
        : bell(address, {[this](const QUuid &id) {
                             const std::scoped_lock lock(mutex);
                             ids.insert(id);
                         },
                         [this] { ++missed; }})
    {
    }
    ~Ear() { bell.stop(); }
    QSet<QUuid> heard()
    {
        const std::scoped_lock lock(mutex);
        return ids;
    }

    std::mutex mutex; ///< guards ids
    QSet<QUuid> ids;
    std::atomic<int> missed = 0;
    ChangeBell bell; ///< last: it calls the others
};

} // namespace

/// Servers on one PostgreSQL tell each other what has changed.
class TestChangeBell : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void othersHearIt();
    void manyAtOnceAreAllHeard();
    void anAbsenceIsSaid();
    void whatRangMeanwhileIsHeardAfterwards();

private:
    void untilBothListen(Ear &one, Ear &other);

    support::PostgresRun m_postgres;
    store::PostgresAddress m_address;
};

void TestChangeBell::initTestCase()
{
    QVERIFY2(m_postgres.start() && m_postgres.makeDatabase(u"bells"_s), qPrintable(m_postgres.failure()));
    m_address.port = m_postgres.port();
    m_address.database = u"bells"_s;
    m_address.user = support::PostgresRun::user();
    m_address.password = m_postgres.password();
    m_address.authorityFile = m_postgres.authorityFile();
}

/// Nobody hears what rang before listening began.
void TestChangeBell::untilBothListen(Ear &one, Ear &other)
{
    const auto ring = [](Ear &from, Ear &to) {
        const QUuid hello = QUuid::createUuid();
        return QTest::qWaitFor([&] {
            from.bell.ring(hello);
            return to.heard().contains(hello);
        }, 10000);
    };
    QVERIFY(ring(one, other));
    QVERIFY(ring(other, one));
}

void TestChangeBell::othersHearIt()
{
    Ear one(m_address);
    Ear other(m_address);
    untilBothListen(one, other);
    const QUuid id = QUuid::createUuid();

    one.bell.ring(id);

    QTRY_VERIFY(other.heard().contains(id));
    QVERIFY(!one.heard().contains(id));
    QCOMPARE(one.missed + other.missed, 0);
}

void TestChangeBell::manyAtOnceAreAllHeard()
{
    Ear one(m_address);
    Ear other(m_address);
    untilBothListen(one, other);
    QSet<QUuid> ids;
    for (int i = 0; i < 5000; ++i)
        ids.insert(QUuid::createUuid());

    for (const QUuid &id : std::as_const(ids))
        one.bell.ring(id);

    QTRY_VERIFY(other.heard().contains(ids));
}

void TestChangeBell::anAbsenceIsSaid()
{
    Ear one(m_address);
    Ear other(m_address);
    untilBothListen(one, other);

    QVERIFY2(m_postgres.restart(), qPrintable(m_postgres.failure()));

    QTRY_VERIFY_WITH_TIMEOUT(one.missed > 0 && other.missed > 0, 20000);
    untilBothListen(one, other);
}

void TestChangeBell::whatRangMeanwhileIsHeardAfterwards()
{
    Ear one(m_address);
    Ear other(m_address);
    untilBothListen(one, other);
    m_postgres.kill();
    const QUuid id = QUuid::createUuid();
    one.bell.ring(id);

    QVERIFY2(m_postgres.start(), qPrintable(m_postgres.failure()));

    // Who came back later than the word was sent is told that anything may have changed.
    QTRY_VERIFY_WITH_TIMEOUT(other.heard().contains(id) || other.missed > 0, 20000);
    untilBothListen(one, other);
}

QTEST_GUILESS_MAIN(TestChangeBell)
#include "tst_changebell.moc"
