#include "tests/pipeline/cancelsteps.h"

#include <QSignalSpy>
#include <QTest>

using namespace Qt::StringLiterals;

namespace photolift::pipeline::cancelsteps
{

namespace
{
constexpr int PatienceMs = 30000;

bool waits(const EngineRig &rig, const QString &name)
{
    return QTest::qWaitFor([&] { return rig.state(name) == ItemState::Queued; });
}
} // namespace

bool dropOneThatWaits(EngineRig &rig)
{
    rig.photo(u"a.jpg"_s, 1);
    rig.startEngine();
    rig.engine().pauseAll();
    rig.drop();
    return waits(rig, u"a.jpg"_s);
}

QUuid dropTwoThatWait(EngineRig &rig)
{
    rig.photo(u"one/a.jpg"_s, 1);
    rig.photo(u"one/b.jpg"_s, 2);
    rig.photo(u"two/c.jpg"_s, 3);
    rig.startEngine();
    rig.engine().pauseAll();
    const QUuid first = rig.drop({u"one"_s});
    rig.drop({u"two"_s});
    return waits(rig, u"one/b.jpg"_s) && waits(rig, u"two/c.jpg"_s) ? first : QUuid();
}

bool cancelUnderWay(EngineRig &rig, const support::Fault &held)
{
    rig.proxy().add(held);
    rig.startEngine();
    QSignalSpy offered(&rig.engine(), &Engine::cancelled);
    rig.drop();
    if (!QTest::qWaitFor([&] { return rig.proxy().heldAnswers() == 1; }, PatienceMs))
        return false;
    rig.engine().cancelItems({rig.itemId(u"a.jpg"_s)});
    return QTest::qWaitFor([&] { return offered.count() == 1; });
}

QList<QUuid> cancelWhileCounting(EngineRig &rig, int photos)
{
    rig.photos(photos);
    rig.startEngine();
    rig.engine().pauseAll();
    QSignalSpy offered(&rig.engine(), &Engine::cancelled);
    QUuid drop;
    QObject::connect(
        &rig.engine(), &Engine::walkProgressed, &offered, [&] { rig.engine().cancelBatch(drop); }, Qt::SingleShotConnection);
    drop = rig.drop();
    const bool isOffered = QTest::qWaitFor([&] { return offered.size() == 1 && offered.first().at(2).toBool(); }, PatienceMs);
    return isOffered ? offered.first().first().value<QList<QUuid>>() : QList<QUuid>();
}

} // namespace photolift::pipeline::cancelsteps
