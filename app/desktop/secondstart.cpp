#include "app/desktop/secondstart.h"

#include <QCryptographicHash>
#include <QDir>
#include <QLocalSocket>

namespace photolift::desktop {

using namespace Qt::StringLiterals;

namespace {

constexpr int WaitMs = 1000;

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

} // namespace photolift::desktop
