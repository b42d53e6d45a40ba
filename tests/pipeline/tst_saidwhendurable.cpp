#include "tests/pipeline/enginerig.h"
#include "tests/support/databaseholder.h"

#include <QRegularExpression>
#include <QSignalSpy>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using pipeline::EngineRig;
using pipeline::QueueState;
using support::DatabaseHolder;
using support::Fault;
using Hold = QueueState::Hold;

/// What a person asked for is said when it is on disk, and holds at once where that is the careful way. Another process keeps the list for
/// itself meanwhile. Whenever something is said, the list is read as a start after a kill in that moment would read it.
class tst_SaidWhenDurable final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aPauseHoldsAtOnceAndIsSaidWhenItIsOnDisk();
    void aResumeIsSaidAndObeyedWhenItIsOnDisk();
    void thePauseOfADropIsSaidWhenItIsOnDisk();
    void aRateLimitIsSaidWhenItIsOnDisk();
    void anUndoIsOfferedWhenTheCancelIsOnDisk_data();
    void anUndoIsOfferedWhenTheCancelIsOnDisk();
    void ofTwoCancelsTheNewerIsOffered();
    void whatCannotBeWrittenIsNeverSaid();
};

namespace
{

QString onDisk(const EngineRig &rig, const QString &setting)
{
    const auto list = store::WorkList::open(rig.database());
    const auto settings = list ? (*list)->settings() : Result<QHash<QString, QString>>(list.error());
    return settings ? settings->value(setting) : u"unreadable"_s;
}

/// How often the engine said something of its queue that was not on disk in that moment.
class Lies
{
public:
    explicit Lies(EngineRig &rig)
    {
        QObject::connect(&rig.engine(), &pipeline::Engine::queueStateChanged, &rig.engine(), [this, &rig](const QueueState &state) {
            const bool isPaused = onDisk(rig, u"paused"_s) == "1"_L1;
            m_count += state.hold == Hold::PausedByYou && !isPaused;
            m_count += state.hold == Hold::None && isPaused && !state.isPauseChanging;
            m_count += state.rateLimit != 0 && state.rateLimit != onDisk(rig, u"rate_limit"_s).toLongLong();
        });
    }
    int count() const { return m_count; }

private:
    int m_count = 0;
};

/// Two photos in the list that wait, because there is no server. Whoever asks for a pause behind other things knows by isPauseChanging
/// that the engine has heard them all.
struct Waiting {
    Waiting()
    {
        rig.proxy().setDown(true);
        rig.photo(u"a.jpg"_s, 1);
        rig.photo(u"b.jpg"_s, 2);
        rig.startEngine();
        drop = rig.drop();
        isMade = QTest::qWaitFor([this] { return rig.state(u"b.jpg"_s) == ItemState::Queued && rig.batches().value(0).isCounted; });
    }

    EngineRig rig;
    QUuid drop;
    bool isMade = false;
};

} // namespace

void tst_SaidWhenDurable::aPauseHoldsAtOnceAndIsSaidWhenItIsOnDisk()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.proxy().add(Fault{.method = "POST", .pathPart = "/v1/uploads", .isAnswerHeld = true});
    rig.startEngine();
    rig.drop();
    QTRY_COMPARE_WITH_TIMEOUT(rig.proxy().heldAnswers(), 1, 20000);
    const Lies lies(rig);
    DatabaseHolder holder(rig.database(), "BEGIN EXCLUSIVE;");
    QVERIFY(holder.isHolding());

    rig.engine().pauseAll();
    QTRY_VERIFY(rig.queueState().isPauseChanging);
    QCOMPARE(rig.queueState().hold, Hold::None);
    rig.proxy().release(); // its parts could be sent now
    QVERIFY(holder.release());

    QTRY_COMPARE(rig.queueState().hold, Hold::PausedByYou);
    QVERIFY(!rig.queueState().isPauseChanging);
    QTRY_COMPARE(rig.statuses(u"a.jpg"_s), QList{Status::Paused});
    QCOMPARE(rig.count("PUT", {}), 0);
    QCOMPARE(lies.count(), 0);
}

void tst_SaidWhenDurable::aResumeIsSaidAndObeyedWhenItIsOnDisk()
{
    EngineRig rig;
    QVERIFY(rig.startServer());
    rig.photo(u"a.jpg"_s, 1);
    rig.startEngine();
    rig.engine().pauseAll();
    QTRY_COMPARE(rig.queueState().hold, Hold::PausedByYou);
    rig.drop();
    QTRY_COMPARE(rig.state(u"a.jpg"_s), ItemState::Queued);
    const Lies lies(rig);
    DatabaseHolder holder(rig.database(), "BEGIN EXCLUSIVE;");
    QVERIFY(holder.isHolding());

    rig.engine().resumeAll();
    QTRY_VERIFY(rig.queueState().isPauseChanging);
    QCOMPARE(rig.queueState().hold, Hold::PausedByYou);
    QCOMPARE(rig.questions(), 0);
    QVERIFY(holder.release());

    QTRY_COMPARE(rig.queueState().hold, Hold::None);
    QTRY_COMPARE_WITH_TIMEOUT(rig.state(u"a.jpg"_s), ItemState::Succeeded, 20000);
    QCOMPARE(lies.count(), 0);
}

