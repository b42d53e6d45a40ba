#pragma once

#include "models/context/surroundingsprobe.h"
#include "models/photo/helper.h"
#include "models/pipeline/engine.h"
#include "models/store/archive.h"
#include "models/store/recorder.h"
#include "models/store/worklist.h"
#include "models/transfer/dataplane.h"
#include "tests/support/faultproxy.h"
#include "tests/support/serverrun.h"

#include <QTemporaryDir>

namespace photolift::pipeline
{

/// Paces for tests: everything that takes minutes takes parts of a second.
Tuning quickTuning();

/// The engine with its real rooms and a real photolift-server behind a fault proxy; no window and no command line.
///     EngineRig rig;
///     QVERIFY(rig.startServer());
///     rig.photo(u"a.jpg"_s, 1);
///     rig.startEngine();
///     rig.drop();
///     QTRY_COMPARE(rig.state(u"a.jpg"_s), ItemState::Succeeded);
/// Lives on the test's thread, which is the engine's thread, too.
class EngineRig
{
    Q_DISABLE_COPY_MOVE(EngineRig)
public:
    explicit EngineRig(Tuning tuning = quickTuning());
    ~EngineRig();

    bool startServer(const QStringList &environment = {});
    /// What the engine signs in with, from now on; without: the server's right one.
    void giveToken(const QByteArray &token);
    void giveRightToken() { giveToken(m_token); }
    support::ServerRun &server() { return *m_server; }
    support::FaultProxy &proxy() { return m_proxy; }
    QString serverFolder() const { return m_folder.filePath(QStringLiteral("server")); }
    QString database() const { return m_folder.filePath(QStringLiteral("data/photolift.sqlite")); }
    QString source(const QString &name = {}) const; ///< of the folder that is dropped

    /// Opens the data folder and starts the engine on it, as a start of the program does.
    void startEngine();
    /// From the next start on: NetworkManager as it is on this bus, and the server counts as one elsewhere.
    void useNetwork(const QString &busAddress, bool mindsMeter = true)
    {
        m_busAddress = busAddress;
        m_mindsMeter = mindsMeter;
    }
    bool isMetered() const { return m_room->probe->isMetered(); }
    void stopEngine(); ///< orderly, waits for its end
    void restartEngine();
    Engine &engine() { return *m_room->engine; }
    /// When every command so far has been heard; the engine hears them in the order of their calls.
    bool isAllHeard();
    bool isAllWritten(); ///< when everything is on disk that was on its way there
    store::Recorder &recorder() { return *m_room->recorder; }

    /// A JPEG that decodes, an hour old; `bytes`: exactly so long, where that is more than it needs.
    void photo(const QString &name, int seed, qint64 bytes = 0);
    void file(const QString &name, const QByteArray &bytes);
    /// So many small ones that differ: 0.jpg, 1.jpg, ...
    void photos(int count);
    /// One that is sent in three parts.
    void largePhoto(const QString &name);
    /// Drops the whole folder, or these names of it.
    QUuid drop(const QStringList &names = {}, const QString &project = {});

    /// By the name below the folder; of the newest drop that has it.
    std::optional<store::Item> item(const QString &name) const;
    std::optional<ItemState> state(const QString &name) const;
    QUuid itemId(const QString &name) const;
    QList<store::AttemptView> attempts(const QString &name) const; ///< oldest first
    /// Status of each attempt, oldest first.
    QList<Status> statuses(const QString &name) const;
    /// Codes of the newest attempt's errors, in order; with '!' behind those that are fatal.
    QStringList errors(const QString &name) const;
    QList<store::BatchView> batches(bool withCleared = false) const;

    const QueueState &queueState() const { return m_state; }
    const QList<QueueState> &queueStates() const { return m_states; } ///< all so far
    const QStringList &ended() const { return m_ended; }              ///< names in the order of their ends
    /// Requests POST /v1/uploads: how often the server was asked whether it has the bytes.
    int questions() const;
    int count(const QByteArray &method, const QByteArray &pathPart) const { return m_proxy.count(method, pathPart); }

private:
    /// What one start of the program makes, in this order.
    struct Room {
        std::unique_ptr<store::Recorder> recorder;
        std::unique_ptr<store::Archive> archive;
        std::unique_ptr<store::WorkList> workList;
        std::unique_ptr<transfer::DataPlane> dataPlane;
        std::unique_ptr<context::SurroundingsProbe> probe;
        std::unique_ptr<photo::Helper> helper;
        std::unique_ptr<transfer::ApiClient> api;
        std::unique_ptr<Engine> engine;
    };

    const Tuning m_tuning;
    QTemporaryDir m_folder;
    std::unique_ptr<support::ServerRun> m_server;
    mutable support::FaultProxy m_proxy;
    QByteArray m_token;
    QString m_busAddress;
    bool m_mindsMeter = true;
    std::optional<QByteArray> m_givenToken;
    std::unique_ptr<Room> m_room;
    qint64 m_lastLimit = 1'000'000'000; ///< bytes a second, which limits nothing; each differs
    QList<QUuid> m_batches;
    QueueState m_state;
    QList<QueueState> m_states;
    QStringList m_ended;
};

} // namespace photolift::pipeline
