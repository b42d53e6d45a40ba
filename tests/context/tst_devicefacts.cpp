#include "models/context/devicefacts.h"
#include "tests/support/fakeroot.h"

#include <QCryptographicHash>
#include <QTest>

#include <sys/stat.h>

using namespace Qt::StringLiterals;
using namespace photolift;
using context::readDeviceFacts;
using context::RootFiles;
using support::FakeRoot;

class TestDeviceFacts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aLaptopSaysWhatItIs()
    {
        FakeRoot root;
        root.write(u"etc/machine-id"_s, "0123456789abcdef0123456789abcdef\n");
        root.write(u"etc/os-release"_s, "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\n");
        root.write(u"sys/class/dmi/id/chassis_type"_s, "10\n");
        root.write(u"sys/class/dmi/id/product_name"_s, "XPS 13 9310\n");
        root.write(u"sys/class/dmi/id/sys_vendor"_s, "Dell Inc.\n");
        root.write(u"proc/cpuinfo"_s, "processor\t: 0\nmodel name\t: 11th Gen Intel(R) Core(TM) i7-1165G7 @ 2.80GHz\n");
        root.write(u"proc/meminfo"_s, "MemTotal:       16071332 kB\nMemFree:         1 kB\n");
        root.write(u"sys/firmware/acpi/platform_profile_choices"_s, "low-power balanced performance\n");

        const DeviceFacts facts = readDeviceFacts(RootFiles(root.path()));

        QCOMPARE(facts.type, u"laptop"_s);
        QCOMPARE(facts.model, u"XPS 13 9310"_s);
        QCOMPARE(facts.manufacturer, u"Dell Inc."_s);
        QCOMPARE(facts.osName, u"Debian GNU/Linux"_s);
        QCOMPARE(facts.osVersion, u"12"_s);
        QCOMPARE(facts.processorType, u"11th Gen Intel(R) Core(TM) i7-1165G7 @ 2.80GHz"_s);
        QCOMPARE(facts.memoryMb, 15694);
        QCOMPARE(facts.hasLowPowerMode, true);
        QCOMPARE(facts.cameraMegapixels, std::nullopt);
    }

    void theDeviceIdIsAHashThatLastsAndTellsNothing()
    {
        FakeRoot root;
        const QByteArray machineId = "0123456789abcdef0123456789abcdef";
        root.write(u"etc/machine-id"_s, machineId + '\n');
        FakeRoot other;
        other.write(u"etc/machine-id"_s, "0123456789abcdef0123456789abcdee\n");
        FakeRoot older; // where systemd never ran, the id is D-Bus's
        older.write(u"etc/machine-id"_s, "uninitialized\n");
        older.write(u"var/lib/dbus/machine-id"_s, machineId);

        const QString id = readDeviceFacts(RootFiles(root.path())).deviceId;

        QCOMPARE(id.size(), 64);
        QVERIFY(!id.contains(QString::fromLatin1(machineId)));
        QVERIFY(id != QString::fromLatin1(QCryptographicHash::hash(machineId, QCryptographicHash::Sha256).toHex()));
        QCOMPARE(readDeviceFacts(RootFiles(root.path())).deviceId, id);
        QCOMPARE(readDeviceFacts(RootFiles(older.path())).deviceId, id);
        QVERIFY(readDeviceFacts(RootFiles(other.path())).deviceId != id);
    }

    void withoutAMachineIdTheNetworkCardTellsDevicesApart()
    {
        FakeRoot first;
        first.makeFolder(u"sys/class/net/eth0/device"_s);
        first.write(u"sys/class/net/eth0/address"_s, "02:00:00:00:00:01\n");
        FakeRoot second;
        second.makeFolder(u"sys/class/net/eth0/device"_s);
        second.write(u"sys/class/net/eth0/address"_s, "02:00:00:00:00:02\n");

        QVERIFY(readDeviceFacts(RootFiles(first.path())).deviceId != readDeviceFacts(RootFiles(second.path())).deviceId);
    }

    void chassis_data()
    {
        QTest::addColumn<QByteArray>("chassis");
        QTest::addColumn<QString>("type");
        QTest::newRow("tower -> desktop") << QByteArray("7\n") << u"desktop"_s;
        QTest::newRow("all in one -> desktop") << QByteArray("13\n") << u"desktop"_s;
        QTest::newRow("notebook -> laptop") << QByteArray("10\n") << u"laptop"_s;
        QTest::newRow("convertible -> laptop") << QByteArray("31\n") << u"laptop"_s;
        QTest::newRow("tablet -> tablet") << QByteArray("30\n") << u"tablet"_s;
        QTest::newRow("detachable -> tablet") << QByteArray("32\n") << u"tablet"_s;
        QTest::newRow("rack mount -> server") << QByteArray("23\n") << u"server"_s;
        QTest::newRow("other, as virtual machines say -> unknown") << QByteArray("1\n") << u"unknown"_s;
        QTest::newRow("a number nobody defined -> unknown") << QByteArray("4711\n") << u"unknown"_s;
        QTest::newRow("no number -> unknown") << QByteArray("laptop?\n") << u"unknown"_s;
        QTest::newRow("nothing -> unknown") << QByteArray() << u"unknown"_s;
    }
    void chassis()
    {
        QFETCH(QByteArray, chassis);
        QFETCH(QString, type);
        FakeRoot root;
        root.write(u"sys/class/dmi/id/chassis_type"_s, chassis);

        QCOMPARE(readDeviceFacts(RootFiles(root.path())).type, type);
    }

    void whatAPersonWroteInMachineInfoWins()
    {
        FakeRoot root;
        root.write(u"sys/class/dmi/id/chassis_type"_s, "3\n");
        root.write(u"etc/machine-info"_s, "PRETTY_HOSTNAME=\"Back room\"\nCHASSIS=server\n");

        QCOMPARE(readDeviceFacts(RootFiles(root.path())).type, u"server"_s);
    }

    void aBoardMakersPlaceholderIsNoModel()
    {
        FakeRoot root;
        root.write(u"sys/class/dmi/id/product_name"_s, "System Product Name\n");
        root.write(u"sys/class/dmi/id/board_name"_s, "PRIME B450M-A\n");
        root.write(u"sys/class/dmi/id/sys_vendor"_s, "To Be Filled By O.E.M.\n");

        const DeviceFacts facts = readDeviceFacts(RootFiles(root.path()));

        QCOMPARE(facts.model, u"PRIME B450M-A"_s);
        QCOMPARE(facts.manufacturer, QString());
    }

    void anArmBoardHasItsModelInTheDeviceTree()
    {
        FakeRoot root;
        root.write(u"proc/device-tree/model"_s, QByteArray("Raspberry Pi 4 Model B Rev 1.4\0", 31));

        QCOMPARE(readDeviceFacts(RootFiles(root.path())).model, u"Raspberry Pi 4 Model B Rev 1.4"_s);
    }

    void anEmptySystemIsUnknownNotInvented()
    {
        FakeRoot root;

        const DeviceFacts facts = readDeviceFacts(RootFiles(root.path()));

        QCOMPARE(facts.deviceId.size(), 64); // the dimension needs one
        QCOMPARE(facts.type, u"unknown"_s);
        QCOMPARE(facts.model, QString());
        QCOMPARE(facts.memoryMb, std::nullopt);
        QCOMPARE(facts.hasLowPowerMode, std::nullopt);
    }

    void garbageInEveryFileBreaksNothing()
    {
        FakeRoot root;
        QByteArray garbage;
        for (int i = 0; i < 200000; ++i)
            garbage += static_cast<char>((i * 7919) % 251);
        for (const QString &name : {u"etc/machine-id"_s, u"etc/os-release"_s, u"etc/machine-info"_s, u"proc/cpuinfo"_s, u"proc/meminfo"_s,
                                    u"sys/class/dmi/id/product_name"_s, u"sys/class/dmi/id/sys_vendor"_s,
                                    u"sys/class/dmi/id/chassis_type"_s, u"sys/firmware/acpi/platform_profile_choices"_s})
            QVERIFY(root.write(name, garbage));

        const DeviceFacts facts = readDeviceFacts(RootFiles(root.path()));

        QCOMPARE(facts.type, u"unknown"_s);
        QCOMPARE(facts.memoryMb, std::nullopt);
        for (const QString &text : {facts.model, facts.manufacturer, facts.osName, facts.osVersion, facts.processorType}) {
            QVERIFY(text.size() <= 128);
            QVERIFY(std::all_of(text.begin(), text.end(), [](QChar c) { return c.isPrint(); }));
        }
    }

    void memory_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::newRow("negative -> unknown") << QByteArray("MemTotal: -16071332 kB\n");
        QTest::newRow("beyond 64 bits -> unknown") << QByteArray("MemTotal: 99999999999999999999 kB\n");
        QTest::newRow("beyond an int of MiB -> unknown") << QByteArray("MemTotal: 9000000000000000 kB\n");
        QTest::newRow("a word -> unknown") << QByteArray("MemTotal: much\n");
        QTest::newRow("cut off -> unknown") << QByteArray("MemTotal:");
    }
    void memory()
    {
        QFETCH(QByteArray, line);
        FakeRoot root;
        root.write(u"proc/meminfo"_s, line);

        QCOMPARE(readDeviceFacts(RootFiles(root.path())).memoryMb, std::nullopt);
    }

    void aPipeInThePlaceOfAFileIsNotWaitedFor()
    {
        FakeRoot root;
        root.makeFolder(u"proc"_s);
        QCOMPARE(::mkfifo(QFile::encodeName(root.filePath(u"proc/meminfo"_s)).constData(), 0600), 0);

        QCOMPARE(readDeviceFacts(RootFiles(root.path())).memoryMb, std::nullopt);
    }

    void thisVeryComputerHasAnIdAndMemory()
    {
        const DeviceFacts facts = readDeviceFacts(RootFiles(u"/"_s));

        QCOMPARE(facts.deviceId.size(), 64);
        QVERIFY(facts.memoryMb.value_or(0) > 100);
        QVERIFY(!facts.osName.isEmpty());
    }

    void theProgramKnowsItsVersion()
    {
        const AppVersionFacts facts = context::appVersionFacts();

        QCOMPARE(facts.version, QStringLiteral(PHOTOLIFT_VERSION));
        QVERIFY(facts.platform.startsWith("linux-"_L1));
        QVERIFY(facts.releaseDate.isEmpty() || QDate::fromString(facts.releaseDate, Qt::ISODate).isValid());
    }
};

QTEST_GUILESS_MAIN(TestDeviceFacts)
#include "tst_devicefacts.moc"
