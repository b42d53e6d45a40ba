#pragma once

#include <QDBusConnection>
#include <QProcess>
#include <QTemporaryDir>
#include <QVariantMap>

#include <memory>
#include <vector>

namespace photolift::support {

/// A D-Bus daemon of the test's own, with python3-dbusmock's actors on it; all end with this object. No system bus is touched.
class PrivateBus
{
public:
    PrivateBus();
    ~PrivateBus();
    Q_DISABLE_COPY_MOVE(PrivateBus)

    bool isRunning() const;
    QString address() const { return m_address; }

    /// An actor from one of dbusmock's templates, such as "networkmanager"; true once it owns its name.
    bool startTemplate(const QString &name, const QString &busName);
    /// An actor with one empty object; more come by addObject().
    bool startEmpty(const QString &busName, const QString &path, const QString &interfaceName);
    /// The newest actor keeps its name and answers nothing, until it goes on.
    void freezeNewestActor();
    void thawNewestActor();
    /// Kills the newest actor.
    void killNewestActor();

    /// A call of dbusmock's own interface; false and a warning when it was refused.
    QVariant call(const QString &busName, const QString &path, const QString &method, const QVariantList &arguments, bool *isFine = nullptr);
    bool addObject(const QString &busName, const QString &path, const QString &interfaceName, const QVariantMap &properties);
    bool addProperties(const QString &busName, const QString &path, const QString &interfaceName, const QVariantMap &properties);
    /// Changes properties that exist and tells everybody.
    bool change(const QString &busName, const QString &path, const QString &interfaceName, const QVariantMap &properties);

    static QVariant objectPath(const QString &path);

private:
    bool startActor(const QStringList &arguments, const QString &busName);

    QTemporaryDir m_folder;
    const QString m_directorName;
    QString m_address;
    QProcess m_daemon;
    std::vector<std::unique_ptr<QProcess>> m_actors;
};

} // namespace photolift::support