void tst_SaidWhenDurable::thePauseOfADropIsSaidWhenItIsOnDisk()
{
    Waiting world;
    EngineRig &rig = world.rig;
    QVERIFY(world.isMade);
    DatabaseHolder holder(rig.database(), "BEGIN EXCLUSIVE;");
    QVERIFY(holder.isHolding());

    rig.engine().pauseBatch(world.drop);
    rig.engine().pauseAll();
    QTRY_VERIFY(rig.queueState().isPauseChanging);
    QVERIFY(!rig.batches().first().isPaused); // a list shows what it reads there
    QVERIFY(holder.release());

    QTRY_VERIFY(rig.batches().first().isPaused);
}

void tst_SaidWhenDurable::aRateLimitIsSaidWhenItIsOnDisk()
{
    Waiting world;
    EngineRig &rig = world.rig;
    QVERIFY(world.isMade);
    const Lies lies(rig);
    DatabaseHolder holder(rig.database(), "BEGIN EXCLUSIVE;");
    QVERIFY(holder.isHolding());

    rig.engine().setRateLimit(123'456);
    rig.engine().pauseAll();
    QTRY_VERIFY(rig.queueState().isPauseChanging);
    QCOMPARE(rig.queueState().rateLimit, 0);
    QVERIFY(holder.release());

    QTRY_COMPARE(rig.queueState().rateLimit, 123'456);
    QCOMPARE(lies.count(), 0);
}

void tst_SaidWhenDurable::anUndoIsOfferedWhenTheCancelIsOnDisk_data()
{
    QTest::addColumn<bool>("isWholeDrop");
    QTest::newRow("of photos") << false;
    QTest::newRow("of a drop") << true;
}

void tst_SaidWhenDurable::anUndoIsOfferedWhenTheCancelIsOnDisk()
{
    QFETCH(const bool, isWholeDrop);
    Waiting world;
    EngineRig &rig = world.rig;
    QVERIFY(world.isMade);
    int offered = 0;
    bool isAllOnDisk = true;
    QObject::connect(&rig.engine(), &pipeline::Engine::cancelled, &rig.engine(), [&] {
        ++offered;
        isAllOnDisk &= rig.state(u"a.jpg"_s) == ItemState::Cancelled && rig.state(u"b.jpg"_s) == ItemState::Cancelled;
    });
    DatabaseHolder holder(rig.database(), "BEGIN EXCLUSIVE;");
    QVERIFY(holder.isHolding());

    if (isWholeDrop)
        rig.engine().cancelBatch(world.drop);
    else
        rig.engine().cancelItems({rig.itemId(u"a.jpg"_s), rig.itemId(u"b.jpg"_s)});
    rig.engine().pauseAll();
    QTRY_VERIFY(rig.queueState().isPauseChanging);
    QCOMPARE(offered, 0);
    QVERIFY(holder.release());

    QTRY_COMPARE(offered, 1);
    QVERIFY(isAllOnDisk);
}

void tst_SaidWhenDurable::ofTwoCancelsTheNewerIsOffered()
{
    Waiting world;
    EngineRig &rig = world.rig;
    QVERIFY(world.isMade);
    QSignalSpy offered(&rig.engine(), &pipeline::Engine::cancelled);
    DatabaseHolder holder(rig.database(), "BEGIN EXCLUSIVE;");
    QVERIFY(holder.isHolding());

    rig.engine().cancelItems({rig.itemId(u"a.jpg"_s)});
    rig.engine().cancelItems({rig.itemId(u"b.jpg"_s)});
    rig.engine().pauseAll();
    QTRY_VERIFY(rig.queueState().isPauseChanging);
    QVERIFY(holder.release());
    QTRY_COMPARE(offered.count(), 1);
    QCOMPARE(offered.first().first().value<QList<QUuid>>(), QList{rig.itemId(u"b.jpg"_s)});
    rig.engine().undoCancel();

    QTRY_COMPARE(rig.state(u"b.jpg"_s), ItemState::Queued);
    QCOMPARE(rig.state(u"a.jpg"_s), ItemState::Cancelled);
}

void tst_SaidWhenDurable::whatCannotBeWrittenIsNeverSaid()
{
    Waiting world;
    EngineRig &rig = world.rig;
    QVERIFY(world.isMade);
    DatabaseHolder broken(rig.database(), "DROP TABLE settings;");
    QVERIFY(broken.release());
    for (int i = 0; i < 2; ++i)
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"not recorded and taken back: a setting INTERNAL_UNKNOWN.*settings"_s));

    rig.engine().pauseAll();
    rig.engine().setRateLimit(123'456);

    QTRY_COMPARE(rig.queueState().waitsFor, ErrorCode::InternalUnknown); // told as any write that fails
    QTRY_VERIFY(!rig.queueState().isPauseChanging);
    QVERIFY(std::none_of(rig.queueStates().begin(), rig.queueStates().end(), [](const QueueState &state) {
        return state.hold == Hold::PausedByYou || state.rateLimit != 0;
    }));
}

QTEST_GUILESS_MAIN(tst_SaidWhenDurable)
#include "tst_saidwhendurable.moc"
