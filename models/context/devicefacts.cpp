#include "models/context/devicefacts.h"

#include "models/context/buildstamp.h"

#include <QCryptographicHash>
#include <QSysInfo>

#include <limits>

using namespace Qt::StringLiterals;

namespace photolift::context {

namespace {

/// Makes our device id useless for anybody who knows the machine id or other programs' hashes of it.
constexpr QByteArrayView DeviceIdSalt = "photolift device 5f0c1f7e-6a3c-4b0e-9d52-2f8f6c2d7a11\n";

/// What board makers leave in the fields that they forgot to fill in.
bool isPlaceholder(const QString &text)
{
    static constexpr std::array placeholders{"to be filled by o.e.m."_L1, "default string"_L1, "system product name"_L1,
                                             "system manufacturer"_L1,    "system version"_L1, "not specified"_L1,
                                             "not applicable"_L1,         "none"_L1,           "unknown"_L1,
                                             "o.e.m."_L1,                 "oem"_L1,            "invalid"_L1};
    const QString lower = text.toLower();
    return text.size() < 2 || std::find(placeholders.begin(), placeholders.end(), lower) != placeholders.end();
}

QString firstHonest(const RootFiles &files, std::initializer_list<QString> paths)
{
    for (const QString &path : paths) {
        const QString text = files.line(path);
        if (!isPlaceholder(text))
            return text;
    }
    return {};
}

bool isMachineId(const QByteArray &text)
{
    return text.size() == 32 && std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

QByteArray machineSecret(const RootFiles &files)
{
    for (const QString &path : {u"etc/machine-id"_s, u"var/lib/dbus/machine-id"_s}) {
        const QByteArray id = files.bytes(path).trimmed();
        if (isMachineId(id))
            return id;
    }
    // Live systems and some containers have none: the network cards and the name of the host are the next best that lasts.
    QByteArray fallback = files.bytes(u"proc/sys/kernel/hostname"_s).trimmed();
    const QStringList interfaces = files.folders(u"sys/class/net"_s);
    for (const QString &name : interfaces) {
        if (files.exists(u"sys/class/net/"_s + name + u"/device"_s))
            fallback += '\n' + files.bytes(u"sys/class/net/"_s + name + u"/address"_s).trimmed();
    }
    return fallback;
}

QString typeOfChassis(const RootFiles &files)
{
    // A person or an installer may have said it: machine-info(5).
    const QString said = files.assignments(u"etc/machine-info"_s).value(u"CHASSIS"_s);
    for (const auto &[word, type] : {std::pair{"desktop"_L1, "desktop"_L1}, {"laptop"_L1, "laptop"_L1}, {"convertible"_L1, "laptop"_L1},
                                     {"server"_L1, "server"_L1}, {"tablet"_L1, "tablet"_L1}, {"handset"_L1, "phone"_L1}}) {
        if (said == word)
            return type;
    }
    switch (files.line(u"sys/class/dmi/id/chassis_type"_s).toInt()) { // SMBIOS 3.6, table 17
    case 3: case 4: case 5: case 6: case 7: case 13: case 15: case 16: case 24: case 35: case 36:
        return u"desktop"_s;
    case 8: case 9: case 10: case 14: case 31:
        return u"laptop"_s;
    case 30: case 32:
        return u"tablet"_s;
    case 11:
        return u"phone"_s;
    case 17: case 23: case 25: case 28: case 29:
        return u"server"_s;
    default:
        return u"unknown"_s;
    }
}

/// The value behind `key:` in /proc/cpuinfo and /proc/meminfo.
QString valueOf(const QByteArray &table, QByteArrayView key)
{
    const QList<QByteArray> lines = table.split('\n');
    for (const QByteArray &line : lines) {
        const qsizetype colon = line.indexOf(':');
        if (colon > 0 && line.first(colon).trimmed() == key)
            return RootFiles::tidy(QByteArrayView(line).sliced(colon + 1));
    }
    return {};
}

QString processorOf(const RootFiles &files)
{
    const QByteArray table = files.bytes(u"proc/cpuinfo"_s);
    for (const QByteArrayView key : {"model name", "Hardware", "cpu model", "cpu"}) {
        const QString name = valueOf(table, key);
        if (!name.isEmpty())
            return name;
    }
    return QSysInfo::currentCpuArchitecture();
}

std::optional<int> memoryMbOf(const RootFiles &files)
{
    bool isNumber = false;
    const qint64 kib = valueOf(files.bytes(u"proc/meminfo"_s), "MemTotal").section(u' ', 0, 0).toLongLong(&isNumber);
    const qint64 mib = kib / 1024;
    if (!isNumber || mib <= 0 || mib > std::numeric_limits<int>::max())
        return std::nullopt;
    return static_cast<int>(mib);
}

/// Whether the firmware knows a mode that saves power; nothing known where it names no modes.
std::optional<bool> lowPowerModeOf(const RootFiles &files)
{
    const QStringList choices = files.line(u"sys/firmware/acpi/platform_profile_choices"_s).split(u' ', Qt::SkipEmptyParts);
    if (choices.isEmpty())
        return std::nullopt;
    return choices.contains("low-power"_L1);
}

} // namespace

DeviceFacts readDeviceFacts(const RootFiles &files)
{
    DeviceFacts facts;
    QCryptographicHash hash(QCryptographicHash::Sha256);
    hash.addData(DeviceIdSalt);
    hash.addData(machineSecret(files));
    facts.deviceId = QString::fromLatin1(hash.result().toHex());
    const QString dmi = u"sys/class/dmi/id/"_s;
    facts.model = firstHonest(files, {dmi + u"product_name"_s, dmi + u"board_name"_s, u"proc/device-tree/model"_s});
    facts.manufacturer = firstHonest(files, {dmi + u"sys_vendor"_s, dmi + u"board_vendor"_s});
    facts.type = typeOfChassis(files);
    QHash<QString, QString> release = files.assignments(u"etc/os-release"_s);
    if (release.isEmpty())
        release = files.assignments(u"usr/lib/os-release"_s);
    facts.osName = release.value(u"NAME"_s, QSysInfo::kernelType());
    // Rolling releases have no VERSION_ID.
    facts.osVersion = release.value(u"VERSION_ID"_s, release.value(u"VERSION_CODENAME"_s));
    facts.processorType = processorOf(files);
    facts.memoryMb = memoryMbOf(files);
    facts.hasLowPowerMode = lowPowerModeOf(files);
    return facts;
}

AppVersionFacts appVersionFacts()
{
    AppVersionFacts facts;
    facts.version = QStringLiteral(PHOTOLIFT_VERSION);
    facts.buildNumber = QStringLiteral(PHOTOLIFT_BUILD_NUMBER);
    facts.releaseDate = QStringLiteral(PHOTOLIFT_RELEASE_DATE);
    facts.platform = QSysInfo::kernelType() + u'-' + QSysInfo::currentCpuArchitecture();
    facts.isBeta = facts.version.contains(u'-');
    return facts;
}

} // namespace photolift::context
