#pragma once

#include "models/pipeline/engine.h"
#include "models/store/mending.h"
#include "models/vocabulary/person.h"

#include <QByteArray>
#include <QObject>
#include <QThread>
#include <QUrl>

#include <functional>
#include <memory>
#include <optional>

namespace photolift::store {
class Archive;
class Outbox;
class Recorder;
}

namespace photolift::client {

class DataFolder;
class EngineRoom;

/// One running Photolift without a face: its data folder, locked; recorder and archive; and on the engine's thread the server, the
/// engine, the mirror and the heartbeat. What the desktop and the command line both start. Lives on the main thread.
class Client final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Client)
public:
    struct Options {
        QString dataFolder;
        QString programFolder; ///< of all servers' data folders: no walk goes into it, and so none into what another server has; empty: dataFolder
        QUrl server;      ///< empty: an embedded server is started as our child
        QByteArray token; ///< for `server`; empty: nothing is asked of it before signIn()
        pipeline::Tuning tuning;
        bool mindsMeter = true; ///< a metered network pauses what goes to `server`
        bool isEmbeddedServer() const { return server.isEmpty(); }
    };

    /// Locks and opens the folder; the reasons against it are LOCAL_... codes. Blocking while a database is migrated.
    static Result<std::unique_ptr<Client>> open(const Options &options);
    /// The same on a thread of the pool: a window that is up meanwhile never waits. `then` is called on the calling thread, where the
    /// client lives from then on; not when `context` has gone away before.
    static void openLater(const Options &options, QObject *context, std::function<void(Result<std::unique_ptr<Client>>)> then);
    /// Stops what still runs, at most some seconds, and writes what was recorded.
    ~Client() override;

    pipeline::Engine &engine();   ///< commands may be called from here; connect its signals queued
    store::Archive &archive();
    store::Outbox &outbox();
    QString dataFolder() const;
    /// The list was damaged and had to be made anew (LOCAL_LIST_DAMAGED); people are told. nullopt: it was sound.
    const std::optional<store::Mended> &mended() const { return m_mended; }
    qint64 sentBytes() const;     ///< bytes of photos sent since the start of the program

    void start();
    /// The token for the server from now on, also in place of one before; empty: nobody is signed in. Nothing of the queue is lost.
    void signIn(const QByteArray &token);
    /// Orderly: parts in flight end or are dropped, the queue is kept. stopped() follows within 8 s (EngineRoom::stop()).
    void stop();

    /// Where photolift-server and photolift-photo are: beside this program.
    static QString program(QLatin1StringView name);

Q_SIGNALS:
    void stopped();
    void outboxDrained(); ///< everything recorded so far is on the server
    void serverDied(const photolift::Error &error); ///< the embedded one; it is started again
    /// The same again and again: see transfer::EmbeddedServer::failing().
    void serverFailing(const photolift::Error &error);
    void signedIn(const photolift::Person &person); ///< who the server says it let in; again whenever it is asked
    /// Writing to the data folder does not work; recovered() when it does again.
    void troubled(const photolift::Error &error);
    void recovered();

private:
    void settleIn(QThread *home); ///< on the thread that made it
    Client(const Options &options, std::unique_ptr<DataFolder> folder, std::unique_ptr<store::Recorder> recorder,
           std::unique_ptr<store::Archive> archive);

    const std::unique_ptr<DataFolder> m_folder;
    const std::unique_ptr<store::Recorder> m_recorder;
    const std::unique_ptr<store::Archive> m_archive;
    const std::unique_ptr<transfer::DataPlane> m_dataPlane;
    std::optional<store::Mended> m_mended;
    QThread m_engineThread;
    EngineRoom *m_room = nullptr; ///< owned by the engine's thread
};

} // namespace photolift::client
