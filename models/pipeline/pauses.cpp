#include "models/pipeline/pauses.h"

#include "models/context/surroundingsprobe.h"
#include "models/pipeline/queuestateboard.h"
#include "models/store/recorder.h"
#include "models/vocabulary/ids.h"
#include "models/vocabulary/whendone.h"

using namespace Qt::StringLiterals;

namespace photolift::pipeline {

namespace {
constexpr auto PausedSetting = "paused"_L1;
constexpr auto PausedBatchSetting = "paused_batch/"_L1;

QString settingOf(bool isPaused)
{
    return isPaused ? u"1"_s : u"0"_s;
}
}

Pauses::Pauses(const Services &services, Scheduler &scheduler, QueueStateBoard &board)
    : m_services(services)
    , m_scheduler(scheduler)
    , m_board(board)
{
}

void Pauses::takeUp(const QHash<QString, QString> &settings)
{
    m_isPaused = settings.value(PausedSetting) == "1"_L1;
    for (auto setting = settings.cbegin(); setting != settings.cend(); ++setting) {
        if (setting.key().startsWith(PausedBatchSetting) && setting.value() == "1"_L1)
            m_scheduler.setBatchPaused(QUuid::fromString(setting.key().mid(PausedBatchSetting.size())), true);
    }
    apply();
}

void Pauses::resumeAll()
{
    if (m_isPaused || !isHeldByMeter()) {
        setPaused(false);
        return;
    }
    m_paidConnection = m_services.surroundings->connectionId();
    apply();
}

void Pauses::setBatchPaused(const QUuid &batchId, bool isPaused)
{
    whenDone(m_services.recorder->recordDurably({store::BatchPaused{batchId, isPaused},
                                                 store::SettingChanged{QString(PausedBatchSetting + idText(batchId)), settingOf(isPaused)}}),
             this, [this, batchId, isPaused](const Result<> &) { m_scheduler.setBatchPaused(batchId, isPaused); });
}

/// Whether an address of this computer stays on it nobody knows (a tunnel): that nothing travels is sure of the embedded server only.
bool Pauses::isHeldByMeter() const
{
    const context::SurroundingsProbe &network = *m_services.surroundings;
    return m_services.mindsMeter && !m_services.isEmbeddedServer && network.isMetered() && m_paidConnection != network.connectionId();
}

void Pauses::setPaused(bool isPaused)
{
    m_services.recorder->recordDurably({store::SettingChanged{PausedSetting, settingOf(isPaused)}});
    m_isPaused = isPaused;
    apply();
}

void Pauses::apply()
{
    const bool isMetered = isHeldByMeter();
    m_board.setPaused(m_isPaused);
    m_board.setMetered(isMetered);
    m_scheduler.setPaused(m_isPaused || isMetered);
}

} // namespace photolift::pipeline
