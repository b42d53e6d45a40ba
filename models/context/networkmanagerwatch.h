#pragma once

#include "models/context/busproperties.h"
#include "models/context/networkstate.h"

namespace photolift::context {

/// What NetworkManager says about the primary connection, and ModemManager where that is a modem.
class NetworkManagerWatch final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(NetworkManagerWatch)
public:
    explicit NetworkManagerWatch(const QDBusConnection &bus, QObject *parent = nullptr);

    bool isThere() const { return m_manager.isThere(); }
    /// It runs and manages the connection that is used; otherwise the kernel has to be asked.
    bool hasPrimaryConnection() const;
    bool saysDisconnected() const;
    const NetworkState &state() const { return m_state; }

Q_SIGNALS:
    void changed();

private:
    void look();
    void lookAtWifi();
    void lookAtModem();

    BusProperties m_manager;
    BusProperties m_connection;
    BusProperties m_device;
    BusProperties m_wireless;
    BusProperties m_accessPoint;
    BusProperties m_modem;
    BusProperties m_operator;
    NetworkState m_state;
};

/// The band of a Wi-Fi channel, in the words of dim_network_connections; empty when it is none we know.
QString wifiBand(uint frequencyMhz);
/// The generation of ModemManager's MMModemAccessTechnology flags; empty below the third.
QString mobileGeneration(uint accessTechnologies);

} // namespace photolift::context
