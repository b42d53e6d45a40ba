#include "app/server/work/chores.h"
#include "tests/support/postgresrun.h"

#include <QTest>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

using namespace Qt::StringLiterals;
using namespace photolift;
using photolift::server::Chores;

namespace {

/// One process's chores, and how often they were done.
struct Hand {
    Hand(const char *name, std::optional<store::PostgresAddress> postgres)
        : chores({.name = name,
                  .postgres = std::move(postgres),
                  .every = std::chrono::milliseconds(20),
                  .lookEvery = std::chrono::milliseconds(20),
                  .work = [this](const std::stop_token &) { ++rounds; }})
    {
        chores.start();
    }
    ~Hand() { chores.stop(); }

    std::atomic<int> rounds = 0;
    Chores chores; ///< last: it calls the others
};

} // namespace

/// Who does what comes again and again, when several processes could.
class TestChores : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void whoIsAloneDoesThem();
    void oneOfTwoDoesThem();
    void differentOnesAreDoneSideBySide();
    void whoLostTheDatabaseHasLostItsTurn();
    void aRoundIsToldOfTheStop();
    void aLongRoundMakesTheNextNoLater();

private:
    support::PostgresRun m_postgres;
    store::PostgresAddress m_address;
};

void TestChores::initTestCase()
{
    QVERIFY2(m_postgres.start() && m_postgres.makeDatabase(u"chores"_s), qPrintable(m_postgres.failure()));
    m_address.port = m_postgres.port();
    m_address.database = u"chores"_s;
    m_address.user = support::PostgresRun::user();
    m_address.password = m_postgres.password();
    m_address.authorityFile = m_postgres.authorityFile();
}

void TestChores::whoIsAloneDoesThem()
{
    Hand only("sweep", {});
    QTRY_VERIFY_WITH_TIMEOUT(only.rounds > 2, 30'000);
}

void TestChores::oneOfTwoDoesThem()
{
    auto first = std::make_unique<Hand>("sweep", m_address);
    QTRY_VERIFY_WITH_TIMEOUT(first->rounds > 0, 30'000);
    Hand second("sweep", m_address);
    QTRY_VERIFY_WITH_TIMEOUT(first->rounds > 10, 30'000);
    QCOMPARE(second.rounds, 0);

    first.reset();

    QTRY_VERIFY_WITH_TIMEOUT(second.rounds > 0, 30'000);
}

void TestChores::differentOnesAreDoneSideBySide()
{
    Hand sweep("sweep", m_address);
    Hand months("months", m_address);
    QTRY_VERIFY_WITH_TIMEOUT(sweep.rounds > 0 && months.rounds > 0, 30'000);
}

void TestChores::whoLostTheDatabaseHasLostItsTurn()
{
    Hand first("sweep", m_address);
    Hand second("sweep", m_address);
    QTRY_VERIFY_WITH_TIMEOUT(first.chores.isOurTurn() || second.chores.isOurTurn(), 30'000);

    m_postgres.kill();
    QTRY_VERIFY_WITH_TIMEOUT(!first.chores.isOurTurn() && !second.chores.isOurTurn(), 30'000);
    QVERIFY2(m_postgres.start(), qPrintable(m_postgres.failure()));

    QTRY_VERIFY_WITH_TIMEOUT(first.chores.isOurTurn() != second.chores.isOurTurn(), 30'000);
}

void TestChores::aRoundIsToldOfTheStop()
{
    std::atomic<bool> hasBegun = false;
    Chores chores({.name = "sweep", .postgres = {}, .work = [&hasBegun](const std::stop_token &stop) {
                       hasBegun = true;
                       while (!stop.stop_requested())
                           std::this_thread::yield();
                   }});
    chores.start();
    QTRY_VERIFY_WITH_TIMEOUT(hasBegun, 30'000);

    chores.tellToStop();

    chores.stop();
    QVERIFY(!chores.isOurTurn());
}

void TestChores::aLongRoundMakesTheNextNoLater()
{
    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::milliseconds Every(400);
    std::mutex mutex;
    QList<Clock::time_point> begun;
    Chores chores({.name = "sweep", .postgres = {}, .every = Every, .lookEvery = std::chrono::milliseconds(5), .work = [&](const std::stop_token &) {
                       const auto begin = Clock::now();
                       {
                           const std::scoped_lock lock(mutex);
                           begun.append(begin);
                       }
                       while (Clock::now() < begin + 2 * Every) // longer than what is between two
                           std::this_thread::yield();
                   }});
    const auto rounds = [&] {
        const std::scoped_lock lock(mutex);
        return begun;
    };

    chores.start();
    QTRY_VERIFY_WITH_TIMEOUT(rounds().size() >= 4, 30'000);
    chores.stop();

    QList<Clock::duration> between;
    for (int i = 1; i < 4; ++i)
        between.append(begun.at(i) - begun.at(i - 1));
    QVERIFY(*std::min_element(between.begin(), between.end()) < 3 * Every); // one behind the other, with no pause
}

QTEST_GUILESS_MAIN(TestChores)
#include "tst_chores.moc"
