#pragma once

#include "models/pipeline/engine.h"

#include <QTimer>

#include <map>

namespace photolift::pipeline {

class ServerLink;

/// The conditions of the whole device or server that hold the queue and end no attempt (FAULTS 2): each is looked at again at its
/// pace, for ever, and lifted when it is over. Lives on the engine's thread.
class QueueHolds final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(QueueHolds)
public:
    QueueHolds(ServerLink &server, const Tuning &tuning, QString dataFolder, QObject *parent);

    bool isHeld() const { return !m_holds.empty(); }
    std::optional<ErrorCode> code() const;     ///< the one to show
    std::optional<qint64> nextTryMs() const;   ///< wall clock

    void hold(ErrorCode code, std::optional<qint64> retryAfterMs = {});
    /// STORAGE_NO_SPACE until liftForSpace(): who counted what is needed says when there is room for it.
    void holdForSpace(qint64 neededBytes);
    void liftForSpace();
    /// As last counted; none when the server only ran full.
    std::optional<qint64> neededBytes() const;
    void lift(ErrorCode code);
    /// Something went well: the next condition begins with short waits again.
    void noteSuccess();
    /// The local list could be written again.
    void noteListWritten();
    void lookNow(); ///< waits for nothing that only a timer holds

Q_SIGNALS:
    void held(photolift::ErrorCode code);
    void lifted(photolift::ErrorCode code);
    void changed();

private:
    struct Hold {
        qint64 dueMs = 0; ///< wall clock, for showing
        std::unique_ptr<QTimer> timer;
        qint64 neededBytes = 0;
    };
    void look(ErrorCode code);
    void serverAnswered(const wire::Info &info);
    void arm(ErrorCode code, std::optional<qint64> retryAfterMs);

    ServerLink &m_server;
    const Tuning &m_tuning;
    const QString m_dataFolder;
    std::map<ErrorCode, Hold> m_holds;
    std::map<ErrorCode, int> m_tries;
};

} // namespace photolift::pipeline
