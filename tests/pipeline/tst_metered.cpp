#include "tests/pipeline/enginerig.h"
#include "tests/support/twonetworks.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using pipeline::EngineRig;
using support::TwoNetworks;
using Hold = pipeline::QueueState::Hold;

/// A network that costs by the byte pauses what goes to a server elsewhere, with its reason, until it is another one or somebody says
/// "upload anyway".
class TestMetered final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_networks = std::make_unique<TwoNetworks>();
        QVERIFY(m_networks->start() && m_networks->use(u"phone"_s, true));
        m_rig = std::make_unique<EngineRig>();
        QVERIFY(m_rig->startServer());
        m_rig->photo(u"a.jpg"_s, 1);
        m_rig->photo(u"b.jpg"_s, 2);
        m_rig->useNetwork(m_networks->busAddress());
    }
    void cleanup()
    {
        m_rig.reset();
        m_networks.reset();
    }

    void goesOnByItselfInANetworkThatIsNot()
    {
        pauseOnThePhone();

        QVERIFY(m_networks->use(u"hotel"_s, false));

        QTRY_COMPARE_WITH_TIMEOUT(m_rig->state(u"a.jpg"_s), ItemState::Succeeded, 20000);
        QTRY_COMPARE(m_rig->queueState().hold, Hold::None);
    }

    void uploadAnywayIsSaidOfOneConnectionOnly()
    {
        pauseOnThePhone();
        m_rig->engine().resumeAll();
        QTRY_COMPARE_WITH_TIMEOUT(m_rig->state(u"a.jpg"_s), ItemState::Succeeded, 20000);
        QTRY_COMPARE(m_rig->queueState().hold, Hold::None);

        QVERIFY(m_networks->use(u"hotel"_s, true));
        QTRY_COMPARE(m_rig->queueState().hold, Hold::Metered);
        m_rig->drop({u"b.jpg"_s});
        QTRY_COMPARE(m_rig->state(u"b.jpg"_s), ItemState::Queued);

        QVERIFY(m_networks->use(u"phone"_s, true));

        QTRY_COMPARE_WITH_TIMEOUT(m_rig->state(u"b.jpg"_s), ItemState::Succeeded, 20000);
    }

    void whatAPersonPausedStaysPausedInAnyNetwork()
    {
        pauseOnThePhone();
        m_rig->engine().pauseAll();
        QTRY_COMPARE(m_rig->queueState().hold, Hold::PausedByYou);

        m_rig->engine().resumeAll();
        QTRY_COMPARE(m_rig->queueState().hold, Hold::Metered);
        QCOMPARE(m_rig->questions(), 0);
    }

    void whoMindsNoMeterIsNotPaused()
    {
        m_rig->useNetwork(m_networks->busAddress(), false);
        m_rig->startEngine();
        QTRY_VERIFY(m_rig->isMetered());

        m_rig->drop({u"a.jpg"_s});

        QTRY_COMPARE_WITH_TIMEOUT(m_rig->state(u"a.jpg"_s), ItemState::Succeeded, 20000);
        QVERIFY(std::none_of(m_rig->queueStates().begin(), m_rig->queueStates().end(),
                             [](const pipeline::QueueState &state) { return state.hold == Hold::Metered; }));
    }

private:
    void pauseOnThePhone()
    {
        m_rig->startEngine();
        QTRY_COMPARE(m_rig->queueState().hold, Hold::Metered);
        QTRY_VERIFY(m_rig->queueState().isServerReachable);
        m_rig->drop({u"a.jpg"_s});
        QTRY_COMPARE(m_rig->state(u"a.jpg"_s), ItemState::Queued);
        QTRY_COMPARE(m_rig->queueState().waiting, 1);
        QCOMPARE(m_rig->questions(), 0);
    }

    std::unique_ptr<TwoNetworks> m_networks;
    std::unique_ptr<EngineRig> m_rig;
};

QTEST_GUILESS_MAIN(TestMetered)
#include "tst_metered.moc"
