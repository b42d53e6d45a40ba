#pragma once

#include "models/context/busproperties.h"

#include <optional>

namespace photolift::context {

/// Battery and power profile: UPower and power-profiles-daemon, as far as they run.
class PowerWatch final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(PowerWatch)
public:
    explicit PowerWatch(const QDBusConnection &bus, QObject *parent = nullptr);

    std::optional<bool> isOnBattery() const;
    std::optional<int> batteryPercent() const;      ///< nothing without a battery
    std::optional<bool> hasLowPowerMode() const;    ///< the profile "power-saver" is offered
    std::optional<bool> isLowPowerMode() const;     ///< and chosen

private:
    BusProperties m_power;
    BusProperties m_battery;
    BusProperties m_profiles;
};

} // namespace photolift::context
