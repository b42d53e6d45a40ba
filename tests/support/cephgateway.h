#pragma once

#include <QByteArray>
#include <QProcess>
#include <QString>
#include <QTemporaryDir>
#include <QUrl>

#include <memory>
#include <vector>

namespace photolift::support {

/// A real S3 store on loopback: Ceph's monitor, object daemons and RADOS Gateway from Debian's packages, in a folder of its own, without
/// systemd. Ends with the object. Functions wait; they say false and leave their reason in failure() when something does not work.
class CephGateway
{
    Q_DISABLE_COPY_MOVE(CephGateway)
public:
    enum class Daemons {
        One,   ///< one, in memory, 4 GiB: up in about 3 s
        Three, ///< three on files, each object three times: up in about 8 s
        Large  ///< one on a file of at most 7 GiB, for benchmarks
    };
    CephGateway();
    ~CephGateway();

    bool start(Daemons daemons = Daemons::One);
    /// kill -9 of one object daemon, and a new start of it.
    void killDaemon(int number);
    bool startDaemon(int number);
    /// 0: there is none.
    qint64 daemonProcess(int number) const { return m_daemons.at(static_cast<std::size_t>(number))->processId(); }
    /// What was deleted makes room at once, not in two hours.
    bool collectGarbage();
    /// The lifecycle rules of all buckets, once, and to their end: a day of theirs is so many seconds.
    bool runLifecycle(int secondsOfADay);
    QUrl endpoint() const;
    static QByteArray accessKey() { return "photolift-test"; }
    static QByteArray secretKey() { return "a secret of this test alone"; }
    static QByteArray region() { return "default"; }
    const QString &failure() const { return m_failure; }

private:
    bool prepare(Daemons daemons);
    bool run(const QString &program, const QStringList &arguments, int timeoutMs = 60000);
    std::unique_ptr<QProcess> launch(const QString &program, const QStringList &arguments);
    bool waitForGateway();
    bool addUser();
    QString path(const QString &name) const { return m_folder.filePath(name); }

    QTemporaryDir m_folder;
    quint16 m_port = 0;
    QString m_failure;
    std::unique_ptr<QProcess> m_monitor;
    std::vector<std::unique_ptr<QProcess>> m_daemons;
    std::unique_ptr<QProcess> m_gateway;
};

} // namespace photolift::support
