#pragma once

#include <QByteArrayList>
#include <QLocalServer>
#include <QObject>

#include <functional>

class QLocalSocket;

namespace photolift::desktop {

/// A second start on the same data folder hands its paths to the first window and raises it.
/// Paths are absolute and are the bytes of the file system; they go over a local socket of this person alone, each ended by a zero byte.
class SecondStart final : public QObject
{
    Q_OBJECT
public:
    /// In the first process, which holds the folder's lock: listens for others, at a socket in the folder.
    explicit SecondStart(const QString &dataFolder, QObject *parent = nullptr);
    /// In the second process: true when the first one heard. Waits at most some seconds; there is no window yet.
    static bool raiseFirst(const QString &dataFolder, const QByteArrayList &paths);

    /// The same without waiting, several times within some seconds: the first process may not listen yet.
    static void raiseFirstSoon(const QString &dataFolder, const QByteArrayList &paths, QObject *context,
                               std::function<void(bool wasHeard)> then, int triesLeft = 20);

Q_SIGNALS:
    /// Once for each second start; the list is empty when it named nothing.
    void raiseAsked(const QByteArrayList &paths);

private:
    void listenTo(QLocalSocket *other);

    QLocalServer m_server;
};

} // namespace photolift::desktop
