#pragma once

#include <QLatin1StringView>
#include <QStringView>

#include <array>
#include <optional>

namespace photolift {

/// The status of an attempt: dim_upload_status. Queued, Paused and WaitingToRetry are, outside of an attempt, states of the item.
enum class Status : int {
    Queued = 1,
    Running = 2,
    Paused = 3,
    WaitingToRetry = 4,
    Succeeded = 5,
    Duplicate = 6,
    Failed = 7,
    Cancelled = 8,
};

/// One line of dim_upload_status; the enum's number is its key.
struct StatusInfo {
    Status status;
    QLatin1StringView name;
    QLatin1StringView description;
    QLatin1StringView category; ///< active, success, failure or cancelled
    bool isTerminal;
    bool isSuccess;
    int priority; ///< the higher, the sooner a person should look
};

const std::array<StatusInfo, 8> &allStatuses();
const StatusInfo &statusInfo(Status status);
QLatin1StringView statusName(Status status);
std::optional<Status> statusFromName(QStringView name);
bool isTerminal(Status status);

/// Where a queued photo stands, between and during its attempts.
enum class ItemState : int {
    Queued,
    Running,
    WaitingToRetry,
    NeedsYou,  ///< its attempt failed and it waits for a person, or for what it lacks
    Succeeded,
    Duplicate,
    Skipped,   ///< never tried: not accepted or empty; kept with its code
    Cancelled,
    Dismissed, ///< was NeedsYou until the person chose "Skip"; the failed attempt stays
};

QLatin1StringView itemStateName(ItemState state);
std::optional<ItemState> itemStateFromName(QStringView name);
/// Nothing more will happen to it unless a person asks.
bool isEnded(ItemState state);

} // namespace photolift
