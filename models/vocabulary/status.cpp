#include "models/vocabulary/status.h"

#include "models/vocabulary/nametable.h"

using namespace Qt::StringLiterals;

namespace photolift {

namespace {
constexpr std::array<StatusInfo, 8> Statuses{{
    {Status::Queued, "queued"_L1, "Waits for its turn"_L1, "active"_L1, false, false, 3},
    {Status::Running, "running"_L1, "One of the eleven stages is under way"_L1, "active"_L1, false, false, 4},
    {Status::Paused, "paused"_L1, "A person or a rule holds it"_L1, "active"_L1, false, false, 5},
    {Status::WaitingToRetry, "waiting_to_retry"_L1, "A stage is tried again soon"_L1, "active"_L1, false, false, 6},
    {Status::Succeeded, "succeeded"_L1, "Checked on the server and all server stages ended"_L1, "success"_L1, true, true, 1},
    {Status::Duplicate, "duplicate"_L1, "The same bytes were already there"_L1, "success"_L1, true, true, 2},
    {Status::Failed, "failed"_L1, "A fatal error ended the attempt"_L1, "failure"_L1, true, false, 8},
    {Status::Cancelled, "cancelled"_L1, "The person stopped it"_L1, "cancelled"_L1, true, false, 7},
}};

constexpr std::array<NamedValue<ItemState>, 9> ItemStates{{{ItemState::Queued, "queued"_L1},
                                                           {ItemState::Running, "running"_L1},
                                                           {ItemState::WaitingToRetry, "waiting_to_retry"_L1},
                                                           {ItemState::NeedsYou, "needs_you"_L1},
                                                           {ItemState::Succeeded, "succeeded"_L1},
                                                           {ItemState::Duplicate, "duplicate"_L1},
                                                           {ItemState::Skipped, "skipped"_L1},
                                                           {ItemState::Cancelled, "cancelled"_L1},
                                                           {ItemState::Dismissed, "dismissed"_L1}}};
}

const std::array<StatusInfo, 8> &allStatuses()
{
    return Statuses;
}

const StatusInfo &statusInfo(Status status)
{
    return Statuses[static_cast<std::size_t>(status) - 1];
}

QLatin1StringView statusName(Status status)
{
    return statusInfo(status).name;
}

std::optional<Status> statusFromName(QStringView name)
{
    for (const StatusInfo &info : Statuses) {
        if (name == info.name)
            return info.status;
    }
    return std::nullopt;
}

bool isTerminal(Status status)
{
    return statusInfo(status).isTerminal;
}

QLatin1StringView itemStateName(ItemState state)
{
    return nameOf(ItemStates, state);
}

std::optional<ItemState> itemStateFromName(QStringView name)
{
    return valueNamed(ItemStates, name);
}

bool isEnded(ItemState state)
{
    return state != ItemState::Queued && state != ItemState::Running && state != ItemState::WaitingToRetry;
}

} // namespace photolift
