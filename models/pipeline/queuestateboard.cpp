#include "models/pipeline/queuestateboard.h"

#include "models/context/surroundingsprobe.h"
#include "models/pipeline/retrypolicy.h"

namespace photolift::pipeline
{

namespace
{
constexpr int SoonMs = 250;

QueueState::Hold holdFor(ErrorCode code)
{
    switch (code) {
    case ErrorCode::NetworkOffline:
        return QueueState::Hold::Offline;
    case ErrorCode::StorageNoSpace:
    case ErrorCode::InitiationQuotaFull:
        return QueueState::Hold::NoSpace;
    case ErrorCode::LocalDiskFull:
        return QueueState::Hold::LocalDiskFull;
    case ErrorCode::InitiationTokenExpired:
    case ErrorCode::ApiAccountClosed:
        return QueueState::Hold::SignIn;
    case ErrorCode::NetworkConnectFailed:
    case ErrorCode::NetworkHostNotFound:
    case ErrorCode::ApiUnavailable:
        return QueueState::Hold::ServerUnreachable;
    default:
        return QueueState::Hold::Other;
    }
}
} // namespace

QueueStateBoard::QueueStateBoard(const Services &services, const Tuning &tuning, EngineParts &parts, QObject *parent)
    : QObject(parent), m_services(services), m_tuning(tuning), m_parts(parts)
{
    m_soon.setSingleShot(true);
    m_soon.setInterval(SoonMs);
    connect(&m_soon, &QTimer::timeout, this, &QueueStateBoard::publish);
    m_quiet.setSingleShot(true);
    connect(&m_quiet, &QTimer::timeout, this, &QueueStateBoard::publish);
}

void QueueStateBoard::setPaused(bool isPaused, bool isChanging)
{
    m_isPaused = isPaused;
    m_isPauseChanging = isChanging;
    changeSoon();
}

void QueueStateBoard::setMetered(bool isMetered)
{
    m_isMetered = isMetered;
    changeSoon();
}

void QueueStateBoard::setRateLimit(qint64 bytesPerSecond)
{
    m_rateLimit = bytesPerSecond;
    changeSoon();
}

void QueueStateBoard::changeSoon()
{
    if (!m_soon.isActive())
        m_soon.start();
}

std::optional<QueueStateBoard::Condition> QueueStateBoard::condition() const
{
    if (const std::optional<ErrorCode> code = m_parts.holds.code())
        return Condition{*code, m_parts.holds.nextTryMs()};
    if (!m_services.isEmbeddedServer && !m_services.surroundings->isOnline())
        return Condition{ErrorCode::NetworkOffline, m_parts.server.nextTryMs()};
    if (!m_parts.server.isReachable() && m_parts.server.trouble())
        return Condition{*m_parts.server.trouble(), m_parts.server.nextTryMs()};
    return std::nullopt;
}

bool QueueStateBoard::isQuiet(std::optional<ErrorCode> code)
{
    if (!code) {
        m_condition.reset();
        m_quiet.stop();
        return true;
    }
    // A server that is down shows several faces (no connection, 503 from a proxy): it is one trouble with one
    // beginning.
    if (!m_condition)
        m_since.start();
    m_condition = code;
    const qint64 left = quietMs(*code, m_tuning) - m_since.elapsed();
    if (left > 0)
        m_quiet.start(std::chrono::milliseconds(left));
    return left > 0;
}

/// The list knows whole photos that have not ended. What of them is on the server already is known here, in memory.
qint64 QueueStateBoard::bytesLeft() const
{
    qint64 left = m_notSent.bytes - m_parts.follower.bytes();
    const QList<AttemptRunner *> runners = m_parts.scheduler.runners();
    for (const AttemptRunner *runner : runners)
        left -= std::min(runner->ackedBytes(), runner->item().identity.size);
    return std::max<qint64>(0, left);
}

void QueueStateBoard::publish()
{
    QueueState state;
    state.isServerReachable = m_parts.server.isReachable();
    state.isConnecting = m_parts.server.isConnecting();
    state.isPauseChanging = m_isPauseChanging;
    state.rateLimit = m_rateLimit;
    state.leaving = m_parts.scheduler.active();
    state.active = state.leaving + m_parts.follower.count();
    if (const auto notSent = m_parts.workList->notSent())
        m_notSent = *notSent;
    state.waiting = std::max<qint64>(0, m_notSent.items - state.active);
    state.bytesLeft = bytesLeft();
    state.bytesPerSecond = m_parts.sampler.bytesPerSecond();
    if (m_parts.sampler.isSteady())
        state.secondsLeft = state.bytesLeft / std::max<qint64>(1, state.bytesPerSecond);
    const std::optional<Condition> stands = condition();
    if (stands)
        state.waitsFor = stands->code;
    if (!isQuiet(stands ? std::optional(stands->code) : std::nullopt)) {
        state.hold = holdFor(stands->code);
        state.holdCode = stands->code;
        state.nextTryMs = stands->nextTryMs;
        if (state.hold == QueueState::Hold::NoSpace) {
            state.neededBytes = m_parts.holds.neededBytes();
            if (const std::optional<wire::Info> &info = m_parts.server.info())
                state.freeBytes = info->freeBytes;
        }
    } else if (m_isPaused) {
        state.hold = QueueState::Hold::PausedByYou;
    } else if (m_isMetered) {
        state.hold = QueueState::Hold::Metered;
    }
    Q_EMIT changed(state);
}

} // namespace photolift::pipeline
