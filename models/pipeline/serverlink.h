#pragma once

#include "models/pipeline/engine.h"
#include "models/pipeline/fault.h"

#include <QElapsedTimer>
#include <QTimer>

namespace photolift::pipeline {

/// Whether the server answers, and what it said of itself. Asks `info` until it does, at the pace of `long` and without end; while it
/// answers, nobody is asked. Lives on the engine's thread.
class ServerLink final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ServerLink)
public:
    ServerLink(transfer::ApiClient &api, const Tuning &tuning, QObject *parent);

    bool isReachable() const { return m_isReachable; }
    bool isConnecting() const { return !m_isReachable && m_tries <= 1; }
    const std::optional<wire::Info> &info() const { return m_info; }
    std::optional<ErrorCode> trouble() const { return m_trouble; }
    std::optional<qint64> nextTryMs() const; ///< wall clock
    qint64 awayMs() const { return m_isReachable ? 0 : m_away.elapsed(); } ///< how long it has not been reachable

    void serverReady(const QUrl &address, const QByteArray &token);
    void lookNow();
    void tryAgain(); ///< as lookNow(), when the server is not reachable
    /// A call of an attempt did not get through: nothing new is started until the server answers again.
    void noteUnreachable(ErrorCode code);
    /// There is no server at all, and no address of one to ask: said until serverReady().
    void noteAbsent(ErrorCode code);

Q_SIGNALS:
    void answered(const photolift::wire::Info &info); ///< after each look that got an answer
    void changed();                                   ///< isReachable, trouble or the next try

private:
    void answer(const transfer::ApiAnswer<wire::Info> &answer);
    void setReachable(bool isReachable);

    transfer::ApiClient &m_api;
    const Tuning &m_tuning;
    QTimer m_timer;
    QElapsedTimer m_away;
    std::optional<wire::Info> m_info;
    std::optional<ErrorCode> m_trouble;
    qint64 m_nextTryMs = 0;
    int m_tries = 0;
    int m_tokenTries = 0; ///< refused in a row
    bool m_hasAddress = false;
    bool m_isReachable = false;
    bool m_isLooking = false;
    bool m_looksAgain = false;
};

} // namespace photolift::pipeline
