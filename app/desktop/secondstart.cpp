#include "app/desktop/secondstart.h"

#include <QCryptographicHash>
#include <QDir>
#include <QLocalSocket>
#include <QTimer>

namespace photolift::desktop {

using namespace Qt::StringLiterals;

namespace {

constexpr int WaitMs = 1000;
constexpr int RetryMs = 250;

QString nameFor(const QString &dataFolder)
{
    const QByteArray folder = QDir(dataFolder).absolutePath().toUtf8();
    return u"photolift-"_s + QString::fromLatin1(QCryptographicHash::hash(folder, QCryptographicHash::Sha256).toHex().first(16));
}

} // namespace

SecondStart::SecondStart(const QString &dataFolder, QObject *parent)
    : QObject(parent)
{
    // We hold the folder's lock, so a socket that is still there belongs to a process that died.
    QLocalServer::removeServer(nameFor(dataFolder));
    m_server.setSocketOptions(QLocalServer::UserAccessOption);
    connect(&m_server, &QLocalServer::newConnection, this, [this] {
        delete m_server.nextPendingConnection();
        Q_EMIT raiseAsked();
    });
    m_server.listen(nameFor(dataFolder));
}

bool SecondStart::raiseFirst(const QString &dataFolder)
{
    QLocalSocket socket;
    socket.connectToServer(nameFor(dataFolder));
    return socket.waitForConnected(WaitMs);
}

void SecondStart::raiseFirstSoon(const QString &dataFolder, QObject *context, std::function<void(bool)> then, int triesLeft)
{
    auto *socket = new QLocalSocket(context);
    const auto end = [socket, then](bool wasHeard) {
        socket->disconnect();
        socket->deleteLater();
        then(wasHeard);
    };
    connect(socket, &QLocalSocket::connected, context, [end] { end(true); });
    connect(socket, &QLocalSocket::errorOccurred, context, [=] {
        if (triesLeft <= 1)
            return end(false);
        socket->disconnect();
        socket->deleteLater();
        QTimer::singleShot(RetryMs, context, [=] { raiseFirstSoon(dataFolder, context, then, triesLeft - 1); });
    });
    socket->connectToServer(nameFor(dataFolder));
}

} // namespace photolift::desktop
