#include "models/pipeline/keptsettings.h"

#include "models/pipeline/recordasked.h"

namespace photolift::pipeline {

KeptSettings::KeptSettings(store::Recorder &recorder)
    : m_recorder(recorder)
{
}

void KeptSettings::set(const QString &key, const QString &value, const store::Changes &also)
{
    m_onTheirWay[key] << value;
    recordAsked(m_recorder, also + store::Changes{store::SettingChanged{key, value}}, this, "a setting", [this, key, value](bool isOnDisk) {
        QStringList &onTheirWay = m_onTheirWay[key];
        onTheirWay.removeFirst();
        if (onTheirWay.isEmpty())
            m_onTheirWay.remove(key);
        if (isOnDisk)
            m_said[key] = value;
        Q_EMIT changed(key);
    });
    Q_EMIT changed(key);
}

} // namespace photolift::pipeline
