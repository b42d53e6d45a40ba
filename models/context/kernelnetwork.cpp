#include "models/context/kernelnetwork.h"

#include <limits>

using namespace Qt::StringLiterals;

namespace photolift::context {

namespace {

struct Route {
    QString interfaceName;
    bool isDefault = false;
    quint32 metric = 0;
};

QList<QByteArrayList> rows(const QByteArray &table)
{
    QList<QByteArrayList> result;
    const QList<QByteArray> lines = table.split('\n');
    for (const QByteArray &line : lines) {
        const QByteArrayList fields = line.simplified().split(' ');
        if (fields.size() >= 8)
            result.append(fields);
    }
    return result;
}

bool isName(const QByteArray &name)
{
    return !name.isEmpty() && name.size() < 16 && !name.contains('/') && name != "." && name != ".." && name != "lo";
}

constexpr quint32 RouteUp = 0x1;
constexpr quint32 RouteReject = 0x200;

bool isUsable(const QByteArray &hexFlags)
{
    bool isNumber = false;
    const quint32 flags = hexFlags.toUInt(&isNumber, 16);
    return isNumber && (flags & RouteUp) != 0 && (flags & RouteReject) == 0;
}

QList<Route> readRoutes(const RootFiles &files)
{
    QList<Route> routes;
    for (const QByteArrayList &fields : rows(files.bytes(u"proc/net/route"_s))) {
        // Iface Destination Gateway Flags RefCnt Use Metric Mask ...
        if (isName(fields[0]) && isUsable(fields[3]))
            routes.append({QString::fromLatin1(fields[0]), fields[1] == "00000000" && fields[7] == "00000000", fields[6].toUInt()});
    }
    for (const QByteArrayList &fields : rows(files.bytes(u"proc/net/ipv6_route"_s))) {
        // destination length source length gateway metric refcount use flags interface
        if (fields.size() < 10 || !isName(fields[9]) || !isUsable(fields[8]) || fields[0].startsWith("fe80") || fields[0].startsWith("ff"))
            continue;
        routes.append({QString::fromLatin1(fields[9]), fields[0].count('0') == fields[0].size() && fields[1] == "00",
                       fields[5].toUInt(nullptr, 16)});
    }
    return routes;
}

QString typeOfInterface(const RootFiles &files, const QString &name)
{
    const QString folder = u"sys/class/net/"_s + name;
    if (files.exists(folder + u"/wireless"_s) || files.exists(folder + u"/phy80211"_s))
        return u"wifi"_s;
    const QString kind = files.assignments(folder + u"/uevent"_s).value(u"DEVTYPE"_s);
    if (kind == "wlan"_L1)
        return u"wifi"_s;
    if (kind == "wwan"_L1)
        return u"cellular"_s;
    const QString hardware = files.line(folder + u"/type"_s);
    if (hardware.isEmpty())
        return u"unknown"_s;
    // ARPHRD_ETHER is also veth, bridge and ifb: only what sits on a bus is a network card.
    const bool isCard = hardware == "1"_L1 && kind.isEmpty() && files.exists(folder + u"/device"_s);
    return isCard ? u"ethernet"_s : u"other"_s;
}

} // namespace

std::optional<int> wirelessSignal(const RootFiles &files, const QString &interfaceName)
{
    for (const QByteArrayList &fields : rows(files.bytes(u"proc/net/wireless"_s))) {
        if (fields[0] != interfaceName.toLatin1() + ':')
            continue;
        // "54." of the 70 that cfg80211 has as its best
        const double link = fields[2].toDouble();
        if (link > 0 && link <= 1000)
            return std::min(100, static_cast<int>(link * 100 / 70));
    }
    return std::nullopt;
}

KernelNetwork readKernelNetwork(const RootFiles &files)
{
    KernelNetwork network;
    network.isKnown = files.bytes(u"proc/net/route"_s).startsWith("Iface");
    const QList<Route> routes = readRoutes(files);
    const Route *best = nullptr;
    for (const Route &route : routes) {
        network.hasAnyRoute = true;
        network.hasDefaultRoute |= route.isDefault;
        const bool isBetter = !best || (route.isDefault && !best->isDefault) || (route.isDefault == best->isDefault && route.metric < best->metric);
        if (isBetter)
            best = &route;
    }
    if (!best)
        return network;
    network.state.interfaceName = best->interfaceName;
    network.state.connectionId = best->interfaceName;
    network.state.type = typeOfInterface(files, best->interfaceName);
    if (network.state.type == "wifi"_L1)
        network.state.signalPercent = wirelessSignal(files, best->interfaceName);
    return network;
}

} // namespace photolift::context
