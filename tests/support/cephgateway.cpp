#include "tests/support/cephgateway.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QTcpServer>
#include <QTcpSocket>
#include <QUuid>

using namespace Qt::StringLiterals;

namespace photolift::support {

namespace {

/// Ports that were free a moment ago.
QList<quint16> freePorts(int count)
{
    std::vector<std::unique_ptr<QTcpServer>> held;
    QList<quint16> ports;
    for (int i = 0; i < count; ++i) {
        held.push_back(std::make_unique<QTcpServer>());
        held.back()->listen(QHostAddress::LocalHost);
        ports.append(held.back()->serverPort());
    }
    return ports;
}

int countOf(CephGateway::Daemons kind)
{
    return kind == CephGateway::Daemons::Three ? 3 : 1;
}

/// What the whole cluster reads. One machine, so copies may lie on daemons of the same host.
QString configuration(const QString &folder, const QList<quint16> &ports, CephGateway::Daemons kind)
{
    const int daemons = countOf(kind);
    const QString store = kind == CephGateway::Daemons::One ? u"memstore"_s : u"bluestore"_s;
    const qint64 gib = kind == CephGateway::Daemons::Large ? 7 : 4;
    return QStringList{
        u"[global]"_s,
        u"fsid = "_s + QUuid::createUuid().toString(QUuid::WithoutBraces),
        u"mon initial members = a"_s,
        u"mon host = [v2:127.0.0.1:%1/0,v1:127.0.0.1:%2/0]"_s.arg(ports[1]).arg(ports[2]),
        u"public addr = 127.0.0.1"_s,
        u"cluster addr = 127.0.0.1"_s,
        u"ms bind ipv6 = false"_s,
        u"auth cluster required = cephx"_s,
        u"auth service required = cephx"_s,
        u"auth client required = cephx"_s,
        u"keyring = %1/keyring"_s.arg(folder),
        u"run dir = %1"_s.arg(folder),
        u"admin socket = %1/$name.asok"_s.arg(folder),
        u"log file = %1/$name.log"_s.arg(folder),
        u"log to stderr = false"_s,
        u"crash dir = %1"_s.arg(folder),
        u"pid file ="_s,
        u"osd crush chooseleaf type = 0"_s,
        u"osd pool default size = %1"_s.arg(daemons),
        u"osd pool default min size = %1"_s.arg(daemons > 1 ? daemons - 1 : 1),
        u"osd pool default pg num = 1"_s,
        u"osd pool default pgp num = 1"_s,
        u"osd pool default pg autoscale mode = off"_s,
        u"mon allow pool size one = true"_s,
        // Decisions of the monitor and deaths of daemons in tenths of seconds, not in those of a data centre.
        u"paxos propose interval = 0.05"_s,
        u"mon tick interval = 1"_s,
        u"mon osd min down reporters = 1"_s,
        u"mon osd reporter subtree level = osd"_s,
        u"osd heartbeat interval = 1"_s,
        u"osd heartbeat grace = 4"_s,
        u"osd pool default read lease ratio = 0.5"_s,
        u"mon data avail crit = 1"_s, // a test machine's disk may be rather full
        u"mon osd full ratio = 0.99"_s,
        u"mon osd nearfull ratio = 0.98"_s,
        u"mon osd backfillfull ratio = 0.985"_s,
        u"osd failsafe full ratio = 0.995"_s,
        u"mon data = %1/monitor"_s.arg(folder),
        u"mon cluster log file = %1/cluster.log"_s.arg(folder),
        u"[osd]"_s,
        u"osd data = %1/osd$id"_s.arg(folder),
        u"osd objectstore = %1"_s.arg(store),
        u"memstore device bytes = 4294967296"_s,
        u"bluestore block size = %1"_s.arg(gib << 30),
        u"bluestore block create = true"_s,
        u"bluestore cache autotune = false"_s,
        u"bluestore cache size = 134217728"_s,
        u"osd max object name len = 256"_s, // what a small file system can name
        u"osd max object namespace len = 64"_s,
        u"[client.rgw.a]"_s,
        u"rgw data = %1"_s.arg(folder),
        u"rgw frontends = beast endpoint=127.0.0.1:%1"_s.arg(ports[0]),
        u"rgw crypt require ssl = false"_s,
        u"rgw dns name = localhost"_s, // what stands before it is a bucket
        u"rgw run sync thread = false"_s, // there is one zone only
        QString(),
    }.join(u'\n');
}

}

CephGateway::CephGateway() = default;

CephGateway::~CephGateway()
{
    m_daemons.push_back(std::move(m_gateway));
    m_daemons.push_back(std::move(m_monitor));
    for (const auto &daemon : m_daemons) {
        if (daemon)
            daemon->kill();
    }
    for (const auto &daemon : m_daemons) {
        if (daemon)
            daemon->waitForFinished();
    }
}

QUrl CephGateway::endpoint() const
{
    return QUrl(u"http://127.0.0.1:%1"_s.arg(m_port));
}

bool CephGateway::run(const QString &program, const QStringList &arguments, int timeoutMs)
{
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(program, QStringList{u"--conf"_s, path(u"ceph.conf"_s)} + arguments);
    if (process.waitForFinished(timeoutMs) && process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0)
        return true;
    m_failure = program + u' ' + arguments.join(u' ') + u": "_s + process.errorString() + u' ' + QString::fromLocal8Bit(process.readAll());
    return false;
}

std::unique_ptr<QProcess> CephGateway::launch(const QString &program, const QStringList &arguments)
{
    auto process = std::make_unique<QProcess>();
    process->setStandardOutputFile(QProcess::nullDevice());
    process->setStandardErrorFile(QProcess::nullDevice());
    process->start(program, QStringList{u"--conf"_s, path(u"ceph.conf"_s)} + arguments + QStringList{u"-f"_s});
    return process;
}

bool CephGateway::prepare(Daemons kind)
{
    const int daemons = countOf(kind);
    const QList<quint16> ports = freePorts(3);
    m_port = ports.first();
    QFile conf(path(u"ceph.conf"_s));
    if (!m_folder.isValid() || !conf.open(QIODevice::WriteOnly) || conf.write(configuration(m_folder.path(), ports, kind).toUtf8()) < 0)
        return false;
    conf.close();
    const QString keyring = path(u"keyring"_s);
    struct Key {
        QString name;
        QStringList rights;
    };
    QList<Key> keys{{u"mon."_s, {u"--cap"_s, u"mon"_s, u"allow *"_s}},
                    {u"client.admin"_s, {u"--cap"_s, u"mon"_s, u"allow *"_s, u"--cap"_s, u"osd"_s, u"allow *"_s}},
                    {u"client.rgw.a"_s, {u"--cap"_s, u"mon"_s, u"allow rw"_s, u"--cap"_s, u"osd"_s, u"allow rwx"_s}}};
    for (int i = 0; i < daemons; ++i)
        keys.append({u"osd.%1"_s.arg(i), {u"--cap"_s, u"mon"_s, u"allow profile osd"_s, u"--cap"_s, u"osd"_s, u"allow *"_s}});
    for (const Key &key : std::as_const(keys)) {
        const QStringList create = QFile::exists(keyring) ? QStringList{} : QStringList{u"--create-keyring"_s};
        if (!run(u"ceph-authtool"_s, create + QStringList{keyring, u"--gen-key"_s, u"-n"_s, key.name} + key.rights))
            return false;
    }
    return run(u"monmaptool"_s, {u"--create"_s, u"--clobber"_s, u"--addv"_s, u"a"_s,
                                 u"[v2:127.0.0.1:%1,v1:127.0.0.1:%2]"_s.arg(ports[1]).arg(ports[2]), path(u"monmap"_s)})
        && run(u"ceph-mon"_s, {u"--mkfs"_s, u"-i"_s, u"a"_s, u"--monmap"_s, path(u"monmap"_s), u"--keyring"_s, keyring});
}

bool CephGateway::start(Daemons daemons)
{
    const int count = countOf(daemons);
    if (!prepare(daemons))
        return false;
    m_monitor = launch(u"ceph-mon"_s, {u"-i"_s, u"a"_s});
    m_daemons.resize(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
        const QString id = QUuid::createUuid().toString(QUuid::WithoutBraces);
        if (!QDir().mkpath(path(u"osd%1"_s.arg(i))) || !run(u"ceph"_s, {u"osd"_s, u"new"_s, id, QString::number(i)})
            || !run(u"ceph-osd"_s, {u"-i"_s, QString::number(i), u"--mkfs"_s, u"--osd-uuid"_s, id}) || !startDaemon(i))
            return false;
    }
    m_gateway = launch(u"radosgw"_s, {u"-n"_s, u"client.rgw.a"_s});
    return waitForGateway() && addUser();
}

bool CephGateway::waitForGateway()
{
    QElapsedTimer time;
    time.start();
    while (time.elapsed() < 60000) {
        if (m_gateway->waitForFinished(50)) { // between two looks at its port
            m_failure = u"radosgw ended at its start"_s;
            return false;
        }
        QTcpSocket socket;
        socket.connectToHost(QHostAddress::LocalHost, m_port);
        if (socket.waitForConnected(1000)) {
            socket.write("HEAD / HTTP/1.0\r\n\r\n");
            if (socket.waitForReadyRead(5000) && socket.readAll().startsWith("HTTP/"))
                return true;
        }
    }
    m_failure = u"radosgw gave no answer"_s;
    return false;
}

bool CephGateway::addUser()
{
    return run(u"radosgw-admin"_s, {u"-n"_s, u"client.rgw.a"_s, u"user"_s, u"create"_s, u"--uid=photolift"_s, u"--display-name=photolift"_s,
                                    u"--access-key="_s + QString::fromLatin1(accessKey()), u"--secret-key="_s + QString::fromLatin1(secretKey())});
}

bool CephGateway::collectGarbage()
{
    return run(u"radosgw-admin"_s, {u"-n"_s, u"client.rgw.a"_s, u"gc"_s, u"process"_s, u"--include-all"_s}, 600'000);
}

bool CephGateway::runLifecycle(int secondsOfADay)
{
    return run(u"radosgw-admin"_s, {u"-n"_s, u"client.rgw.a"_s, u"lc"_s, u"process"_s, u"--rgw-lc-debug-interval=%1"_s.arg(secondsOfADay)}, 120'000);
}

void CephGateway::killDaemon(int number)
{
    auto &daemon = m_daemons.at(static_cast<std::size_t>(number));
    daemon->kill();
    daemon->waitForFinished();
}

bool CephGateway::startDaemon(int number)
{
    m_daemons.at(static_cast<std::size_t>(number)) = launch(u"ceph-osd"_s, {u"-i"_s, QString::number(number)});
    return m_daemons.at(static_cast<std::size_t>(number))->waitForStarted();
}

} // namespace photolift::support
