#pragma once

#include "models/store/changes.h"

#include <QHash>
#include <QObject>
#include <QStringList>

namespace photolift::store {
class Recorder;
}

namespace photolift::pipeline {

/// What a person set and a restart keeps. Written first, said afterwards: until a value is on disk the one before is what is said, and
/// whoever obeys takes the more careful of all that may be meant. What could not be written was never said. Lives on the engine's thread.
class KeptSettings final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(KeptSettings)
public:
    explicit KeptSettings(store::Recorder &recorder);

    /// As the run before left them.
    void takeUp(const QHash<QString, QString> &onDisk) { m_said = onDisk; }
    const QHash<QString, QString> &said() const { return m_said; }
    QString said(const QString &key) const { return m_said.value(key); }
    /// The one that is said, and those on their way to the disk.
    QStringList meant(const QString &key) const { return QStringList(said(key)) + m_onTheirWay.value(key); }
    bool isOnItsWay(const QString &key) const { return m_onTheirWay.contains(key); }

    /// `also` is written with it or not at all.
    void set(const QString &key, const QString &value, const store::Changes &also = {});

Q_SIGNALS:
    void changed(const QString &key); ///< what is said of it, or what may be meant

private:
    store::Recorder &m_recorder;
    QHash<QString, QString> m_said;
    QHash<QString, QStringList> m_onTheirWay; ///< oldest first: they are written in this order
};

} // namespace photolift::pipeline
