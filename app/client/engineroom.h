#pragma once

#include "app/client/client.h"

#include <QObject>

#include <chrono>
#include <memory>

namespace photolift::client {

/// Everything that lives on the engine's thread, made and destroyed there: the server as a child or the address of one, the API
/// client, the helper that reads photos, the engine, the mirror and the heartbeat.
class EngineRoom final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(EngineRoom)
public:
    /// Recorder, archive and data plane outlive it.
    EngineRoom(const Client::Options &options, store::Recorder &recorder, store::Archive &archive, transfer::DataPlane &dataPlane);
    ~EngineRoom() override;

    pipeline::Engine &engine();
    /// The server, the mirror and the heartbeat; the engine is started by its owner.
    void start();
    void signIn(const QByteArray &token); ///< Client::signIn()
    /// stopped() follows once the engine has put down its work and the last rows were offered to the server, at most 8 seconds later;
    /// two where the list cannot be written: what it does not hold was shown to nobody as done.
    void stop();

Q_SIGNALS:
    void stopped();
    void outboxDrained();
    void serverDied(const photolift::Error &error);
    void serverFailing(const photolift::Error &error);
    void signedIn(const photolift::Person &person);

private:
    class Parts;
    void sayGoodbye();
    void sendTheLast();
    void endWithin(std::chrono::milliseconds sinceStop);
    void finish();
    std::unique_ptr<Parts> m_parts;
};

} // namespace photolift::client
