#pragma once

#include <QElapsedTimer>
#include <QHash>
#include <QString>

#include <map>
#include <set>

namespace photolift::pipeline {

/// FAULTS 2: per host, extra requests are at most 10 % of the requests of a minute, so that a thousand clients whose tries fail do not
/// become a storm. A few are always free: a single photo must be able to try again. Who would exceed it waits longer. Monotonic;
/// lives on the engine's thread.
class RetryQuota
{
public:
    explicit RetryQuota(int alwaysFree) : m_alwaysFree(alwaysFree) { m_clock.start(); }

    /// Requests that were sent because there was something to do, not because an earlier one failed.
    void noteRequests(const QString &host, int count = 1) { noteRequestsAt(host, count, m_clock.elapsed()); }
    /// Reserves one extra request, `delayMs` from now at the earliest. How long it has to wait, in ms, at least delayMs.
    qint64 reserve(const QString &host, qint64 delayMs) { return reserveAt(host, delayMs, m_clock.elapsed()); }

    // The same by a clock of the caller's, in ms.
    void noteRequestsAt(const QString &host, int count, qint64 now);
    qint64 reserveAt(const QString &host, qint64 delayMs, qint64 now);

private:
    struct Host {
        std::map<qint64, int> requests; ///< by the second they were sent in
        std::multiset<qint64> extra;    ///< when each extra request is sent, in the future too
        int inMinute = 0;
    };
    void forgetOld(Host &host, qint64 now) const;

    const int m_alwaysFree;
    QElapsedTimer m_clock;
    QHash<QString, Host> m_hosts;
};

} // namespace photolift::pipeline
