#include "app/desktop/secondstart.h"

#include "models/vocabulary/whendone.h"

#include <QCryptographicHash>
#include <QFileInfo>
#include <QLocalServer>
#include <QLocalSocket>
#include <QStandardPaths>
#include <QTimer>
#include <QtConcurrentRun>

namespace photolift::desktop {

using namespace Qt::StringLiterals;

namespace {

constexpr int WaitMs = 1000;
constexpr int RetryMs = 250;
constexpr qint64 MostBytes = 16 * 1024 * 1024; // more than a command line can hold

constexpr qsizetype LongestPath = 90;        // a socket's holds 107 bytes (unix(7)), and QLocalServer makes it under a longer one

/// Inside of the data folder, where nobody else can have put a socket and every way to the folder leads to the same one; of a folder with a long
/// name in the folder that the session keeps for this person alone.
QString nameFor(const QString &dataFolder)
{
    const QFileInfo folder(dataFolder);
    const QString path = (folder.exists() ? folder.canonicalFilePath() : folder.absoluteFilePath()) + u"/window.socket"_s;
    if (QFile::encodeName(path).size() <= LongestPath)
        return path;
    const QByteArray hash = QCryptographicHash::hash(QFile::encodeName(path), QCryptographicHash::Sha256).toHex().first(16);
    return QStandardPaths::writableLocation(QStandardPaths::RuntimeLocation) + u"/photolift-"_s + QString::fromLatin1(hash);
}

/// A path holds no zero byte, so one ends each.
QByteArray written(const QByteArrayList &paths)
{
    QByteArray bytes;
    for (const QByteArray &path : paths)
        bytes += path + '\0';
    return bytes;
}

/// What was cut off before its end is no path.
QByteArrayList read(const QByteArray &bytes)
{
    QByteArrayList paths = bytes.split('\0');
    paths.removeLast();
    paths.removeIf([](const QByteArray &path) { return !path.startsWith('/'); });
    return paths;
}

} // namespace

SecondStart::SecondStart(const QString &dataFolder, QObject *parent)
    : QObject(parent)
    , m_door(new QObject)
{
    m_thread.setObjectName(u"second starts"_s);
    m_door->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_door, &QObject::deleteLater);
    m_thread.start();
    QMetaObject::invokeMethod(m_door, [this, dataFolder] { listen(nameFor(dataFolder)); });
}

SecondStart::~SecondStart()
{
    m_thread.quit();
    m_thread.wait();
}

void SecondStart::listen(const QString &name)
{
    // We hold the folder's lock, so a socket that is still there belongs to a process that died.
    QLocalServer::removeServer(name);
    auto *server = new QLocalServer(m_door);
    server->setSocketOptions(QLocalServer::UserAccessOption);
    connect(server, &QLocalServer::newConnection, m_door, [this, server] {
        while (QLocalSocket *other = server->nextPendingConnection())
            listenTo(other);
    });
    server->listen(name);
    QMetaObject::invokeMethod(this, &SecondStart::listening, Qt::QueuedConnection);
}

void SecondStart::listenTo(QLocalSocket *other)
{
    // The other one says all it has and hangs up; its end is the end of the list.
    const auto end = [this, other] {
        other->disconnect(m_door);
        other->deleteLater();
        QMetaObject::invokeMethod(this, [this, paths = read(other->readAll())] { Q_EMIT raiseAsked(paths); }, Qt::QueuedConnection);
    };
    if (other->state() != QLocalSocket::ConnectedState)
        return end();
    connect(other, &QLocalSocket::disconnected, m_door, end);
    connect(other, &QLocalSocket::readyRead, m_door, [other] {
        if (other->bytesAvailable() > MostBytes)
            other->abort();
    });
}

bool SecondStart::raiseFirst(const QString &dataFolder, const QByteArrayList &paths)
{
    QLocalSocket socket;
    socket.connectToServer(nameFor(dataFolder));
    if (!socket.waitForConnected(WaitMs))
        return false;
    socket.write(written(paths));
    while (socket.bytesToWrite() > 0) {
        if (!socket.waitForBytesWritten(WaitMs))
            return false;
    }
    socket.disconnectFromServer();
    return true;
}

void SecondStart::raiseFirstSoon(const QString &dataFolder, const QByteArrayList &paths, QObject *context,
                                 std::function<void(bool)> then, int triesLeft)
{
    // There is a window already, and to find the way to the folder is disk work.
    whenDone(QtConcurrent::run(nameFor, dataFolder), context, [=](const QString &name) { tryToRaise(name, paths, context, then, triesLeft); });
}

void SecondStart::tryToRaise(const QString &name, const QByteArrayList &paths, QObject *context, std::function<void(bool)> then, int triesLeft)
{
    auto *socket = new QLocalSocket(context);
    const auto end = [socket, then](bool wasHeard) {
        socket->disconnect();
        socket->deleteLater();
        then(wasHeard);
    };
    connect(socket, &QLocalSocket::connected, context, [=] {
        // Hangs up by itself once everything is written.
        connect(socket, &QLocalSocket::disconnected, context, [end] { end(true); });
        socket->write(written(paths));
        socket->disconnectFromServer();
    });
    connect(socket, &QLocalSocket::errorOccurred, context, [=] {
        if (triesLeft <= 1)
            return end(false);
        socket->disconnect();
        socket->deleteLater();
        QTimer::singleShot(RetryMs, context, [=] { tryToRaise(name, paths, context, then, triesLeft - 1); });
    });
    socket->connectToServer(name);
}

} // namespace photolift::desktop
