#include "tests/support/twonetworks.h"

#include <QDBusObjectPath>

using namespace Qt::StringLiterals;

namespace photolift::support {

namespace {
const QString NM = u"org.freedesktop.NetworkManager"_s;
const QString NMPath = u"/org/freedesktop/NetworkManager"_s;

QString pathOf(const QString &name)
{
    return NMPath + u"/ActiveConnection/"_s + name;
}
}

bool TwoNetworks::start()
{
    if (!m_bus.isRunning() || !m_bus.startTemplate(u"networkmanager"_s, NM))
        return false;
    bool isFine = m_bus.addProperties(NM, NMPath, NM,
                                      {{u"Metered"_s, 0u},
                                       {u"PrimaryConnection"_s, PrivateBus::objectPath(u"/"_s)},
                                       {u"PrimaryConnectionType"_s, u""_s}});
    const QString card = m_bus.call(NM, NMPath, u"AddEthernetDevice"_s, {u"eth0"_s, u"eth0"_s, 100}).toString();
    for (const QString &name : {u"phone"_s, u"hotel"_s})
        isFine &= m_bus.addObject(NM, pathOf(name), NM + u".Connection.Active"_s,
                                  {{u"Uuid"_s, QString(u"uuid-of-"_s + name)},
                                   {u"Devices"_s, QVariant::fromValue(QList<QDBusObjectPath>{QDBusObjectPath(card)})}});
    return isFine;
}

bool TwoNetworks::use(const QString &name, bool isMetered)
{
    return m_bus.change(NM, NMPath, NM,
                        {{u"PrimaryConnection"_s, PrivateBus::objectPath(pathOf(name))},
                         {u"PrimaryConnectionType"_s, u"802-3-ethernet"_s},
                         {u"Metered"_s, isMetered ? 1u : 2u}});
}

} // namespace photolift::support
