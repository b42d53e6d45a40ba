#include "tests/faults/proxiedworld.h"
#include "tests/support/twonetworks.h"

#include <QFile>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using faults::ProxiedWorld;

/// Who types a command means now: a network that costs by the byte pauses the window, not the command.
class TestOverMetered : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aCommandUploadsOverAMeteredNetworkToo();
};

void TestOverMetered::aCommandUploadsOverAMeteredNetworkToo()
{
    support::TwoNetworks networks;
    QVERIFY(networks.start() && networks.use(u"phone"_s, true));
    ProxiedWorld world;
    QVERIFY(world.start());
    QVERIFY(world.folders.writePhoto("photo.jpg", 1));
    world.client.setEnvironment({u"DBUS_SYSTEM_BUS_ADDRESS="_s + networks.busAddress()});
    world.proxy.setDown(true); // the photo waits until the network is known for what it is
    const auto log = [&] {
        QFile file(world.client.dataFolder() + u"/logs/photolift.log"_s);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    };

    QVERIFY(world.client.start(world.upload(world.folders.source(), {u"--wait"_s, u"60s"_s})));
    QTRY_VERIFY2_WITH_TIMEOUT(log().contains("ethernet\\\" metered online"), log().constData(), 15000);
    world.proxy.setDown(false);
    const support::CliAnswer answer = world.client.finish();

    QVERIFY2(answer.faults.isEmpty() && answer.summary, qPrintable(answer.toText()));
    QCOMPARE(answer.summary->succeeded, 1);
    QCOMPARE(answer.exitCode, 0);
}

QTEST_GUILESS_MAIN(TestOverMetered)
#include "tst_overmetered.moc"
