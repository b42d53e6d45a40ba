#pragma once

#include <QLocalServer>
#include <QObject>

#include <functional>

namespace photolift::desktop {

/// A second start on the same data folder raises the first window.
class SecondStart final : public QObject
{
    Q_OBJECT
public:
    /// In the first process: listens for others. The name comes from the folder, so that two folders are two programs.
    explicit SecondStart(const QString &dataFolder, QObject *parent = nullptr);
    /// In the second process: true when the first one heard. Waits at most a second; there is no window yet.
    static bool raiseFirst(const QString &dataFolder);

    /// The same without waiting, several times within some seconds: the first process may not listen yet.
    static void raiseFirstSoon(const QString &dataFolder, QObject *context, std::function<void(bool wasHeard)> then, int triesLeft = 20);

Q_SIGNALS:
    void raiseAsked();

private:
    QLocalServer m_server;
};

} // namespace photolift::desktop
