#include "models/pipeline/roomquestion.h"

#include "models/pipeline/earlyselection.h"
#include "models/pipeline/queueholds.h"
#include "models/pipeline/serverlink.h"

#include <QLoggingCategory>

namespace photolift::pipeline {

namespace {
Q_LOGGING_CATEGORY(lcRoom, "photolift.pipeline")

enum class Effect { None, Less, More };

/// What a change does to the bytes that still have to be brought.
Effect effectOf(const store::Change &change)
{
    if (std::holds_alternative<store::DropCancelled>(change))
        return Effect::Less;
    if (std::holds_alternative<store::CancelUndone>(change))
        return Effect::More;
    const auto *moved = std::get_if<store::ItemMoved>(&change);
    if (!moved)
        return Effect::None;
    const ItemState state = moved->item.state;
    if (state == ItemState::Queued)
        return Effect::More; // queued again: what a walk finds comes as ItemsFound, and is asked for at the walk's end
    return isEnded(state) || state == ItemState::NeedsYou ? Effect::Less : Effect::None;
}
}

RoomQuestion::RoomQuestion(const Workshop &workshop, store::WorkList &workList, EarlySelection &early, QObject *parent)
    : QObject(parent)
    , m_workshop(workshop)
    , m_workList(workList)
    , m_early(early)
    , m_answer(workshop.isEmbeddedServer ? Answer::Unknown : Answer::Fits)
{
    if (!workshop.isEmbeddedServer)
        return;
    connect(&workshop.server, &ServerLink::answered, this, [this] {
        if (m_answer != Answer::Fits)
            judge();
    });
    connect(&early, &EarlySelection::lookedThrough, this, [this] {
        if (m_answer == Answer::Looking || m_answer == Answer::Lacks)
            judge();
    });
    // The server ran full under way: what was known of its room is not true any more.
    connect(&workshop.holds, &QueueHolds::held, this, [this](ErrorCode code) {
        if (code == ErrorCode::StorageNoSpace && m_answer == Answer::Fits)
            decide(Answer::Unknown);
    });
}

void RoomQuestion::ask()
{
    if (!m_workshop.isEmbeddedServer)
        return;
    if (m_answer == Answer::Fits)
        decide(Answer::Unknown);
    m_workshop.server.lookNow(); // how much room there is now
}

void RoomQuestion::take(const store::Changes &changes)
{
    Effect effect = Effect::None;
    for (const store::Change &change : changes)
        effect = std::max(effect, effectOf(change));
    if (effect == Effect::More)
        ask();
    else if (effect == Effect::Less && m_answer == Answer::Lacks)
        m_workshop.server.lookNow();
}

void RoomQuestion::judge()
{
    const std::optional<wire::Info> &info = m_workshop.server.info();
    const Result<qint64> toBring = m_workList.bytesToBring();
    if (!toBring)
        qCWarning(lcRoom).noquote() << "the queue cannot be read:" << toBring.error().detail;
    if (!info || !info->freeBytes || !toBring || *toBring == 0)
        return decide(Answer::Fits);
    qint64 needed = *toBring + m_workshop.tuning.lowSpaceBytes;
    if (*info->freeBytes < needed) { // the same folder again needs room only for what is new in it
        if (const Result<qint64> arrived = m_workList.bytesArrivedBefore())
            needed -= *arrived;
    }
    if (*info->freeBytes >= needed)
        return decide(Answer::Fits);
    if (!m_early.hasLookedThrough()) // and says when it has; a hold that stands already stands until then
        return decide(m_answer == Answer::Lacks ? Answer::Lacks : Answer::Looking);
    m_workshop.holds.holdForSpace(needed);
    decide(Answer::Lacks);
}

void RoomQuestion::decide(Answer answer)
{
    if (m_answer == answer)
        return;
    m_answer = answer;
    if (answer == Answer::Fits)
        m_workshop.holds.liftForSpace();
    Q_EMIT changed();
}

} // namespace photolift::pipeline
