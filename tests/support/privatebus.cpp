#include "tests/support/privatebus.h"

#include <QDBusArgument>
#include <QDBusConnectionInterface>
#include <QDBusMessage>
#include <QDBusMetaType>
#include <QDBusObjectPath>
#include <QDBusVariant>
#include <QTest>

#include <csignal>

using namespace Qt::StringLiterals;

namespace photolift::support {

/// dbusmock wants the methods of a new object as a(ssss); ours have none.
struct MockMethod {
    QString name, in, out, code;
};
QDBusArgument &operator<<(QDBusArgument &argument, const MockMethod &method)
{
    argument.beginStructure();
    argument << method.name << method.in << method.out << method.code;
    argument.endStructure();
    return argument;
}
const QDBusArgument &operator>>(const QDBusArgument &argument, MockMethod &method)
{
    argument.beginStructure();
    argument >> method.name >> method.in >> method.out >> method.code;
    argument.endStructure();
    return argument;
}

namespace {
const QString MockInterface = u"org.freedesktop.DBus.Mock"_s;

// "allow everything" is fine: only this test knows the socket.
constexpr auto Configuration = R"(<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><keep_umask/><listen>unix:path=%1/bus</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>)"_L1;
}

PrivateBus::PrivateBus()
    : m_directorName(u"privatebus-"_s + m_folder.path())
{
    qDBusRegisterMetaType<MockMethod>();
    qDBusRegisterMetaType<QList<MockMethod>>();
    QFile configuration(m_folder.filePath(u"bus.conf"_s));
    if (!configuration.open(QIODevice::WriteOnly))
        return;
    configuration.write(QString(Configuration).arg(m_folder.path()).toUtf8());
    configuration.close();
    m_daemon.setProcessChannelMode(QProcess::SeparateChannels);
    m_daemon.start(u"dbus-daemon"_s, {u"--nofork"_s, u"--print-address"_s, u"--config-file="_s + configuration.fileName()});
    // The address is printed once the socket listens.
    while (!m_daemon.canReadLine() && m_daemon.waitForReadyRead(10000)) { }
    m_address = QString::fromUtf8(m_daemon.readLine()).trimmed();
    QDBusConnection::connectToBus(m_address, m_directorName);
}

PrivateBus::~PrivateBus()
{
    QDBusConnection::disconnectFromBus(m_directorName);
    for (const auto &actor : m_actors) {
        actor->kill();
        actor->waitForFinished();
    }
    m_daemon.terminate();
    m_daemon.waitForFinished();
}

bool PrivateBus::isRunning() const
{
    return QDBusConnection(m_directorName).isConnected();
}

bool PrivateBus::startTemplate(const QString &name, const QString &busName)
{
    return startActor({u"--template"_s, name}, busName);
}

bool PrivateBus::startEmpty(const QString &busName, const QString &path, const QString &interfaceName)
{
    return startActor({u"--system"_s, busName, path, interfaceName}, busName);
}

bool PrivateBus::startActor(const QStringList &arguments, const QString &busName)
{
    auto actor = std::make_unique<QProcess>();
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(u"DBUS_SYSTEM_BUS_ADDRESS"_s, m_address);
    environment.insert(u"DBUS_SESSION_BUS_ADDRESS"_s, m_address);
    actor->setProcessEnvironment(environment);
    actor->setProcessChannelMode(QProcess::ForwardedErrorChannel);
    // The interpreter of the system: dbusmock is a Debian package, another python3 on PATH does not see it.
    actor->start(u"/usr/bin/python3"_s, QStringList{u"-m"_s, u"dbusmock"_s} + arguments);
    m_actors.push_back(std::move(actor));
    QDBusConnection director(m_directorName);
    return QTest::qWaitFor([&] { return director.interface()->isServiceRegistered(busName).value(); }, 20000);
}

void PrivateBus::freezeNewestActor()
{
    ::kill(static_cast<pid_t>(m_actors.back()->processId()), SIGSTOP);
}

void PrivateBus::thawNewestActor()
{
    ::kill(static_cast<pid_t>(m_actors.back()->processId()), SIGCONT);
}

void PrivateBus::killNewestActor()
{
    m_actors.back()->kill();
    m_actors.back()->waitForFinished();
    m_actors.pop_back();
}

QVariant PrivateBus::call(const QString &busName, const QString &path, const QString &method, const QVariantList &arguments, bool *isFine)
{
    QDBusMessage question = QDBusMessage::createMethodCall(busName, path, MockInterface, method);
    question.setArguments(arguments);
    const QDBusMessage answer = QDBusConnection(m_directorName).call(question);
    const bool isReply = answer.type() == QDBusMessage::ReplyMessage;
    if (!isReply)
        qWarning().noquote() << method << "on" << path << "was refused:" << answer.errorMessage();
    if (isFine)
        *isFine = isReply;
    return answer.arguments().value(0);
}

bool PrivateBus::addObject(const QString &busName, const QString &path, const QString &interfaceName, const QVariantMap &properties)
{
    bool isFine = false;
    // By custom the first object of a service bears its name.
    call(busName, u'/' + QString(busName).replace(u'.', u'/'), u"AddObject"_s, {path, interfaceName, properties, QVariant::fromValue(QList<MockMethod>())}, &isFine);
    return isFine;
}

bool PrivateBus::addProperties(const QString &busName, const QString &path, const QString &interfaceName, const QVariantMap &properties)
{
    bool isFine = false;
    call(busName, path, u"AddProperties"_s, {interfaceName, properties}, &isFine);
    return isFine;
}

bool PrivateBus::change(const QString &busName, const QString &path, const QString &interfaceName, const QVariantMap &properties)
{
    // Not dbusmock's UpdateProperties: 0.28.7 stumbles over object paths there.
    bool isFine = true;
    for (auto it = properties.cbegin(); it != properties.cend(); ++it) {
        QDBusMessage order = QDBusMessage::createMethodCall(busName, path, u"org.freedesktop.DBus.Properties"_s, u"Set"_s);
        order.setArguments({interfaceName, it.key(), QVariant::fromValue(QDBusVariant(it.value()))});
        const QDBusMessage answer = QDBusConnection(m_directorName).call(order);
        if (answer.type() != QDBusMessage::ReplyMessage) {
            qWarning().noquote() << it.key() << "of" << path << "was refused:" << answer.errorMessage();
            isFine = false;
        }
    }
    return isFine;
}

QVariant PrivateBus::objectPath(const QString &path)
{
    return QVariant::fromValue(QDBusObjectPath(path));
}

} // namespace photolift::support

Q_DECLARE_METATYPE(photolift::support::MockMethod)
Q_DECLARE_METATYPE(QList<photolift::support::MockMethod>)
