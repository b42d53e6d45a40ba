#pragma once

#include <QByteArray>
#include <QProcess>
#include <QString>
#include <QUrl>

namespace photolift::support {

/// The real photolift-server, started by hand on a folder: it makes DIR/token itself. For tests; waits inside start().
class ServerRun
{
    Q_DISABLE_COPY_MOVE(ServerRun)
public:
    explicit ServerRun(QString dataFolder);
    ~ServerRun(); ///< stop()

    /// Starts it and waits for its address, at most 15 s. `environment`: extra "NAME=value" lines, such as a fault point.
    bool start(const QStringList &environment = {});
    /// SIGTERM, and waits for the orderly end; gives the exit code.
    int stop();
    /// kill -9, and waits until it is gone.
    void kill();
    bool waitForEnd(int ms = 30000);

    QUrl address() const { return m_address; }
    QString tokenFile() const;
    QString dataFolder() const { return m_dataFolder; }
    QProcess &process() { return m_process; }

private:
    const QString m_dataFolder;
    QProcess m_process;
    QUrl m_address;
};

/// The folder of the programs of this build.
QString programFolder();

} // namespace photolift::support
