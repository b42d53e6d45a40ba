#pragma once

#include "models/vocabulary/result.h"

#include <QByteArray>
#include <QObject>
#include <QUrl>

#include <memory>

namespace photolift::transfer {

/// `photolift-server --embedded` as our child: started with a fresh token on its standard input, restarted when it dies (with a
/// pause that grows from a quarter of a second to 10 s, until one life was long enough), ended by closing its input. Lives on the thread that made it, which needs an event loop.
class EmbeddedServer final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(EmbeddedServer)
public:
    /// `logFolder`: where it keeps server.log; empty: its lines are lost, but for the last ones before a death.
    EmbeddedServer(QString program, QString dataFolder, QString logFolder = {}, QObject *parent = nullptr);
    ~EmbeddedServer() override; ///< closes its input, waits for its end, kills it after 5 s

    void start();
    qint64 processId() const; ///< 0 while it does not run

Q_SIGNALS:
    /// After each start: where it listens now and the token of this life.
    void ready(const QUrl &address, const QByteArray &token);
    /// After each death but the one asked for; the next start follows. API_UNAVAILABLE, or LOCAL_LIST_BUSY while another server has the
    /// folder, with its last words.
    void died(const photolift::Error &error);
    /// It has died several times in a row and none of its lives was long: starting it again will hardly help, though that goes on.
    /// Once until it lives well again. The code of the last death, with its last words.
    void failing(const photolift::Error &error);

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace photolift::transfer
