#include "models/pipeline/serverlink.h"

#include "models/pipeline/retrypolicy.h"
#include "models/vocabulary/ids.h"
#include "models/vocabulary/whendone.h"

#include <QRandomGenerator>

namespace photolift::pipeline {

namespace {

bool isShutOut(std::optional<ErrorCode> trouble)
{
    return trouble == ErrorCode::InitiationTokenExpired || trouble == ErrorCode::ApiAccountClosed;
}

} // namespace

ServerLink::ServerLink(transfer::ApiClient &api, const Tuning &tuning, QObject *parent)
    : QObject(parent)
    , m_api(api)
    , m_tuning(tuning)
{
    m_away.start();
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer); // never before what a server asked for
    connect(&m_timer, &QTimer::timeout, this, &ServerLink::lookNow);
}

std::optional<qint64> ServerLink::nextTryMs() const
{
    return m_timer.isActive() ? std::optional(m_nextTryMs) : std::nullopt;
}

void ServerLink::serverReady(const QUrl &address, const QByteArray &token)
{
    m_api.setServer(address, token);
    m_hasAddress = true;
    m_tries = 0;
    m_tokenTries = 0;
    lookNow();
}

void ServerLink::lookNow()
{
    if (!m_hasAddress)
        return;
    if (m_isLooking) {
        m_looksAgain = true; // the address may have changed under the question
        return;
    }
    m_timer.stop();
    m_isLooking = true;
    ++m_tries;
    whenDone(m_api.info(), this, [this](const transfer::ApiAnswer<wire::Info> &info) { answer(info); });
}

void ServerLink::tryAgain()
{
    if (!m_isReachable)
        lookNow();
}

void ServerLink::noteUnreachable(ErrorCode code)
{
    if (!m_isReachable)
        return;
    setReachable(false);
    m_trouble = code;
    m_tries = 0;
    Q_EMIT changed();
    lookNow();
}

void ServerLink::noteAbsent(ErrorCode code)
{
    setReachable(false);
    m_trouble = code;
    m_tries = std::max(m_tries, 2); // not "connecting" any more
    Q_EMIT changed();
}

void ServerLink::setReachable(bool isReachable)
{
    if (m_isReachable && !isReachable)
        m_away.start();
    m_isReachable = isReachable;
}

void ServerLink::answer(const transfer::ApiAnswer<wire::Info> &answer)
{
    m_isLooking = false;
    if (answer) {
        m_info = *answer.value;
        setReachable(true);
        m_trouble.reset();
        m_tries = 0;
        m_tokenTries = 0;
        m_looksAgain = false;
        Q_EMIT answered(*m_info);
        Q_EMIT changed();
        return;
    }
    setReachable(false);
    const ErrorCode code = answer.fault.error.code;
    // Whoever is shut out and asks again and again is told to come later: that says when, and takes nothing back of why.
    if (code != ErrorCode::ApiRateLimited || !isShutOut(m_trouble)) {
        m_tokenTries = code == ErrorCode::ApiTokenExpired ? m_tokenTries + 1 : 0;
        m_trouble = codeAfter(code, m_tokenTries);
    }
    const bool isOnceMore = code == ErrorCode::ApiTokenExpired && m_tokenTries < TokenTries;
    if (std::exchange(m_looksAgain, false) || isOnceMore) {
        lookNow();
    } else {
        const qint64 delay = holdMs(m_tries, answer.fault.retryAfterMs, m_tuning, QRandomGenerator::global()->generateDouble());
        m_nextTryMs = nowMs() + delay;
        m_timer.start(std::chrono::milliseconds(delay));
    }
    Q_EMIT changed();
}

} // namespace photolift::pipeline
