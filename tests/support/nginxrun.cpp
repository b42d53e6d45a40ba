#include "tests/support/nginxrun.h"

#include <QElapsedTimer>
#include <QFile>
#include <QRegularExpression>
#include <QTcpServer>
#include <QTcpSocket>

using namespace Qt::StringLiterals;

namespace photolift::support {

namespace {

constexpr int StartMs = 20000;

/// Everything a site does not say; its numbers are those that the packaged site tells the administrator to set.
const QString Around = uR"(daemon off;
pid %1/pid;
error_log %1/error.log;
worker_processes 2;
worker_rlimit_nofile %2;
events { worker_connections %3; }
http {
    access_log off;
    client_body_temp_path %1/body; proxy_temp_path %1/proxy; fastcgi_temp_path %1/fastcgi; uwsgi_temp_path %1/uwsgi; scgi_temp_path %1/scgi;
    include %1/site.conf;
}
)"_s;

/// One that was free a moment ago; 0 when there is none.
quint16 freePort()
{
    QTcpServer probe;
    return probe.listen(QHostAddress::LocalHost) ? probe.serverPort() : 0;
}

/// The packaged site; empty when it cannot be read.
QString packagedSite()
{
    QFile packaged(qEnvironmentVariable("PHOTOLIFT_SOURCE") + u"/packaging/server/nginx-photolift.conf"_s);
    return packaged.open(QIODevice::ReadOnly) ? QString::fromUtf8(packaged.readAll()) : QString();
}

/// What it tells the administrator to write; 0 when it does not.
int told(const QString &site, const QString &pattern)
{
    return QRegularExpression(pattern).match(site).captured(1).toInt();
}

} // namespace

NginxRun::~NginxRun()
{
    m_process.terminate();
    if (!m_process.waitForFinished(10000))
        m_process.kill();
}

bool NginxRun::write(const QString &name, const QByteArray &content)
{
    QFile file(m_folder.filePath(name));
    return file.open(QIODevice::WriteOnly) && file.write(content) == content.size();
}

bool NginxRun::start(const QList<int> &servers)
{
    const quint16 port = freePort();
    QString site = packagedSite();
    if (site.isEmpty() || port == 0) {
        m_failure = u"no packaged site, or no port"_s;
        return false;
    }
    site.replace(u"listen 443"_s, u"listen 127.0.0.1:%1"_s.arg(port));
    site.replace(u"/etc/photolift"_s, m_folder.path());
    QString upstream;
    for (const int server : servers)
        upstream += u"    server 127.0.0.1:%1 max_fails=1 fail_timeout=2s;\n"_s.arg(server);
    static const QRegularExpression packagedServers(u"(    server 127[^\\n]*\\n)+"_s);
    site.replace(packagedServers, upstream);
    m_address = QUrl(u"https://127.0.0.1:%1"_s.arg(port));
    return write(u"site.conf"_s, site.toUtf8()) && write(u"server.crt"_s, m_certificate.pem) && write(u"server.key"_s, m_certificate.key.toPem())
        && run(port);
}

bool NginxRun::startSite(QString site)
{
    const quint16 port = freePort();
    site.replace(u"LISTEN"_s, u"127.0.0.1:%1"_s.arg(port));
    site.replace(u"FOLDER"_s, m_folder.path());
    // The site may look for files here, and nginx's workers give up root.
    if (!QFile::setPermissions(m_folder.path(), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner | QFile::ExeOther | QFile::ExeGroup))
        return false;
    m_address = QUrl(u"http://127.0.0.1:%1"_s.arg(port));
    return port != 0 && write(u"site.conf"_s, site.toUtf8()) && run(port);
}

bool NginxRun::run(quint16 port)
{
    const QString packaged = packagedSite();
    const int files = told(packaged, u"'worker_rlimit_nofile (\\d+);'"_s);
    const int connections = m_connections > 0 ? m_connections : told(packaged, u"/worker_connections (\\d+);/"_s);
    if (files == 0 || connections == 0) {
        m_failure = u"the packaged site does not say how many connections nginx is to have"_s;
        return false;
    }
    if (!write(u"nginx.conf"_s, Around.arg(m_folder.path()).arg(files).arg(connections).toUtf8()))
        return false;
    m_process.setProcessChannelMode(QProcess::MergedChannels);
    m_process.start(u"/usr/sbin/nginx"_s, {u"-e"_s, m_folder.filePath(u"error.log"_s), u"-p"_s, m_folder.path(), u"-c"_s, m_folder.filePath(u"nginx.conf"_s)});
    QElapsedTimer timer;
    timer.start();
    while (m_process.state() != QProcess::NotRunning && !timer.hasExpired(StartMs)) {
        QTcpSocket socket;
        socket.connectToHost(QHostAddress::LocalHost, port);
        if (socket.waitForConnected(1000))
            return true;
        m_process.waitForReadyRead(20); // it says why when it gives up
    }
    m_failure = u"nginx: "_s + QString::fromUtf8(m_process.readAll());
    return false;
}

} // namespace photolift::support
