#include "models/context/kernelnetwork.h"
#include "models/context/networkmanagerwatch.h"
#include "tests/support/fakeroot.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace photolift;
using context::KernelNetwork;
using context::readKernelNetwork;
using context::RootFiles;
using support::FakeRoot;

namespace {

constexpr auto RouteHeader = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";

QByteArray route(const QByteArray &interfaceName, const QByteArray &destination, const QByteArray &mask, int metric, const QByteArray &flags = "0003")
{
    return interfaceName + '\t' + destination + "\t0101A8C0\t" + flags + "\t0\t0\t" + QByteArray::number(metric) + '\t' + mask + "\t0\t0\t0\n";
}
QByteArray defaultRoute(const QByteArray &interfaceName, int metric = 100)
{
    return route(interfaceName, "00000000", "00000000", metric);
}

}

class TestKernelNetwork : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void kindOfInterface_data()
    {
        QTest::addColumn<QStringList>("folders");
        QTest::addColumn<QByteArray>("hardware");
        QTest::addColumn<QByteArray>("uevent");
        QTest::addColumn<QString>("type");
        QTest::newRow("a card on a bus -> ethernet") << QStringList{u"device"_s} << QByteArray("1\n") << QByteArray("INTERFACE=x0\n") << u"ethernet"_s;
        QTest::newRow("veth or ifb, on no bus -> other") << QStringList{} << QByteArray("1\n") << QByteArray("INTERFACE=x0\n") << u"other"_s;
        QTest::newRow("bridge -> other") << QStringList{u"bridge"_s} << QByteArray("1\n") << QByteArray("DEVTYPE=bridge\n") << u"other"_s;
        QTest::newRow("a card with Wi-Fi -> wifi") << QStringList{u"device"_s, u"wireless"_s} << QByteArray("1\n") << QByteArray("DEVTYPE=wlan\n") << u"wifi"_s;
        QTest::newRow("mobile broadband -> cellular") << QStringList{u"device"_s} << QByteArray("65534\n") << QByteArray("DEVTYPE=wwan\n") << u"cellular"_s;
        QTest::newRow("tunnel -> other") << QStringList{} << QByteArray("65534\n") << QByteArray() << u"other"_s;
        QTest::newRow("garbage -> other") << QStringList{} << QByteArray("\xff\xfe??\n") << QByteArray("\0\0=", 3) << u"other"_s;
        QTest::newRow("no files at all -> unknown") << QStringList{} << QByteArray() << QByteArray() << u"unknown"_s;
    }
    void kindOfInterface()
    {
        QFETCH(QStringList, folders);
        QFETCH(QByteArray, hardware);
        QFETCH(QByteArray, uevent);
        QFETCH(QString, type);
        FakeRoot root;
        root.write(u"proc/net/route"_s, RouteHeader + defaultRoute("x0"));
        for (const QString &folder : folders)
            root.makeFolder(u"sys/class/net/x0/"_s + folder);
        if (!hardware.isEmpty())
            root.write(u"sys/class/net/x0/type"_s, hardware);
        root.write(u"sys/class/net/x0/uevent"_s, uevent);

        QCOMPARE(readKernelNetwork(RootFiles(root.path())).state.type, type);
    }

    void theDefaultRouteWithTheSmallestMetricIsTaken()
    {
        FakeRoot root;
        root.write(u"proc/net/route"_s, RouteHeader + route("br0", "0000A8C0", "00FFFFFF", 0) + defaultRoute("wlan0", 600) + defaultRoute("eth0", 100));

        const KernelNetwork network = readKernelNetwork(RootFiles(root.path()));

        QCOMPARE(network.state.interfaceName, u"eth0"_s);
        QVERIFY(network.hasDefaultRoute);
    }

    void aServerInTheSameNetworkNeedsNoDefaultRoute()
    {
        FakeRoot root;
        root.write(u"proc/net/route"_s, RouteHeader + route("eth0", "0000A8C0", "00FFFFFF", 0));

        const KernelNetwork network = readKernelNetwork(RootFiles(root.path()));

        QVERIFY(network.hasAnyRoute);
        QVERIFY(!network.hasDefaultRoute);
    }

    void ipv6AloneIsAWayOut()
    {
        FakeRoot root;
        root.write(u"proc/net/route"_s, RouteHeader);
        const QByteArray zero(32, '0');
        root.write(u"proc/net/ipv6_route"_s,
                   "fe800000000000000000000000000000 40 " + zero + " 00 " + zero + " 00000100 00000001 00000000 00000001     eth0\n"
                       + zero + " 00 " + zero + " 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003     eth0\n"
                       + zero + " 00 " + zero + " 00 " + zero + " ffffffff 00000001 00000000 00200200       lo\n");

        const KernelNetwork network = readKernelNetwork(RootFiles(root.path()));

        QVERIFY(network.hasDefaultRoute);
        QCOMPARE(network.state.interfaceName, u"eth0"_s);
    }

    void onlyLinkLocalAndLoopbackIsNoWayOut()
    {
        FakeRoot root;
        root.write(u"proc/net/route"_s, RouteHeader);
        const QByteArray zero(32, '0');
        root.write(u"proc/net/ipv6_route"_s, "fe800000000000000000000000000000 40 " + zero + " 00 " + zero
                                                 + " 00000100 00000001 00000000 00000001     eth0\n");

        const KernelNetwork network = readKernelNetwork(RootFiles(root.path()));

        QVERIFY(network.isKnown);
        QVERIFY(!network.hasAnyRoute);
    }

    void rottenTables_data()
    {
        QTest::addColumn<QByteArray>("table");
        QTest::newRow("missing") << QByteArray();
        QTest::newRow("cut off in a line") << QByteArray(RouteHeader) + "eth0\t0000";
        QTest::newRow("flags that are no number") << QByteArray(RouteHeader) + route("eth0", "00000000", "00000000", 1, "zz");
        QTest::newRow("a name with a slash") << QByteArray(RouteHeader) + defaultRoute("../../etc");
        QTest::newRow("two dots for a name") << QByteArray(RouteHeader) + defaultRoute("..");
        QTest::newRow("a name longer than the kernel allows") << QByteArray(RouteHeader) + defaultRoute("abcdefghijklmnopqrstuvwxyz");
        QTest::newRow("bytes") << QByteArray(70000, '\xff');
    }
    void rottenTables()
    {
        QFETCH(QByteArray, table);
        FakeRoot root;
        if (!table.isNull())
            root.write(u"proc/net/route"_s, table);

        const KernelNetwork network = readKernelNetwork(RootFiles(root.path()));

        QVERIFY(!network.hasAnyRoute);
        QCOMPARE(network.state.type, u"unknown"_s);
    }

    void wirelessQuality_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<std::optional<int>>("percent");
        QTest::newRow("54 of 70") << QByteArray(" wlan0: 0000   54.  -56.  -256        0      0      0      0      0        0\n") << std::optional(77);
        QTest::newRow("70 of 70") << QByteArray(" wlan0: 0000   70.  -30.  -256        0      0      0      0      0        0\n") << std::optional(100);
        QTest::newRow("another scale, never above 100") << QByteArray(" wlan0: 0000   95.  -30.  -256        0      0      0      0      0        0\n") << std::optional(100);
        QTest::newRow("another interface") << QByteArray(" wlan1: 0000   54.  -56.  -256        0      0      0      0      0        0\n") << std::optional<int>();
        QTest::newRow("not connected") << QByteArray(" wlan0: 0000    0     0     0        0      0      0      0      0        0\n") << std::optional<int>();
        QTest::newRow("garbage") << QByteArray(" wlan0: x nan inf -1 0 0 0 0 0 0\n") << std::optional<int>();
    }
    void wirelessQuality()
    {
        QFETCH(QByteArray, line);
        QFETCH(std::optional<int>, percent);
        FakeRoot root;
        root.write(u"proc/net/wireless"_s, "Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE\n"
                                           " face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22\n" + line);

        QCOMPARE(context::wirelessSignal(RootFiles(root.path()), u"wlan0"_s), percent);
    }

    void channelsHaveABand()
    {
        QCOMPARE(context::wifiBand(2412), u"2.4 GHz"_s);
        QCOMPARE(context::wifiBand(2484), u"2.4 GHz"_s);
        QCOMPARE(context::wifiBand(5180), u"5 GHz"_s);
        QCOMPARE(context::wifiBand(5885), u"5 GHz"_s);
        QCOMPARE(context::wifiBand(5955), u"6 GHz"_s);
        QCOMPARE(context::wifiBand(0), QString());
        QCOMPARE(context::wifiBand(60480), QString()); // 802.11ad: a band that the list of values does not have
    }

    void modemsHaveAGeneration()
    {
        QCOMPARE(context::mobileGeneration(1u << 15), u"5g"_s);
        QCOMPARE(context::mobileGeneration(1u << 15 | 1u << 14), u"5g"_s); // non-standalone: LTE carries it
        QCOMPARE(context::mobileGeneration(1u << 14), u"4g"_s);
        QCOMPARE(context::mobileGeneration(1u << 5), u"3g"_s);
        QCOMPARE(context::mobileGeneration(1u << 4), QString()); // EDGE
        QCOMPARE(context::mobileGeneration(0), QString());
        QCOMPARE(context::mobileGeneration(~0u), QString());
    }
};

QTEST_GUILESS_MAIN(TestKernelNetwork)
#include "tst_kernelnetwork.moc"
