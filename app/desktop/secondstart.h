#pragma once

#include <QByteArrayList>
#include <QObject>
#include <QThread>

#include <functional>

class QLocalSocket;

namespace photolift::desktop {

/// A second start on the same data folder hands its paths to the first window and raises it.
/// Paths are absolute and are the bytes of the file system; they go over a local socket of this person alone, each ended by a zero byte.
class SecondStart final : public QObject
{
    Q_OBJECT
public:
    /// In the first process, which holds the folder's lock: listens for others at a socket in the folder, on a thread of its own,
    /// because that is a file which is made and removed; listening() follows.
    explicit SecondStart(const QString &dataFolder, QObject *parent = nullptr);
    ~SecondStart() override;
    /// In the second process: true when the first one heard. Waits at most some seconds; there is no window yet.
    static bool raiseFirst(const QString &dataFolder, const QByteArrayList &paths);

    /// The same without waiting, several times within some seconds: the first process may not listen yet.
    static void raiseFirstSoon(const QString &dataFolder, const QByteArrayList &paths, QObject *context,
                               std::function<void(bool wasHeard)> then, int triesLeft = 20);

Q_SIGNALS:
    void listening();
    /// Once for each second start; the list is empty when it named nothing.
    void raiseAsked(const QByteArrayList &paths);

private:
    static void tryToRaise(const QString &name, const QByteArrayList &paths, QObject *context, std::function<void(bool)> then, int triesLeft);
    void listen(const QString &name); ///< on our thread, like listenTo()
    void listenTo(QLocalSocket *other);

    QThread m_thread;
    QObject *m_door; ///< lives on that thread and owns what listens there
};

} // namespace photolift::desktop
