#pragma once

#include "models/pipeline/workshop.h"
#include "models/store/worklist.h"
#include "models/wire/messages.h"

#include <QObject>

namespace photolift::pipeline {

class EarlySelection;

/// Whether the disk of the embedded server has room for everything that still has to be brought to it, all drops together. Asked before
/// photos begin (at the start of the program, when a drop was counted, when photos are queued again), and again, while there is too
/// little, with all that ends and all that the server says: what is lacking holds the queue (QueueHolds), and what is not refused by
/// selection is all that counts. A server elsewhere judges for itself, photo by photo: of its room nobody asks here.
/// Lives on the engine's thread.
class RoomQuestion final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(RoomQuestion)
public:
    RoomQuestion(const Workshop &workshop, store::WorkList &workList, EarlySelection &early, QObject *parent);

    /// False: no photo may begin yet. What lacks is decided, too: the hold stands for it.
    bool isDecided() const { return m_answer == Answer::Fits || m_answer == Answer::Lacks; }
    /// Only a look at the files that wait can tell: some of them may be no photos.
    bool isLooking() const { return m_answer == Answer::Looking; }

    void ask(); ///< there is more to bring
    void take(const store::Changes &changes); ///< as committed

Q_SIGNALS:
    void changed(); ///< what the two above say

private:
    enum class Answer { Unknown, Looking, Fits, Lacks };
    void judge();
    void decide(Answer answer);

    const Workshop &m_workshop;
    store::WorkList &m_workList;
    EarlySelection &m_early;
    Answer m_answer;
};

} // namespace photolift::pipeline
