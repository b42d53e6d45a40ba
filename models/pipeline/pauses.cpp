#include "models/pipeline/pauses.h"

#include "models/context/surroundingsprobe.h"
#include "models/pipeline/keptsettings.h"
#include "models/pipeline/queuestateboard.h"
#include "models/vocabulary/ids.h"

using namespace Qt::StringLiterals;

namespace photolift::pipeline {

namespace {
const QString PausedSetting = u"paused"_s;
constexpr auto PausedBatchSetting = "paused_batch/"_L1;
const QString Paused = u"1"_s;
const QString NotPaused = u"0"_s;
}

Pauses::Pauses(const Services &services, KeptSettings &settings, Scheduler &scheduler, QueueStateBoard &board)
    : m_services(services)
    , m_settings(settings)
    , m_scheduler(scheduler)
    , m_board(board)
{
    connect(&settings, &KeptSettings::changed, this, &Pauses::settingChanged);
}

void Pauses::takeUp()
{
    const QStringList settings = m_settings.said().keys();
    for (const QString &setting : settings)
        settingChanged(setting);
    apply();
}

void Pauses::pauseAll()
{
    m_settings.set(PausedSetting, Paused);
}

void Pauses::resumeAll()
{
    if (isMeant(PausedSetting) || !isHeldByMeter()) {
        m_settings.set(PausedSetting, NotPaused);
        return;
    }
    m_paidConnection = m_services.surroundings->connectionId();
    apply();
}

void Pauses::setBatchPaused(const QUuid &batchId, bool isPaused)
{
    m_settings.set(PausedBatchSetting + idText(batchId), isPaused ? Paused : NotPaused, {store::BatchPaused{batchId, isPaused}});
}

/// Whether an address of this computer stays on it nobody knows (a tunnel): that nothing travels is sure of the embedded server only.
bool Pauses::isHeldByMeter() const
{
    const context::SurroundingsProbe &network = *m_services.surroundings;
    return m_services.mindsMeter && !m_services.isEmbeddedServer && network.isMetered() && m_paidConnection != network.connectionId();
}

/// Nothing new starts while a pause is on its way to the disk, nor while its end is.
bool Pauses::isMeant(const QString &setting) const
{
    return m_settings.meant(setting).contains(Paused);
}

void Pauses::settingChanged(const QString &setting)
{
    if (setting == PausedSetting)
        apply();
    else if (setting.startsWith(PausedBatchSetting))
        m_scheduler.setBatchPaused(QUuid::fromString(setting.mid(PausedBatchSetting.size())), isMeant(setting));
}

void Pauses::apply()
{
    const bool isMetered = isHeldByMeter();
    m_board.setPaused(m_settings.said(PausedSetting) == Paused, m_settings.isOnItsWay(PausedSetting));
    m_board.setMetered(isMetered);
    m_scheduler.setPaused(isMeant(PausedSetting) || isMetered);
}

} // namespace photolift::pipeline
