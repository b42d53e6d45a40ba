#pragma once

#include <QLocalServer>
#include <QObject>

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

Q_SIGNALS:
    void raiseAsked();

private:
    QLocalServer m_server;
};

} // namespace photolift::desktop
