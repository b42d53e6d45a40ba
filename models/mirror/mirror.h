#pragma once

#include "models/store/outbox.h"

#include <QObject>
#include <QString>

#include <functional>
#include <memory>

namespace photolift::store {
class Recorder;
}
namespace photolift::transfer {
class ApiClient;
}

namespace photolift::mirror {

/// Brings the outbox to the server: batches of at most 1,000 events, oldest first, one request at a time, until each is
/// acknowledged; waits and tries again as the policies say. Sends again what the server lost when its epoch changed.
/// Lives on the engine's thread.
class Mirror final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Mirror)
public:
    /// Who hears of attempts that are told as ended well, and whose photos are not safe on the server. Called on the mirror's thread; until what
    /// follows is durable the events count as unsent, so that after a kill the server says it again. May be called twice with the same ones.
    using NotSafe = std::function<QFuture<Result<>>(const QList<QUuid> &clientUploadIds)>;
    /// Owns none of them; they outlive it.
    Mirror(store::Outbox &outbox, transfer::ApiClient &api, NotSafe notSafe = {}, QObject *parent = nullptr);
    ~Mirror() override;

    void start();
    /// Something was recorded (Recorder::committed): looks soon. Does not cut a pause after a failure short.
    void wake();
    /// The server was reached by somebody, or the network or the sign-in changed: a pause ends now.
    void serverIsBack();
    /// The server's epoch. The first call tells the one known from earlier runs (empty: none); another one later means that the
    /// server's database is not the one that has our rows, and what it `lost` is sent again.
    void noteEpoch(const QString &epoch, store::Outbox::Lost lost = store::Outbox::Lost::SinceTheCopy);

Q_SIGNALS:
    void drained(); ///< the outbox was seen empty: everything recorded before is on the server
    void heldUp();  ///< a request or the list failed: the next try comes after a pause. Not of a server that asks for a moment
    /// What the change of epoch asked for is durable: now the epoch may be remembered for the next run.
    void epochTaken(const QString &epoch);

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace photolift::mirror
