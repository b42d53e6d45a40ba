#pragma once

#include "models/pipeline/fault.h"
#include "models/store/worklist.h"

#include <QElapsedTimer>

#include <map>

namespace photolift::pipeline {

/// The word that a cancel came after the commit was sent, said once. True when `attempt` has changed and is to be recorded.
bool noteCancelAsked(AttemptRecord &attempt);

/// How far this computer's clock is ahead of the server's, where that is more than the 48 h within which times can be charted.
std::optional<qint64> clockSkewMs(qint64 serverOffsetMs);

/// The rows of one attempt as they stand now: attempt, client stages, photo, and its item in the queue. Each function changes them
/// and returns what has to be recorded; row_versions, times and durations are kept right here and nowhere else.
/// Durations are monotonic; waits (between tries, for conditions, pauses) are not part of them.
class AttemptBook
{
public:
    /// Begins the next attempt of an item.
    AttemptBook(store::Item item, const store::BatchAccepted &batch, const Surroundings &surroundings, qint64 startedMs);
    /// Takes an attempt up again: after the program was restarted, or because the server gave it back. It waits until it goes on.
    AttemptBook(store::Item item, store::WorkList::Progress progress);

    const store::Item &item() const { return m_item; }
    const AttemptRecord &attempt() const { return m_attempt; }
    const std::optional<PhotoRecord> &photo() const { return m_photo; }
    const QUuid &id() const { return m_attempt.clientUploadId; }
    std::optional<StageRecord> stage(Stage stage) const;
    Stage newestStage() const; ///< of the client's: the last that has begun
    qint64 durationMs(Stage stage) const; ///< so far, the piece under way included

    store::Changes begin();
    store::Changes enter(Stage stage);
    store::Changes leave(Stage stage, bool isSuccessful, const QJsonObject &metadata = {});
    store::Changes retried(Stage stage); ///< retry_count + 1
    store::Changes fault(Stage stage, const Fault &fault, int tryNumber, bool isFatal);
    /// Between two tries: the row says why and until when (wall clock, for showing only).
    store::Changes waiting(ErrorCode code, Stage stage, std::optional<qint64> untilMs);
    store::Changes paused();
    void idle(); ///< waits without a word of its own, such as for its twin
    store::Changes running();
    void turnPaused(bool isPaused); ///< taken up, it waits for its turn: is that somebody's pause?
    store::Changes restartedProgram(); ///< running again in a new life of the program
    /// A cancel that the step at hand has not obeyed yet, or its undo: after a kill it holds all the same.
    store::Changes cancelMeant(bool isMeant);
    store::Changes cancelAsked();   ///< a cancel came after the commit was sent: only the row says so
    store::Changes settled();       ///< what was worked and waited so far, before the program ends
    store::Changes restartedFile(); ///< the stages after selection begin anew
    store::Changes hashed(const QString &sha256, const store::FileIdentity &identity);
    store::Changes photoKnown(PhotoRecord photo);
    /// Said durably just before the commit leaves; taken back when the server refused it.
    store::Changes leftForServer(bool isLeft);
    void forgetLostCopy() { m_item.lostSha256.clear(); } ///< written with the next change
    store::Changes networkSeen(const NetworkFacts &network);
    void note(QLatin1StringView key, const QJsonValue &value); ///< upload_metadata, written with the next change

    /// The terminal row. The item gets `state`; the error is the one its row shows.
    store::Changes end(Status status, ItemState state, std::optional<ErrorCode> code, std::optional<Stage> stage,
                       std::optional<qint64> retryAtMs, int atLeastVersion = 0);

private:
    store::Change attemptChange();
    store::Change itemChange();
    qint64 takePiece();
    void startWaiting(QLatin1StringView kind);
    void stopWaiting();
    void noteWait();

    store::Item m_item;
    AttemptRecord m_attempt;
    std::map<Stage, StageRecord> m_stages;
    std::optional<PhotoRecord> m_photo;
    QElapsedTimer m_piece;      ///< valid while working
    QElapsedTimer m_wait;       ///< valid while waiting
    QString m_waitKind;
    std::map<Stage, QElapsedTimer> m_stagePieces; ///< of stages that are open and working
};

} // namespace photolift::pipeline
