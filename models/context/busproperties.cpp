#include "models/context/busproperties.h"

#include <QDBusArgument>
#include <QDBusMessage>
#include <QDBusObjectPath>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusServiceWatcher>

using namespace Qt::StringLiterals;

namespace photolift::context {

namespace {
const QString PropertiesInterface = u"org.freedesktop.DBus.Properties"_s;
constexpr int AnswerTimeoutMs = 10000;
}

BusProperties::BusProperties(QDBusConnection bus, QString service, QString interfaceName, QObject *parent)
    : QObject(parent)
    , m_bus(std::move(bus))
    , m_service(std::move(service))
    , m_interface(std::move(interfaceName))
{
    auto *watcher = new QDBusServiceWatcher(m_service, m_bus, QDBusServiceWatcher::WatchForOwnerChange, this);
    connect(watcher, &QDBusServiceWatcher::serviceOwnerChanged, this, [this](const QString &, const QString &, const QString &owner) {
        if (owner.isEmpty()) {
            forget();
            Q_EMIT changed();
        } else {
            readAll();
        }
    });
}

void BusProperties::follow(const QString &path)
{
    const QString wanted = path == "/"_L1 ? QString() : path;
    if (wanted == m_path)
        return;
    const QString signalName = u"PropertiesChanged"_s;
    if (!m_path.isEmpty())
        m_bus.disconnect(m_service, m_path, PropertiesInterface, signalName, this, SLOT(onPropertiesChanged(QString, QVariantMap, QStringList)));
    forget();
    m_path = wanted;
    if (m_path.isEmpty())
        return;
    m_bus.connect(m_service, m_path, PropertiesInterface, signalName, this, SLOT(onPropertiesChanged(QString, QVariantMap, QStringList)));
    readAll();
}

QString BusProperties::path(const QString &name) const
{
    const QString path = value(name).value<QDBusObjectPath>().path();
    return path == "/"_L1 ? QString() : path;
}

QStringList BusProperties::paths(const QString &name) const
{
    QStringList result;
    const QVariant stored = value(name);
    if (stored.metaType() != QMetaType::fromType<QDBusArgument>())
        return result;
    const auto argument = stored.value<QDBusArgument>();
    if (argument.currentSignature() != "ao"_L1)
        return result;
    const auto paths = qdbus_cast<QList<QDBusObjectPath>>(argument);
    for (const QDBusObjectPath &path : paths)
        result.append(path.path());
    return result;
}

void BusProperties::readAll()
{
    if (m_path.isEmpty())
        return;
    QDBusMessage question = QDBusMessage::createMethodCall(m_service, m_path, PropertiesInterface, u"GetAll"_s);
    question.setAutoStartService(false); // we look at the system, we do not wake parts of it
    question.setArguments({m_interface});
    auto *watcher = new QDBusPendingCallWatcher(m_bus.asyncCall(question, AnswerTimeoutMs), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, watcher, number = ++m_question] {
        watcher->deleteLater();
        if (number != m_question)
            return;
        const QDBusPendingReply<QVariantMap> reply = *watcher;
        if (reply.isError())
            return;
        m_values = reply.value();
        m_isThere = true;
        Q_EMIT changed();
    });
}

void BusProperties::forget()
{
    ++m_question;
    m_values.clear();
    m_isThere = false;
}

void BusProperties::onPropertiesChanged(const QString &interfaceName, const QVariantMap &values, const QStringList &invalidated)
{
    if (interfaceName != m_interface)
        return;
    if (!invalidated.isEmpty() || !m_isThere)
        readAll(); // an answer under way may be older than this
    for (auto it = values.cbegin(); it != values.cend(); ++it)
        m_values.insert(it.key(), it.value());
    for (const QString &name : invalidated)
        m_values.remove(name);
    Q_EMIT changed();
}

} // namespace photolift::context
