#include "tests/support/haproxyrun.h"

#include <QElapsedTimer>
#include <QFile>
#include <QRegularExpression>
#include <QTcpServer>
#include <QTcpSocket>

#include <unistd.h>

using namespace Qt::StringLiterals;

namespace photolift::support {

namespace {

constexpr int StartMs = 20000;

/// One that was free a moment ago; 0 when there is none.
quint16 freePort()
{
    QTcpServer probe;
    return probe.listen(QHostAddress::LocalHost) ? probe.serverPort() : 0;
}

} // namespace

HaproxyRun::~HaproxyRun()
{
    m_process.terminate();
    if (!m_process.waitForFinished(10000))
        m_process.kill();
}

bool HaproxyRun::write(const QString &name, const QByteArray &content) const
{
    QFile file(m_folder.filePath(name));
    return file.open(QIODevice::WriteOnly) && file.write(content) == content.size();
}

bool HaproxyRun::start(const QList<int> &servers)
{
    QFile packaged(qEnvironmentVariable("PHOTOLIFT_SOURCE") + u"/packaging/server/haproxy-photolift.cfg"_s);
    const quint16 port = freePort();
    if (!packaged.open(QIODevice::ReadOnly) || port == 0) {
        m_failure = packaged.errorString();
        return false;
    }
    QString text = QString::fromUtf8(packaged.readAll());
    // Each server with all that the packaged ones have but their names and ports.
    static const QRegularExpression packagedServers(u"(?:    server \\S+ 127\\.0\\.0\\.1:\\d+( [^\\n]*)\\n)+"_s);
    const QRegularExpressionMatch match = packagedServers.match(text);
    QString backend;
    for (const int server : servers)
        backend += u"    server s%1 127.0.0.1:%1"_s.arg(server) + match.captured(1) + u'\n';
    if (!match.hasMatch() || !text.contains(u"bind :443 "_s) || !text.contains(u"/etc/photolift/server.pem"_s)) {
        m_failure = u"the packaged file is not what this expects"_s;
        return false;
    }
    text.replace(match.capturedStart(), match.capturedLength(), backend);
    if (::geteuid() != 0) { // only root gives its rights up
        static const QRegularExpression Rights(u"    (user|group|chroot) [^\\n]*\\n"_s);
        text.remove(Rights);
    }
    text.replace(u"bind :443 "_s, u"bind 127.0.0.1:%1 "_s.arg(port));
    text.replace(u"/etc/photolift/server.pem"_s, m_folder.filePath(u"server.pem"_s));
    if (!write(u"server.pem"_s, m_certificate.pem + m_certificate.key.toPem()) || !write(u"haproxy.cfg"_s, text.toUtf8())) {
        m_failure = u"no files"_s;
        return false;
    }
    m_address = QUrl(u"https://127.0.0.1:%1"_s.arg(port));
    m_process.setProcessChannelMode(QProcess::MergedChannels);
    m_process.start(u"/usr/sbin/haproxy"_s, {u"-db"_s, u"-f"_s, m_folder.filePath(u"haproxy.cfg"_s)});
    QElapsedTimer timer;
    timer.start();
    while (m_process.state() != QProcess::NotRunning && !timer.hasExpired(StartMs)) {
        QTcpSocket socket;
        socket.connectToHost(QHostAddress::LocalHost, port);
        if (socket.waitForConnected(1000))
            return true;
        m_process.waitForReadyRead(20); // it says why when it gives up
    }
    m_failure = u"haproxy: "_s + QString::fromUtf8(m_process.readAll());
    return false;
}

} // namespace photolift::support
