#include "app/client/engineroom.h"

#include "app/client/datafolder.h"
#include "app/client/heartbeat.h"
#include "models/context/surroundingsprobe.h"
#include "models/mirror/mirror.h"
#include "models/photo/helper.h"
#include "models/store/archive.h"
#include "models/store/recorder.h"
#include "models/transfer/apiclient.h"
#include "models/transfer/dataplane.h"
#include "models/transfer/embeddedserver.h"
#include "models/vocabulary/whendone.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QTimer>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace photolift::client {

namespace {
/// Two keep both cores of a small machine busy with metadata while others hash and send.
constexpr int HelperProcesses = 2;

/// How long the end of the program waits, all in all: for the parts in flight, the last commit, and the outbox on its way to the server.
constexpr auto LongestStop = 8s;
/// From the goodbye on where the server was away when last heard of, which may be a moment ago: one try is made all the same.
constexpr auto GoodbyeWithoutServer = 2s;
/// The same as the first where the list cannot be written: enough for the parts in flight. A lock or a full disk may last for hours.
constexpr auto LongestStopUnwritable = 2s;

const QString EpochSetting = u"server_epoch"_s;
const QString MeasuredSetting = u"measured/"_s; ///< with the connection behind it
}

/// In the order in which they are made; destroyed the other way round.
class EngineRoom::Parts
{
public:
    Parts(const Client::Options &options, store::Recorder &rows, store::Archive &archive, transfer::DataPlane &dataPlane)
        : recorder(rows)
        , server(options.server)
        , token(options.token)
        , probe(context::SurroundingsProbe::Sources{})
        , helper(photo::Helper::Options{.program = Client::program("photolift-photo"_L1), .processes = HelperProcesses})
        , engine(pipeline::Services{.recorder = &rows,
                                    .databasePath = DataFolder::database(options.dataFolder),
                                    .api = &api,
                                    .dataPlane = &dataPlane,
                                    .helper = &helper,
                                    .surroundings = &probe,
                                    .isEmbeddedServer = options.isEmbeddedServer(),
                                    .mindsMeter = options.mindsMeter,
                                    .ownFolders = DataFolder::ownFolders(options.dataFolder) + DataFolder::ownFolders(options.programFolder)},
                 options.tuning)
        , mirror(rows.outbox(), api, [this](const QList<QUuid> &attempts) { return engine.bringAgain(attempts); })
        , heartbeat(rows, archive, probe, options.dataFolder, options.isEmbeddedServer())
    {
        if (options.isEmbeddedServer())
            embedded.emplace(Client::program("photolift-server"_L1), DataFolder::server(options.dataFolder),
                             DataFolder::logs(options.dataFolder));
    }

    void serverReady(const QUrl &address, const QByteArray &newToken)
    {
        api.setServer(address, newToken);
        engine.serverReady(address, newToken);
        if (!std::exchange(isMirrorStarted, true))
            mirror.start();
        mirror.serverIsBack();
    }

    store::Recorder &recorder;
    const QUrl server;
    const QByteArray token;
    context::SurroundingsProbe probe;
    photo::Helper helper;
    transfer::ApiClient api;
    std::optional<transfer::EmbeddedServer> embedded;
    pipeline::Engine engine;
    mirror::Mirror mirror;
    Heartbeat heartbeat;
    QTimer stopDeadline;
    QElapsedTimer stopping;
    bool isListUnwritable = false; ///< locked, damaged, or its disk full or broken
    bool hasStopped = false;
    bool isMirrorStarted = false; ///< not before there is an address
    bool wasReachable = false;
    bool isUnreachable = false;   ///< tried, and without an answer; false as long as nobody knows
};

