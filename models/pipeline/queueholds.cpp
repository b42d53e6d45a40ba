#include "models/pipeline/queueholds.h"

#include "models/pipeline/retrypolicy.h"
#include "models/pipeline/serverlink.h"
#include "models/vocabulary/ids.h"

#include <QRandomGenerator>
#include <QStorageInfo>

namespace photolift::pipeline {

namespace {
/// No answer of a server says anything about it.
bool isOfThisComputer(ErrorCode code)
{
    return code == ErrorCode::LocalDiskFull || code == ErrorCode::LocalListBusy || code == ErrorCode::LocalResourcesLow
        || code == ErrorCode::LocalListDamaged || code == ErrorCode::LocalDiskError;
}
}

QueueHolds::QueueHolds(ServerLink &server, const Tuning &tuning, QString dataFolder, QObject *parent)
    : QObject(parent)
    , m_server(server)
    , m_tuning(tuning)
    , m_dataFolder(std::move(dataFolder))
{
    connect(&m_server, &ServerLink::answered, this, &QueueHolds::serverAnswered);
}

std::optional<ErrorCode> QueueHolds::code() const
{
    std::optional<ErrorCode> worst;
    for (const auto &[code, hold] : m_holds) {
        if (!worst || errorInfo(code).severity > errorInfo(*worst).severity)
            worst = code;
    }
    return worst;
}

std::optional<qint64> QueueHolds::nextTryMs() const
{
    std::optional<qint64> next;
    for (const auto &[code, hold] : m_holds) {
        if (hold.timer && hold.timer->isActive())
            next = std::min(next.value_or(hold.dueMs), hold.dueMs);
    }
    return next;
}

void QueueHolds::hold(ErrorCode code, std::optional<qint64> retryAfterMs)
{
    const bool isNew = !m_holds.contains(code);
    if (!isNew && !retryAfterMs)
        return; // several attempts saw the same thing: one wait for all
    arm(code, retryAfterMs);
    if (isNew)
        Q_EMIT held(code);
    Q_EMIT changed();
}

void QueueHolds::holdForSpace(qint64 neededBytes)
{
    hold(ErrorCode::StorageNoSpace);
    m_holds[ErrorCode::StorageNoSpace].neededBytes = neededBytes;
    Q_EMIT changed();
}

void QueueHolds::liftForSpace()
{
    if (neededBytes())
        lift(ErrorCode::StorageNoSpace);
}

std::optional<qint64> QueueHolds::neededBytes() const
{
    const auto hold = m_holds.find(ErrorCode::StorageNoSpace);
    return hold != m_holds.end() && hold->second.neededBytes > 0 ? std::optional(hold->second.neededBytes) : std::nullopt;
}

void QueueHolds::arm(ErrorCode code, std::optional<qint64> retryAfterMs)
{
    Hold &hold = m_holds[code];
    if (!hold.timer) {
        hold.timer = std::make_unique<QTimer>();
        hold.timer->setSingleShot(true);
        hold.timer->setTimerType(Qt::PreciseTimer); // never before what a server asked for
        connect(hold.timer.get(), &QTimer::timeout, this, [this, code] { look(code); });
    }
    const qint64 delay = holdMs(++m_tries[code], retryAfterMs, m_tuning, QRandomGenerator::global()->generateDouble());
    hold.dueMs = nowMs() + delay;
    hold.timer->start(std::chrono::milliseconds(delay));
}

void QueueHolds::look(ErrorCode code)
{
    switch (code) {
    case ErrorCode::LocalDiskFull:
        if (QStorageInfo(m_dataFolder).bytesAvailable() > m_tuning.lowSpaceBytes)
            lift(code);
        else
            arm(code, {});
        break;
    case ErrorCode::LocalListBusy: // the recorder says when it is over
        arm(code, {});
        break;
    case ErrorCode::LocalListDamaged: // for the rest of this run: the next start makes the list anew
    case ErrorCode::LocalDiskError:
        arm(code, {});
        break;
    case ErrorCode::LocalResourcesLow:
        lift(code);
        break;
    default:
        arm(code, {}); // in case this look gets no answer; an answer lifts it
        m_server.lookNow();
    }
    Q_EMIT changed();
}

void QueueHolds::serverAnswered(const wire::Info &info)
{
    QList<ErrorCode> over;
    for (const auto &[code, hold] : m_holds) {
        const bool isLocal = isOfThisComputer(code);
        const bool lacksSpace = code == ErrorCode::StorageNoSpace
            && (hold.neededBytes > 0 || (info.freeBytes && *info.freeBytes < m_tuning.lowSpaceBytes));
        const bool isQuotaFull = code == ErrorCode::InitiationQuotaFull && info.quotaBytes && info.usedBytes >= info.quotaBytes;
        // A server that asked us to wait is not asked again before the time, whoever looked.
        const bool isEarly = errorInfo(code).retry == RetryPolicy::ServerAsked && hold.dueMs > nowMs() && m_tries[code] <= 1;
        if (!isLocal && !lacksSpace && !isQuotaFull && !isEarly)
            over.append(code);
    }
    for (const ErrorCode code : std::as_const(over))
        lift(code);
}

void QueueHolds::lift(ErrorCode code)
{
    if (m_holds.erase(code) == 0)
        return;
    Q_EMIT lifted(code);
    Q_EMIT changed();
}

void QueueHolds::noteSuccess()
{
    if (m_holds.empty())
        m_tries.clear();
}

/// On a disk that is nearly full a write works now and then: only its room says that it is over.
void QueueHolds::noteListWritten()
{
    lift(ErrorCode::LocalListBusy);
    if (m_holds.contains(ErrorCode::LocalDiskFull))
        look(ErrorCode::LocalDiskFull);
}

void QueueHolds::lookNow()
{
    QList<ErrorCode> codes;
    for (const auto &[code, hold] : m_holds)
        codes.append(code);
    for (const ErrorCode code : std::as_const(codes))
        look(code);
}

} // namespace photolift::pipeline
