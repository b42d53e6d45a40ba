#pragma once

#include "models/vocabulary/records.h"

#include <QObject>

#include <memory>

namespace photolift::context {

/// The device, the app and the network as the dimensions want them, from DMI, /proc, /sys/class/net, NetworkManager, ModemManager
/// and UPower. Everything is optional: what the system does not say stays unknown. Lives on the thread that made it (event loop
/// for D-Bus and the kernel's news). Finding the bus takes place on another thread: until it answered, the kernel's facts stand.
class SurroundingsProbe final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(SurroundingsProbe)
public:
    struct Sources {
        QString root = QStringLiteral("/"); ///< where proc, sys and etc are found; tests give a folder
        QString busAddress;                 ///< empty: the system bus
        int lookAgainMs = 10000;            ///< how often the kernel's files are read again besides its own news; > 0
    };
    explicit SurroundingsProbe(Sources sources, QObject *parent = nullptr);
    ~SurroundingsProbe() override;

    /// The latest known facts; never blocks, asks nobody. With the embedded server the network is "local", with the medians of
    /// what went to it.
    Surroundings current(bool isEmbeddedServer) const;
    /// NetworkManager's Metered says yes (1, 3).
    bool isMetered() const;
    /// NetworkManager's name for the connection in use, the same after a moment without it; empty when unknown.
    QString connectionId() const;
    /// false only when the system is sure that there is no route.
    bool isOnline() const;
    /// Numbers for the heartbeat: battery_percent, on_battery, low_power_mode (0 or 1), free_memory_mb, load_1m; what is not
    /// known is left out. Reads two small files of /proc.
    QJsonObject deviceMetrics() const;
    /// One transfer's measurement: median bandwidth and latency of this connection are kept from these. bytes below 64 KiB or
    /// durationMs <= 0 say nothing about the bandwidth, rttUs <= 0 nothing about the latency. What goes to the embedded server
    /// stays on this computer, and is no measurement of the network in use.
    void noteTransfer(qint64 bytes, qint64 durationMs, qint64 rttUs, bool isEmbeddedServer);
    /// What measured() told in an earlier life of the program, so that the first measurement of this one joins those before it.
    void recall(const QString &connection, const QByteArray &measurements);

Q_SIGNALS:
    /// Another medium, another connection, another metered state, online or not.
    void networkChanged();
    /// There is a new measurement of this connection: here with the others of it that count, at most a kilobyte. The connection is named
    /// by a hash, the way to the embedded server is "local".
    void measured(const QString &connection, const QByteArray &measurements);

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace photolift::context