EngineRoom::EngineRoom(const Client::Options &options, store::Recorder &recorder, store::Archive &archive,
                       transfer::DataPlane &dataPlane)
    : m_parts(std::make_unique<Parts>(options, recorder, archive, dataPlane))
{
    Parts &parts = *m_parts;
    connect(&recorder, &store::Recorder::committed, &parts.mirror, &mirror::Mirror::wake);
    connect(&recorder, &store::Recorder::troubled, this, [this, &parts] {
        parts.isListUnwritable = true;
        if (parts.stopping.isValid())
            endWithin(LongestStopUnwritable);
    });
    connect(&recorder, &store::Recorder::recovered, this, [&parts] {
        parts.isListUnwritable = false;
        parts.mirror.serverIsBack(); // it may have been waiting for the list
    });
    parts.stopDeadline.setSingleShot(true);
    connect(&parts.stopDeadline, &QTimer::timeout, this, &EngineRoom::finish);
    const auto read = archive.settings().result();
    const QHash<QString, QString> settings = read ? *read : QHash<QString, QString>();
    parts.mirror.noteEpoch(settings.value(EpochSetting));
    for (auto setting = settings.begin(); setting != settings.end(); ++setting) {
        if (setting.key().startsWith(MeasuredSetting))
            parts.probe.recall(setting.key().sliced(MeasuredSetting.size()), setting.value().toUtf8());
    }
    connect(&parts.probe, &context::SurroundingsProbe::measured, &recorder, [&recorder](const QString &connection, const QByteArray &measurements) {
        recorder.record({store::SettingChanged{MeasuredSetting + connection, QString::fromUtf8(measurements)}});
    });
    connect(&parts.mirror, &mirror::Mirror::epochTaken, &recorder,
            [&recorder](const QString &epoch) { recorder.record({store::SettingChanged{EpochSetting, epoch}}); });
    connect(&parts.engine, &pipeline::Engine::queueStateChanged, &parts.mirror, [&parts](const pipeline::QueueState &state) {
        if (state.isServerReachable && !parts.wasReachable)
            parts.mirror.serverIsBack();
        parts.wasReachable = state.isServerReachable;
        parts.isUnreachable = !state.isServerReachable && !state.isConnecting;
    });
    connect(&parts.probe, &context::SurroundingsProbe::networkChanged, &parts.mirror, &mirror::Mirror::serverIsBack);
    connect(&parts.mirror, &mirror::Mirror::drained, this, &EngineRoom::outboxDrained);
    connect(&parts.engine, &pipeline::Engine::stopped, this, &EngineRoom::sayGoodbye);
    connect(&parts.api, &transfer::ApiClient::signedIn, this, &EngineRoom::signedIn);
    connect(&parts.engine, &pipeline::Engine::serverInfoChanged, &parts.mirror,
            [&parts](const wire::Info &info) {
                // An organisation restores its database from a copy. The one on this computer has none but this list.
                const bool isOurs = parts.embedded.has_value();
                parts.mirror.noteEpoch(info.epoch, isOurs ? store::Outbox::Lost::Everything : store::Outbox::Lost::SinceTheCopy);
            });
    if (parts.embedded) {
        connect(&*parts.embedded, &transfer::EmbeddedServer::ready, this,
                [&parts](const QUrl &address, const QByteArray &token) { parts.serverReady(address, token); });
        connect(&*parts.embedded, &transfer::EmbeddedServer::died, this, &EngineRoom::serverDied);
        connect(&*parts.embedded, &transfer::EmbeddedServer::failing, this, [this, &parts](const Error &error) {
            parts.engine.serverAbsent();
            Q_EMIT serverFailing(error);
        });
    }
}

EngineRoom::~EngineRoom() = default;

pipeline::Engine &EngineRoom::engine()
{
    return m_parts->engine;
}

void EngineRoom::start()
{
    m_parts->heartbeat.start();
    if (m_parts->embedded)
        m_parts->embedded->start();
    else if (!m_parts->token.isEmpty())
        m_parts->serverReady(m_parts->server, m_parts->token);
}

void EngineRoom::signIn(const QByteArray &token)
{
    if (!m_parts->embedded)
        m_parts->serverReady(m_parts->server, token);
}

void EngineRoom::stop()
{
    if (m_parts->stopping.isValid())
        return;
    m_parts->stopping.start();
    m_parts->recorder.hurry();
    endWithin(m_parts->isListUnwritable ? LongestStopUnwritable : LongestStop);
    m_parts->engine.stop();
}

void EngineRoom::endWithin(std::chrono::milliseconds sinceStop)
{
    const std::chrono::milliseconds left = std::max(0ms, sinceStop - std::chrono::milliseconds(m_parts->stopping.elapsed()));
    QTimer &deadline = m_parts->stopDeadline;
    if (!deadline.isActive() || left < deadline.remainingTimeAsDuration())
        deadline.start(left);
}

void EngineRoom::finish()
{
    if (!std::exchange(m_parts->hasStopped, true))
        Q_EMIT stopped();
}

void EngineRoom::sayGoodbye()
{
    if (m_parts->isListUnwritable)
        return finish();
    connect(&m_parts->heartbeat, &Heartbeat::stopped, this, &EngineRoom::sendTheLast);
    m_parts->heartbeat.stop();
}

void EngineRoom::sendTheLast()
{
    if (!m_parts->isMirrorStarted)
        return finish();
    // The last rows and the heartbeat of the stop go out now, with one try where there is no server; what does not, goes at the next start.
    if (m_parts->isUnreachable)
        endWithin(std::chrono::milliseconds(m_parts->stopping.elapsed()) + GoodbyeWithoutServer);
    whenDone(m_parts->recorder.recordDurably({}), this, [this](const Result<> &) {
        // Not before: an outbox seen empty until now says nothing about the heartbeat.
        connect(&m_parts->mirror, &mirror::Mirror::drained, this, &EngineRoom::finish);
        connect(&m_parts->mirror, &mirror::Mirror::heldUp, this, &EngineRoom::finish);
        m_parts->mirror.serverIsBack();
    });
}

} // namespace photolift::client
