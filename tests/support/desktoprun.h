#pragma once

#include <QProcess>
#include <QString>
#include <QStringList>
#include <QUrl>

namespace photolift::support {

/// The real desktop program, photolift, with its window on no screen, at work for the server of an organisation. Ends with the object,
/// as if its computer were switched off.
class DesktopRun
{
    Q_DISABLE_COPY_MOVE(DesktopRun)
public:
    /// `program`: another one than that of this build, such as one that trusts a test's certificate.
    DesktopRun(const QString &dataFolder, QUrl server, QString tokenFile, QString program = {});
    ~DesktopRun();

    /// Starts it; the paths are dropped at once.
    bool start(const QStringList &paths);
    bool isRunning() const { return m_process.state() == QProcess::Running; }
    /// Its list of this server: where photolift.db is.
    QString listFolder() const { return m_listFolder; }
    /// Counted in its list, while it is in use or not; -1 as long as there is none.
    qint64 rows(const QString &tableAndCondition) const;
    /// Every file of what was dropped was found and has come to its end, and the server knows all about it: until the next heartbeat is written. To be waited
    /// for with qWaitFor, QTRY_VERIFY looks a second time. `besides`: a condition in SQL that has to be true at the same moment.
    bool hasEnded(const QString &besides = QStringLiteral("TRUE")) const;

private:
    const QString m_dataFolder;
    const QUrl m_server;
    const QString m_tokenFile;
    const QString m_program;
    const QString m_listFolder;
    QProcess m_process;
};

} // namespace photolift::support
