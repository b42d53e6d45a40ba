#include "models/context/surroundingsprobe.h"
#include "models/store/jsonkeys.h"
#include "tests/support/fakeroot.h"
#include "tests/support/privatebus.h"

#include <QDBusObjectPath>
#include <QJsonObject>
#include <QSignalSpy>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using context::SurroundingsProbe;
using support::FakeRoot;
using support::PrivateBus;

namespace {

const QString NM = u"org.freedesktop.NetworkManager"_s;
const QString NMPath = u"/org/freedesktop/NetworkManager"_s;
const QString UPower = u"org.freedesktop.UPower"_s;
const QString MM = u"org.freedesktop.ModemManager1"_s;

constexpr auto NoRoutes = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
constexpr auto RouteOverEth0 = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
                               "eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n";
constexpr auto BridgeOnly = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
                            "br0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n";

/// NetworkManager as a laptop has it: a Wi-Fi card, a cable, a modem; the test says which one is primary.
class Laptop
{
public:
    bool build()
    {
        if (!bus.isRunning() || !bus.startTemplate(u"networkmanager"_s, NM))
            return false;
        // What the template leaves out. Metered and the primary connection are what this is about.
        bool isFine = bus.addProperties(NM, NMPath, NM, {{u"Metered"_s, 0u}, {u"PrimaryConnection"_s, PrivateBus::objectPath(u"/"_s)},
                                                         {u"PrimaryConnectionType"_s, u""_s}});
        wifi = bus.call(NM, NMPath, u"AddWiFiDevice"_s, {u"wlan0"_s, u"wlan0"_s, 100}).toString();
        accessPoint = bus.call(NM, NMPath, u"AddAccessPoint"_s,
                               {wifi, u"ap0"_s, u"Not to be stored"_s, u"00:23:F8:7E:12:BB"_s, 2u, 5180u, 540000u,
                                QVariant::fromValue<uchar>(73), 0x100u}).toString();
        isFine &= bus.addProperties(NM, wifi, NM + u".Device.Wireless"_s, {{u"ActiveAccessPoint"_s, PrivateBus::objectPath(accessPoint)}});
        cable = bus.call(NM, NMPath, u"AddEthernetDevice"_s, {u"eth0"_s, u"eth0"_s, 100}).toString();
        isFine &= addConnection(u"home"_s, wifi) && addConnection(u"office"_s, cable);
        return isFine;
    }
    bool addConnection(const QString &name, const QString &device)
    {
        return bus.addObject(NM, connectionPath(name), NM + u".Connection.Active"_s,
                             {{u"Uuid"_s, QString(u"uuid-of-"_s + name)},
                              {u"Devices"_s, QVariant::fromValue(QList<QDBusObjectPath>{QDBusObjectPath(device)})}});
    }
    bool use(const QString &name, const QString &type, uint metered = 0)
    {
        return bus.change(NM, NMPath, NM, {{u"PrimaryConnection"_s, PrivateBus::objectPath(name.isEmpty() ? u"/"_s : connectionPath(name))},
                                           {u"PrimaryConnectionType"_s, type}, {u"Metered"_s, metered}});
    }
    static QString connectionPath(const QString &name) { return NMPath + u"/ActiveConnection/"_s + name; }

    PrivateBus bus;
    QString wifi, accessPoint, cable;
};

}

