#pragma once

#include <QObject>

#include <memory>

namespace photolift::store {
class Outbox;
class Recorder;
}
namespace photolift::transfer {
class ApiClient;
}
namespace photolift::context {
class SurroundingsProbe;
}

namespace photolift::mirror {

/// Brings the outbox to the server: batches of at most 1,000 events, oldest first, one request at a time, until each is
/// acknowledged; waits and tries again as the policies say. Sends 24 h of events again when the server's epoch changed.
/// Lives on the engine's thread.
class Mirror final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Mirror)
public:
    /// Owns none of them; they outlive it.
    Mirror(store::Outbox &outbox, transfer::ApiClient &api, QObject *parent = nullptr);
    ~Mirror() override;

    void start();
    /// Something was recorded or the server is back: looks soon.
    void wake();
    void noteEpoch(const QString &epoch);

Q_SIGNALS:
    void drained(); ///< the outbox was seen empty

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace photolift::mirror
