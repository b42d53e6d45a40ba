#include "models/context/surroundingsprobe.h"

#include "models/context/devicefacts.h"
#include "models/context/kernelnetwork.h"
#include "models/context/linkwatch.h"
#include "models/context/networkmanagerwatch.h"
#include "models/context/powerwatch.h"
#include "models/context/transfermedians.h"

#include <QCryptographicHash>
#include <QFutureWatcher>
#include <QLoggingCategory>
#include <QPromise>
#include <QThreadPool>

#include <atomic>

using namespace Qt::StringLiterals;

namespace photolift::context {

Q_LOGGING_CATEGORY(lcContext, "photolift.context")

namespace {

/// Everything that networkChanged() is about.
struct Gist {
    QString type;
    QString connectionId;
    bool isMetered = false;
    bool isOnline = true;
    bool operator==(const Gist &) const = default;
};

using Bus = std::shared_ptr<QDBusConnection>; // QFuture wants a value that can be empty

/// Says hello to the bus, which waits for the bus's answer: not for the thread of the probe.
QFuture<Bus> connectInBackground(const QString &address, const QString &name)
{
    auto promise = std::make_shared<QPromise<Bus>>();
    promise->start();
    QThreadPool::globalInstance()->start([promise, address, name] {
        promise->addResult(std::make_shared<QDBusConnection>(address.isEmpty() ? QDBusConnection::connectToBus(QDBusConnection::SystemBus, name)
                                                                                : QDBusConnection::connectToBus(address, name)));
        promise->finish();
    });
    return promise->future();
}

const QString LocalConnection = u"local"_s; ///< to the embedded server: what the dimension calls it, and its name here

/// Tells connections apart without naming them.
QString connectionKey(const QString &connectionId)
{
    return QString::fromLatin1(QCryptographicHash::hash(connectionId.toUtf8(), QCryptographicHash::Sha256).toHex().left(16));
}

std::optional<double> firstNumber(const RootFiles &files, const QString &path)
{
    bool isNumber = false;
    const double value = files.line(path).section(u' ', 0, 0).toDouble(&isNumber);
    return isNumber && value >= 0 && value < 1e9 ? std::optional(value) : std::nullopt;
}

std::optional<qint64> availableMemoryMb(const RootFiles &files)
{
    const QList<QByteArray> lines = files.bytes(u"proc/meminfo"_s).split('\n');
    for (const QByteArray &line : lines) {
        if (!line.startsWith("MemAvailable:"))
            continue;
        bool isNumber = false;
        const qint64 kib = line.mid(13).simplified().split(' ').value(0).toLongLong(&isNumber);
        return isNumber && kib >= 0 ? std::optional(kib / 1024) : std::nullopt;
    }
    return std::nullopt;
}

} // namespace

class SurroundingsProbe::Private
{
public:
    Private(SurroundingsProbe &probe, Sources sources)
        : q(probe)
        , files(sources.root)
        , device(readDeviceFacts(files))
        , app(appVersionFacts())
        , kernel(readKernelNetwork(files))
    {
        gist = currentGist();
        settle.setSingleShot(true);
        settle.setInterval(50);
        QObject::connect(&settle, &QTimer::timeout, &q, [this] { tellChange(); });
        QObject::connect(&links, &LinkWatch::changed, &q, [this] { lookAtKernel(); });
        QObject::connect(&lookAgain, &QTimer::timeout, &q, [this] { lookAtKernel(); });
        lookAgain.start(sources.lookAgainMs);
        QObject::connect(&busSearch, &QFutureWatcher<Bus>::finished, &q, [this] { useBus(*busSearch.result()); });
        busSearch.setFuture(connectInBackground(sources.busAddress, busName));
    }

    ~Private()
    {
        network.reset();
        power.reset();
        if (hasBus)
            QDBusConnection::disconnectFromBus(busName);
    }

    void useBus(const QDBusConnection &bus)
    {
        if (!bus.isConnected()) {
            qCInfo(lcContext) << "no D-Bus: network and power facts come from the kernel alone";
            QDBusConnection::disconnectFromBus(busName);
            return;
        }
        hasBus = true;
        network = std::make_unique<NetworkManagerWatch>(bus);
        power = std::make_unique<PowerWatch>(bus);
        QObject::connect(network.get(), &NetworkManagerWatch::changed, &q, [this] { noteChange(); });
    }

    void lookAtKernel()
    {
        kernel = readKernelNetwork(files);
        noteChange();
    }

    NetworkState state() const
    {
        if (!network || !network->hasPrimaryConnection())
            return kernel.state;
        NetworkState state = network->state();
        if (state.type == "wifi"_L1 && !state.signalPercent)
            state.signalPercent = wirelessSignal(files, state.interfaceName);
        return state;
    }

