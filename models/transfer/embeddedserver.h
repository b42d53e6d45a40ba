#pragma once

#include "models/vocabulary/result.h"

#include <QByteArray>
#include <QObject>
#include <QUrl>

#include <memory>

namespace photolift::transfer {

/// `photolift-server --embedded` as our child: started with a fresh token on its standard input, restarted when it dies (with a
/// pause that grows to 10 s), ended by closing its input. Lives on the thread that made it, which needs an event loop.
class EmbeddedServer final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(EmbeddedServer)
public:
    EmbeddedServer(QString program, QString dataFolder, QObject *parent = nullptr);
    ~EmbeddedServer() override; ///< closes its input, waits for its end, kills it after 5 s

    void start();
    qint64 processId() const; ///< 0 while it does not run

Q_SIGNALS:
    /// After each start: where it listens now and the token of this life.
    void ready(const QUrl &address, const QByteArray &token);
    void died(const photolift::Error &error);

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace photolift::transfer
