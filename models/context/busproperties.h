#pragma once

#include <QDBusConnection>
#include <QObject>
#include <QVariantMap>

class QDBusPendingCallWatcher;

namespace photolift::context {

/// The properties of one interface of one D-Bus object, read once and followed from then on. Never blocks, never starts a
/// service that does not run; a service that comes later, goes or restarts is noticed. Values are what the bus says: of any type.
class BusProperties final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(BusProperties)
public:
    BusProperties(QDBusConnection bus, QString service, QString interfaceName, QObject *parent = nullptr);

    /// Follows the object at `path` from now on; empty or "/": none. The same path again changes nothing.
    void follow(const QString &path);
    bool isThere() const { return m_isThere; } ///< the object answered
    QVariant value(const QString &name) const { return m_values.value(name); }
    QString path(const QString &name) const;   ///< an object path; "/" counts as none
    QStringList paths(const QString &name) const;

Q_SIGNALS:
    void changed();

private Q_SLOTS:
    void onPropertiesChanged(const QString &interfaceName, const QVariantMap &values, const QStringList &invalidated);

private:
    void readAll();
    void forget();

    QDBusConnection m_bus;
    const QString m_service;
    const QString m_interface;
    QString m_path;
    QVariantMap m_values;
    bool m_isThere = false;
    int m_question = 0; ///< numbers the questions: an answer to an older one is dropped
};

} // namespace photolift::context