    bool isOnline() const
    {
        if (network && network->hasPrimaryConnection())
            return true;
        // NetworkManager calls itself disconnected on computers whose cable /etc/network/interfaces looks after; and the routes
        // of a container bridge stay when the cable is out.
        if (network && network->saysDisconnected())
            return kernel.hasDefaultRoute;
        return !kernel.isKnown || kernel.hasAnyRoute;
    }

    Gist currentGist() const
    {
        const NetworkState now = state();
        return {now.type, now.connectionId, now.isMetered.value_or(false), isOnline()};
    }

    /// NetworkManager's answers come one object after the other: what they say together is told, not each.
    void noteChange()
    {
        if (!settle.isActive())
            settle.start();
    }

    void tellChange()
    {
        const Gist now = currentGist();
        if (now == gist)
            return;
        gist = now;
        qCInfo(lcContext) << "network is now" << now.type << (now.isMetered ? "metered" : "not metered") << (now.isOnline ? "online" : "offline");
        Q_EMIT q.networkChanged();
    }

    static QString freshBusName()
    {
        static std::atomic<int> count = 0;
        return u"photolift-context-"_s + QString::number(++count);
    }

    SurroundingsProbe &q;
    const RootFiles files;
    const DeviceFacts device;
    const AppVersionFacts app;
    KernelNetwork kernel;
    const QString busName = freshBusName();
    bool hasBus = false;
    std::unique_ptr<NetworkManagerWatch> network;
    std::unique_ptr<PowerWatch> power;
    LinkWatch links;
    QTimer lookAgain;
    QTimer settle;
    QFutureWatcher<Bus> busSearch;
    TransferMedians medians; ///< by connectionKey()
    Gist gist;
};

SurroundingsProbe::SurroundingsProbe(Sources sources, QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>(*this, std::move(sources)))
{
}

SurroundingsProbe::~SurroundingsProbe() = default;

Surroundings SurroundingsProbe::current(bool isEmbeddedServer) const
{
    Surroundings surroundings;
    surroundings.device = d->device;
    if (d->power && d->power->hasLowPowerMode())
        surroundings.device.hasLowPowerMode = d->power->hasLowPowerMode();
    surroundings.app = d->app;
    NetworkFacts &facts = surroundings.network;
    if (isEmbeddedServer) {
        facts.connectionType = LocalConnection;
        facts.typicalBandwidthKbps = d->medians.bandwidthKbps(LocalConnection);
        facts.typicalLatencyMs = d->medians.latencyMs(LocalConnection);
        return surroundings;
    }
    const NetworkState state = d->state();
    facts.connectionType = state.type;
    facts.carrierName = state.carrierName;
    facts.subtype = state.subtype;
    if (state.signalPercent)
        facts.signalStrength = *state.signalPercent / 5 * 5; // down: the nearest would lift 73 into "excellent"
    const QString connection = connectionKey(state.connectionId);
    facts.typicalBandwidthKbps = d->medians.bandwidthKbps(connection);
    facts.typicalLatencyMs = d->medians.latencyMs(connection);
    return surroundings;
}

bool SurroundingsProbe::isMetered() const
{
    return d->state().isMetered.value_or(false);
}

QString SurroundingsProbe::connectionId() const
{
    return d->state().connectionId;
}

bool SurroundingsProbe::isOnline() const
{
    return d->isOnline();
}

QJsonObject SurroundingsProbe::deviceMetrics() const
{
    QJsonObject metrics;
    const auto add = [&metrics](const QString &name, const auto &value) {
        if (value)
            metrics.insert(name, static_cast<double>(*value));
    };
    if (d->power) {
        add(u"battery_percent"_s, d->power->batteryPercent());
        add(u"on_battery"_s, d->power->isOnBattery());
        add(u"low_power_mode"_s, d->power->isLowPowerMode());
    }
    add(u"free_memory_mb"_s, availableMemoryMb(d->files));
    add(u"load_1m"_s, firstNumber(d->files, u"proc/loadavg"_s));
    return metrics;
}

void SurroundingsProbe::noteTransfer(qint64 bytes, qint64 durationMs, qint64 rttUs, bool isEmbeddedServer)
{
    const QString connection = isEmbeddedServer ? LocalConnection : connectionKey(d->state().connectionId);
    if (d->medians.note(connection, bytes, durationMs, rttUs))
        Q_EMIT measured(connection, d->medians.kept(connection));
}

void SurroundingsProbe::recall(const QString &connection, const QByteArray &measurements)
{
    d->medians.recall(connection, measurements);
}

} // namespace photolift::context
