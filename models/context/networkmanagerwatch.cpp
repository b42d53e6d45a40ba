#include "models/context/networkmanagerwatch.h"

#include "models/context/rootfiles.h"

#include <QDBusArgument>

using namespace Qt::StringLiterals;

namespace photolift::context {

namespace {

const QString Manager = u"org.freedesktop.NetworkManager"_s;
const QString ModemManager = u"org.freedesktop.ModemManager1"_s;

enum DeviceType : uint { Ethernet = 1, Wifi = 2, Modem = 8 }; // NMDeviceType
enum ManagerState : uint { Asleep = 10, Disconnected = 20 };   // NMState
enum MeteredState : uint { MeteredYes = 1, MeteredNo = 2, MeteredGuessYes = 3, MeteredGuessNo = 4 };

QString typeNamed(const QString &connectionType)
{
    for (const auto &[theirs, ours] : {std::pair{"802-3-ethernet"_L1, "ethernet"_L1}, {"802-11-wireless"_L1, "wifi"_L1},
                                       {"gsm"_L1, "cellular"_L1}, {"cdma"_L1, "cellular"_L1}}) {
        if (connectionType == theirs)
            return ours;
    }
    return connectionType.isEmpty() ? u"unknown"_s : u"other"_s;
}

/// Older versions call veth and its like Ethernet; the driver tells.
bool isVirtual(const QString &driver)
{
    return driver == "veth"_L1 || driver == "bridge"_L1 || driver == "ifb"_L1 || driver == "tun"_L1 || driver == "dummy"_L1;
}

std::optional<int> percent(const QVariant &value)
{
    bool isNumber = false;
    const uint number = value.toUInt(&isNumber);
    return isNumber && number <= 100 ? std::optional(static_cast<int>(number)) : std::nullopt;
}

} // namespace

QString wifiBand(uint frequencyMhz)
{
    if (frequencyMhz >= 2400 && frequencyMhz < 2500)
        return u"2.4 GHz"_s;
    if (frequencyMhz >= 4900 && frequencyMhz < 5925)
        return u"5 GHz"_s;
    if (frequencyMhz >= 5925 && frequencyMhz <= 7125)
        return u"6 GHz"_s;
    return {};
}

QString mobileGeneration(uint accessTechnologies)
{
    constexpr uint fifth = 1u << 15;
    constexpr uint fourth = 1u << 14 | 1u << 16 | 1u << 17;                                      // LTE and its small sisters
    constexpr uint third = 1u << 5 | 1u << 6 | 1u << 7 | 1u << 8 | 1u << 9 | 1u << 11 | 1u << 12 | 1u << 13; // UMTS to HSPA+, EV-DO
    if (accessTechnologies == ~0u) // MM_MODEM_ACCESS_TECHNOLOGY_ANY: it does not know
        return {};
    if (accessTechnologies & fifth)
        return u"5g"_s;
    if (accessTechnologies & fourth)
        return u"4g"_s;
    return accessTechnologies & third ? u"3g"_s : QString();
}

NetworkManagerWatch::NetworkManagerWatch(const QDBusConnection &bus, QObject *parent)
    : QObject(parent)
    , m_manager(bus, Manager, Manager)
    , m_connection(bus, Manager, Manager + u".Connection.Active"_s)
    , m_device(bus, Manager, Manager + u".Device"_s)
    , m_wireless(bus, Manager, Manager + u".Device.Wireless"_s)
    , m_accessPoint(bus, Manager, Manager + u".AccessPoint"_s)
    , m_modem(bus, ModemManager, ModemManager + u".Modem"_s)
    , m_operator(bus, ModemManager, ModemManager + u".Modem.Modem3gpp"_s)
{
    for (BusProperties *properties : {&m_manager, &m_connection, &m_device, &m_wireless, &m_accessPoint, &m_modem, &m_operator})
        connect(properties, &BusProperties::changed, this, &NetworkManagerWatch::look);
    m_manager.follow(u"/org/freedesktop/NetworkManager"_s);
}

bool NetworkManagerWatch::hasPrimaryConnection() const
{
    return m_manager.isThere() && !m_manager.path(u"PrimaryConnection"_s).isEmpty();
}

bool NetworkManagerWatch::saysDisconnected() const
{
    const uint state = m_manager.value(u"State"_s).toUInt();
    return m_manager.isThere() && (state == Asleep || state == Disconnected);
}

void NetworkManagerWatch::look()
{
    m_state = {};
    m_connection.follow(m_manager.path(u"PrimaryConnection"_s));
    m_device.follow(m_connection.paths(u"Devices"_s).value(0));
    const uint deviceType = m_device.value(u"DeviceType"_s).toUInt();
    m_wireless.follow(deviceType == Wifi ? m_connection.paths(u"Devices"_s).value(0) : QString());
    const QString modem = deviceType == Modem ? m_device.value(u"Udi"_s).toString() : QString();
    m_modem.follow(modem.startsWith("/org/freedesktop/ModemManager1/"_L1) ? modem : QString());
    m_operator.follow(modem.startsWith("/org/freedesktop/ModemManager1/"_L1) ? modem : QString());

    const uint metered = m_manager.value(u"Metered"_s).toUInt();
    if (metered >= MeteredYes && metered <= MeteredGuessNo)
        m_state.isMetered = metered == MeteredYes || metered == MeteredGuessYes;
    m_state.type = typeNamed(m_manager.value(u"PrimaryConnectionType"_s).toString());
    m_state.connectionId = m_connection.value(u"Uuid"_s).toString();
    m_state.interfaceName = m_device.value(u"Interface"_s).toString();
    if (m_state.type == "ethernet"_L1 && m_device.isThere()
        && (deviceType != Ethernet || isVirtual(m_device.value(u"Driver"_s).toString())))
        m_state.type = u"other"_s;
    lookAtWifi();
    lookAtModem();
    Q_EMIT changed();
}

void NetworkManagerWatch::lookAtWifi()
{
    m_accessPoint.follow(m_state.type == "wifi"_L1 ? m_wireless.path(u"ActiveAccessPoint"_s) : QString());
    if (!m_accessPoint.isThere())
        return;
    // Strength is a byte
    m_state.signalPercent = percent(m_accessPoint.value(u"Strength"_s));
    m_state.subtype = wifiBand(m_accessPoint.value(u"Frequency"_s).toUInt());
}

void NetworkManagerWatch::lookAtModem()
{
    if (m_state.type != "cellular"_L1 || !m_modem.isThere())
        return;
    m_state.subtype = mobileGeneration(m_modem.value(u"AccessTechnologies"_s).toUInt());
    m_state.carrierName = RootFiles::tidy(m_operator.value(u"OperatorName"_s).toString().toUtf8());
    const QVariant quality = m_modem.value(u"SignalQuality"_s); // (ub): percent, and whether it was measured lately
    if (quality.metaType() == QMetaType::fromType<QDBusArgument>()) {
        const auto argument = quality.value<QDBusArgument>();
        if (argument.currentSignature() == "(ub)"_L1) {
            uint value = 0;
            bool isRecent = false;
            argument.beginStructure();
            argument >> value >> isRecent;
            argument.endStructure();
            m_state.signalPercent = percent(value);
        }
    }
}

} // namespace photolift::context
