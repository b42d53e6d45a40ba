#pragma once

#include "models/pipeline/changefeed.h"
#include "models/pipeline/earlyselection.h"
#include "models/pipeline/firstlooks.h"
#include "models/pipeline/intake.h"
#include "models/pipeline/lostcopies.h"
#include "models/pipeline/nextattempts.h"
#include "models/pipeline/progresssampler.h"
#include "models/pipeline/queuedesk.h"
#include "models/pipeline/queueholds.h"
#include "models/pipeline/retryquota.h"
#include "models/pipeline/roomquestion.h"
#include "models/pipeline/scheduler.h"
#include "models/pipeline/serverlink.h"
#include "models/pipeline/statusfollower.h"
#include "models/pipeline/twinwatch.h"

namespace photolift::pipeline {

/// The engine's parts, put together in the order of their needs. Made on the engine's thread once the queue could be opened; taken
/// apart in the opposite order.
struct EngineParts {
    EngineParts(const Services &services, const Tuning &tuning, std::unique_ptr<store::WorkList> opened);

    store::BatchAccepted batch(const QUuid &batchId);
    void forgetBatch(const QUuid &batchId) { batches.remove(batchId); }

    std::unique_ptr<store::WorkList> workList;
    QHash<QUuid, store::BatchAccepted> batches;
    QThreadPool pool;
    QThreadPool looks;
    ServerLink server;
    QueueHolds holds;
    TwinWatch twins;
    RetryQuota quota;
    FirstLooks firstLooks;
    Workshop workshop;
    Scheduler scheduler;
    EarlySelection early;
    RoomQuestion room;
    StatusFollower follower;
    Intake intake;
    NextAttempts nextAttempts;
    LostCopies lostCopies;
    QueueDesk desk;
    ChangeFeed feed;
    ProgressSampler sampler;
};

} // namespace photolift::pipeline