class TestSurroundingsProbe : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void wifiIsDescribedWithoutItsName()
    {
        Laptop laptop;
        QVERIFY(laptop.build());
        QVERIFY(laptop.use(u"home"_s, u"802-11-wireless"_s));
        FakeRoot root;

        SurroundingsProbe probe({root.path(), laptop.bus.address()});
        QTRY_COMPARE(probe.current(false).network.subtype, u"5 GHz"_s);

        const NetworkFacts network = probe.current(false).network;
        QCOMPARE(network.connectionType, u"wifi"_s);
        QCOMPARE(network.signalStrength, 70); // 73, rounded down
        QCOMPARE(network.carrierName, QString());
        QVERIFY(!probe.isMetered());
        QVERIFY(probe.isOnline());
    }

    void aChangingNetworkIsFollowed()
    {
        Laptop laptop;
        QVERIFY(laptop.build());
        QVERIFY(laptop.use(u"home"_s, u"802-11-wireless"_s));
        FakeRoot root;
        SurroundingsProbe probe({root.path(), laptop.bus.address()});
        QSignalSpy changed(&probe, &SurroundingsProbe::networkChanged);
        QVERIFY(changed.wait());
        QTRY_COMPARE(probe.current(false).network.signalStrength, 70);
        changed.clear();

        // Another room: only the signal, which is no change of the network.
        QVERIFY(laptop.bus.change(NM, laptop.accessPoint, NM + u".AccessPoint"_s, {{u"Strength"_s, QVariant::fromValue<uchar>(29)}}));
        QTRY_COMPARE(probe.current(false).network.signalStrength, 25);
        QCOMPARE(changed.count(), 0);

        // The phone shares its mobile data: the same medium, but metered.
        QVERIFY(laptop.use(u"home"_s, u"802-11-wireless"_s, 3));
        QTRY_VERIFY(probe.isMetered());
        QTRY_COMPARE(changed.count(), 1);

        // The cable is plugged in.
        QVERIFY(laptop.use(u"office"_s, u"802-3-ethernet"_s, 4));
        QTRY_COMPARE(probe.current(false).network.connectionType, u"ethernet"_s);
        QTRY_VERIFY(!probe.isMetered());
        QCOMPARE(probe.current(false).network.signalStrength, std::nullopt);
        QTRY_COMPARE(changed.count(), 2);

        // And pulled, with nothing else there. The fake root has a routing table without routes.
        root.write(u"proc/net/route"_s, NoRoutes);
        QVERIFY(laptop.bus.change(NM, NMPath, NM, {{u"State"_s, 20u}}));
        QVERIFY(laptop.use({}, {}));
        QTRY_VERIFY(!probe.isOnline());
        QCOMPARE(probe.current(false).network.connectionType, u"unknown"_s);
    }

    void aSignalFadingIsSeenWithEveryStep()
    {
        Laptop laptop;
        QVERIFY(laptop.build());
        QVERIFY(laptop.use(u"home"_s, u"802-11-wireless"_s));
        FakeRoot root;
        SurroundingsProbe probe({root.path(), laptop.bus.address()});

        for (const auto &[measured, rounded] : {std::pair{100, 100}, {99, 95}, {75, 75}, {74, 70}, {4, 0}, {0, 0}}) {
            QVERIFY(laptop.bus.change(NM, laptop.accessPoint, NM + u".AccessPoint"_s, {{u"Strength"_s, QVariant::fromValue<uchar>(static_cast<uchar>(measured))}}));
            QTRY_COMPARE(probe.current(false).network.signalStrength, rounded);
        }
    }

    void aModemTellsOperatorAndGeneration()
    {
        Laptop laptop;
        QVERIFY(laptop.build());
        const QString modem = u"/org/freedesktop/ModemManager1/Modem/0"_s;
        QVERIFY(laptop.bus.startEmpty(MM, u"/org/freedesktop/ModemManager1"_s, MM));
        QVERIFY(laptop.bus.addObject(MM, modem, MM + u".Modem"_s, {{u"AccessTechnologies"_s, 1u << 14}}));
        QVERIFY(laptop.bus.addProperties(MM, modem, MM + u".Modem.Modem3gpp"_s, {{u"OperatorName"_s, u"Telekom.de"_s}}));
        QVERIFY(laptop.bus.addObject(NM, NMPath + u"/Devices/wwan0"_s, NM + u".Device"_s,
                                     {{u"DeviceType"_s, 8u}, {u"Udi"_s, modem}, {u"Interface"_s, u"cdc-wdm0"_s}}));
        QVERIFY(laptop.addConnection(u"mobile"_s, NMPath + u"/Devices/wwan0"_s));
        QVERIFY(laptop.use(u"mobile"_s, u"gsm"_s, 1));
        FakeRoot root;

        SurroundingsProbe probe({root.path(), laptop.bus.address()});
        QTRY_COMPARE(probe.current(false).network.carrierName, u"Telekom.de"_s);

        QCOMPARE(probe.current(false).network.connectionType, u"cellular"_s);
        QTRY_COMPARE(probe.current(false).network.subtype, u"4g"_s);
        QVERIFY(probe.isMetered());
    }

    void aVirtualCardIsNoEthernet()
    {
        Laptop laptop;
        QVERIFY(laptop.build());
        QVERIFY(laptop.bus.change(NM, laptop.cable, NM + u".Device"_s, {{u"Driver"_s, u"veth"_s}}));
        QVERIFY(laptop.use(u"office"_s, u"802-3-ethernet"_s));
        FakeRoot root;

        SurroundingsProbe probe({root.path(), laptop.bus.address()});

        QTRY_COMPARE(probe.current(false).network.connectionType, u"other"_s);
    }

    void metered_data()
    {
        QTest::addColumn<uint>("said");
        QTest::addColumn<bool>("isMetered");
        QTest::newRow("0, unknown -> no") << 0u << false;
        QTest::newRow("1, yes -> yes") << 1u << true;
        QTest::newRow("2, no -> no") << 2u << false;
        QTest::newRow("3, guessed yes -> yes") << 3u << true;
        QTest::newRow("4, guessed no -> no") << 4u << false;
        QTest::newRow("77, of a later version -> no") << 77u << false;
    }
    void metered()
    {
        QFETCH(uint, said);
        QFETCH(bool, isMetered);
        FakeRoot root;
        SurroundingsProbe probe({root.path(), m_office.bus.address()});
        QVERIFY(m_office.use(u"office"_s, u"802-3-ethernet"_s, said));
        QTRY_COMPARE(probe.current(false).network.connectionType, u"ethernet"_s);

        QTRY_COMPARE(probe.isMetered(), isMetered);
    }

    void propertiesOfTheWrongKindBreakNothing()
    {
        Laptop laptop;
        QVERIFY(laptop.bus.isRunning());
        QVERIFY(laptop.bus.startEmpty(NM, NMPath, NM));
        QVERIFY(laptop.bus.addProperties(NM, NMPath, NM, {{u"PrimaryConnection"_s, PrivateBus::objectPath(u"/c"_s)}, {u"PrimaryConnectionType"_s, 42},
                                                          {u"Metered"_s, u"perhaps"_s}, {u"State"_s, QStringList{u"x"_s}}}));
        QVERIFY(laptop.bus.addObject(NM, u"/c"_s, NM + u".Connection.Active"_s, {{u"Devices"_s, QStringList{u"not a path"_s}}, {u"Uuid"_s, 3.5}}));
        FakeRoot root;

        SurroundingsProbe probe({root.path(), laptop.bus.address()});
        QTRY_COMPARE(probe.current(false).network.connectionType, u"other"_s); // "42" is a kind of connection we do not know

        QVERIFY(!probe.isMetered());
        QVERIFY(probe.isOnline());
    }

    void aNetworkManagerThatStartsLaterAndDiesIsNoticed()
    {
        FakeRoot root;
        root.write(u"proc/net/route"_s, RouteOverEth0);
        root.makeFolder(u"sys/class/net/eth0/device"_s);
        root.write(u"sys/class/net/eth0/type"_s, "1\n");
        Laptop laptop;
        SurroundingsProbe probe({root.path(), laptop.bus.address()});
        QCOMPARE(probe.current(false).network.connectionType, u"ethernet"_s); // the kernel's word

        QVERIFY(laptop.build());
        QVERIFY(laptop.use(u"home"_s, u"802-11-wireless"_s));
        QTRY_COMPARE(probe.current(false).network.connectionType, u"wifi"_s);

        laptop.bus.killNewestActor();
        QTRY_COMPARE(probe.current(false).network.connectionType, u"ethernet"_s);
    }

    void aCableThatNetworkManagerDoesNotLookAfterIsOnline()
    {
        FakeRoot root;
        root.write(u"proc/net/route"_s, RouteOverEth0);
        Laptop laptop;
        QVERIFY(laptop.build());
        QVERIFY(laptop.bus.change(NM, NMPath, NM, {{u"State"_s, 20u}}));
        SurroundingsProbe probe({root.path(), laptop.bus.address(), 20});

        QTRY_COMPARE(probe.current(false).network.connectionType, u"unknown"_s); // a route, but no such interface in /sys
        QVERIFY(probe.isOnline());

        // The cable is out; what stays is the route of a container bridge.
        root.write(u"proc/net/route"_s, BridgeOnly);
        QTRY_VERIFY(!probe.isOnline());
    }

    void withoutABusTheKernelIsEnough()
    {
        FakeRoot root;
        root.write(u"proc/net/route"_s, RouteOverEth0);
        root.makeFolder(u"sys/class/net/eth0/device"_s);
        root.write(u"sys/class/net/eth0/type"_s, "1\n");
        root.write(u"proc/meminfo"_s, "MemTotal: 2048 kB\nMemAvailable:  1048576 kB\n");
        root.write(u"proc/loadavg"_s, "0.25 0.50 0.75 1/234 5678\n");

        SurroundingsProbe probe({root.path(), u"unix:path="_s + root.filePath(u"nobody-listens-here"_s), 20});
        QSignalSpy changed(&probe, &SurroundingsProbe::networkChanged);

        QCOMPARE(probe.current(false).network.connectionType, u"ethernet"_s);
        QVERIFY(probe.isOnline());
        QVERIFY(!probe.isMetered());
        QCOMPARE(probe.deviceMetrics(), (QJsonObject{{u"free_memory_mb"_s, 1024}, {u"load_1m"_s, 0.25}}));

        root.write(u"proc/net/route"_s, NoRoutes);
        QVERIFY(changed.wait());
        QVERIFY(!probe.isOnline());

        root.write(u"proc/net/route"_s, RouteOverEth0);
        QVERIFY(changed.wait());
        QVERIFY(probe.isOnline());
    }

    void aSystemThatSaysNothingIsTakenForOnline()
    {
        FakeRoot root;

        SurroundingsProbe probe({root.path(), u"unix:path=/nowhere"_s});

        QVERIFY(probe.isOnline());
        QCOMPARE(probe.current(false).network.connectionType, u"unknown"_s);
        QCOMPARE(probe.deviceMetrics(), QJsonObject());
    }

    void theEmbeddedServerIsThisComputer()
    {
        FakeRoot root;
        root.write(u"proc/net/route"_s, RouteOverEth0);
        SurroundingsProbe probe({root.path(), u"unix:path=/nowhere"_s});
        probe.noteTransfer(5000000, 10, 90, true);

        const NetworkFacts network = probe.current(true).network;

        QCOMPARE(network.connectionType, u"local"_s);
        QCOMPARE(network.subtype, QString());
        QCOMPARE(network.signalStrength, std::nullopt);
        QCOMPARE(network.typicalBandwidthKbps, 4000000);
        QCOMPARE(network.typicalLatencyMs, 0);
    }

    void mediansBelongToTheirConnection()
    {
        Laptop laptop;
        QVERIFY(laptop.build());
        QVERIFY(laptop.use(u"home"_s, u"802-11-wireless"_s));
        FakeRoot root;
        SurroundingsProbe probe({root.path(), laptop.bus.address()});
        QTRY_COMPARE(probe.current(false).network.subtype, u"5 GHz"_s);

        probe.noteTransfer(1000000, 1000, 20000, false);
        QCOMPARE(probe.current(false).network.typicalBandwidthKbps, 8000);
        QCOMPARE(probe.current(false).network.typicalLatencyMs, 20);

        QVERIFY(laptop.use(u"office"_s, u"802-3-ethernet"_s));
        QTRY_COMPARE(probe.current(false).network.typicalBandwidthKbps, std::nullopt);

        QVERIFY(laptop.use(u"home"_s, u"802-11-wireless"_s));
        QTRY_COMPARE(probe.current(false).network.typicalBandwidthKbps, 8000);
    }

    void speedToTheEmbeddedServerIsNoSpeedOfTheNetwork()
    {
        FakeRoot root;
        root.write(u"proc/net/route"_s, RouteOverEth0);
        SurroundingsProbe probe({root.path(), u"unix:path=/nowhere"_s});
        for (int i = 0; i < 3; ++i)
            probe.noteTransfer(5000000, 10, 90, true);
        QCOMPARE(probe.current(false).network.typicalBandwidthKbps, std::nullopt);
        QCOMPARE(probe.current(false).network.typicalLatencyMs, std::nullopt);

        probe.noteTransfer(1000000, 1000, 20000, false);

        QCOMPARE(probe.current(false).network.typicalBandwidthKbps, 8000);
        QCOMPARE(probe.current(true).network.typicalBandwidthKbps, 4000000);
    }

    void measurementsOutliveTheProgramWithoutNamesOfConnections()
    {
        FakeRoot root;
        root.write(u"proc/net/route"_s, RouteOverEth0);
        QHash<QString, QByteArray> kept;
        {
            SurroundingsProbe earlier({root.path(), u"unix:path=/nowhere"_s});
            connect(&earlier, &SurroundingsProbe::measured, this, [&kept](const QString &connection, const QByteArray &measurements) { kept[connection] = measurements; });
            for (const bool isEmbedded : {false, true}) {
                earlier.noteTransfer(1000000, 1000, 20000, isEmbedded);
                earlier.noteTransfer(1000000, 1000, 20000, isEmbedded);
                earlier.noteTransfer(0, 0, 0, isEmbedded); // says nothing
            }
        }
        QCOMPARE(kept.size(), 2); // this connection, and the way to the embedded server
        QVERIFY(!kept.keys().join(u' ').contains(u"eth0"_s));

        SurroundingsProbe probe({root.path(), u"unix:path=/nowhere"_s});
        for (auto each = kept.begin(); each != kept.end(); ++each)
            probe.recall(each.key(), each.value());
        for (const bool isEmbedded : {false, true}) {
            probe.noteTransfer(1000000, 60000, 900000, isEmbedded);
            QCOMPARE(probe.current(isEmbedded).network.typicalBandwidthKbps, 8000);
            QCOMPARE(probe.current(isEmbedded).network.typicalLatencyMs, 20);
        }
    }

    void batteryAndPowerProfileAreMeasured()
    {
        PrivateBus bus;
        QVERIFY(bus.startTemplate(u"upower"_s, UPower));
        QVERIFY(bus.startTemplate(u"power_profiles_daemon"_s, u"net.hadess.PowerProfiles"_s));
        QVERIFY(bus.change(UPower, u"/org/freedesktop/UPower"_s, UPower, {{u"OnBattery"_s, true}}));
        QVERIFY(bus.change(UPower, u"/org/freedesktop/UPower/devices/DisplayDevice"_s, UPower + u".Device"_s, {{u"IsPresent"_s, true}, {u"Percentage"_s, 41.6}}));
        FakeRoot root;

        SurroundingsProbe probe({root.path(), bus.address()});

        QTRY_COMPARE(probe.deviceMetrics(), (QJsonObject{{u"battery_percent"_s, 42}, {u"on_battery"_s, 1}, {u"low_power_mode"_s, 0}}));
        QCOMPARE(probe.current(false).device.hasLowPowerMode, true);

        QVERIFY(bus.change(u"net.hadess.PowerProfiles"_s, u"/net/hadess/PowerProfiles"_s, u"net.hadess.PowerProfiles"_s, {{u"ActiveProfile"_s, u"power-saver"_s}}));
        QVERIFY(bus.change(UPower, u"/org/freedesktop/UPower"_s, UPower, {{u"OnBattery"_s, false}}));
        QTRY_COMPARE(probe.deviceMetrics(), (QJsonObject{{u"battery_percent"_s, 42}, {u"on_battery"_s, 0}, {u"low_power_mode"_s, 1}}));
        QCOMPARE(store::undocumentedKeys(store::JsonColumn::Metrics, probe.deviceMetrics()), QStringList());
    }

    void aDesktopHasNoBattery()
    {
        PrivateBus bus;
        QVERIFY(bus.startTemplate(u"upower"_s, UPower));
        FakeRoot root;

        SurroundingsProbe probe({root.path(), bus.address()});

        QTRY_COMPARE(probe.deviceMetrics(), (QJsonObject{{u"on_battery"_s, 0}}));
    }

    void endingWhileTheBusIsStillAskedIsFine()
    {
        FakeRoot root;
        for (int i = 0; i < 20; ++i)
            SurroundingsProbe probe({root.path(), m_office.bus.address()});
    }

    void initTestCase() { QVERIFY(m_office.build()); }

private:
    Laptop m_office;
};

QTEST_GUILESS_MAIN(TestSurroundingsProbe)
#include "tst_surroundingsprobe.moc"
