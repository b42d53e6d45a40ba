#include "models/context/powerwatch.h"

#include <QDBusArgument>

#include <cmath>

using namespace Qt::StringLiterals;

namespace photolift::context {

namespace {
const QString UPower = u"org.freedesktop.UPower"_s;
const QString Profiles = u"net.hadess.PowerProfiles"_s; // the name of Debian 12; newer versions still answer to it
const QString PowerSaver = u"power-saver"_s;
}

PowerWatch::PowerWatch(const QDBusConnection &bus, QObject *parent)
    : QObject(parent)
    , m_power(bus, UPower, UPower)
    , m_battery(bus, UPower, UPower + u".Device"_s)
    , m_profiles(bus, Profiles, Profiles)
{
    m_power.follow(u"/org/freedesktop/UPower"_s);
    // The display device sums up all batteries of this computer and leaves out mice and headphones.
    m_battery.follow(u"/org/freedesktop/UPower/devices/DisplayDevice"_s);
    m_profiles.follow(u"/net/hadess/PowerProfiles"_s);
}

std::optional<bool> PowerWatch::isOnBattery() const
{
    const QVariant value = m_power.value(u"OnBattery"_s);
    return value.metaType() == QMetaType::fromType<bool>() ? std::optional(value.toBool()) : std::nullopt;
}

std::optional<int> PowerWatch::batteryPercent() const
{
    bool isNumber = false;
    const double percent = m_battery.value(u"Percentage"_s).toDouble(&isNumber);
    if (!m_battery.value(u"IsPresent"_s).toBool() || !isNumber || !(percent >= 0 && percent <= 100))
        return std::nullopt;
    return static_cast<int>(std::lround(percent));
}

std::optional<bool> PowerWatch::hasLowPowerMode() const
{
    const QVariant value = m_profiles.value(u"Profiles"_s);
    if (value.metaType() != QMetaType::fromType<QDBusArgument>())
        return std::nullopt;
    const auto argument = value.value<QDBusArgument>();
    if (argument.currentSignature() != "aa{sv}"_L1)
        return std::nullopt;
    const auto profiles = qdbus_cast<QList<QVariantMap>>(argument);
    return std::any_of(profiles.begin(), profiles.end(), [](const QVariantMap &profile) { return profile.value(u"Profile"_s).toString() == PowerSaver; });
}

std::optional<bool> PowerWatch::isLowPowerMode() const
{
    const QString active = m_profiles.value(u"ActiveProfile"_s).toString();
    return active.isEmpty() ? std::nullopt : std::optional(active == PowerSaver);
}

} // namespace photolift::context
