#pragma once

#include "models/pipeline/engine.h"

#include <QThreadPool>

#include <functional>

namespace photolift::pipeline {

class FirstLooks;
class QueueHolds;
class RetryQuota;
class ServerLink;
class TwinWatch;

/// A committed attempt, left to the server: what is needed to follow it to its end.
struct CommittedUpload {
    QUuid itemId;
    QUuid uploadId;
    AttemptRecord attempt;                   ///< the client's row as last written; nobody else writes it from here on
    QString sha256;
    std::optional<StageRecord> verification; ///< open; closed by the server's SHA-256 and size
    qint64 verificationMs = 0;               ///< its duration so far
};

/// Why a committed attempt is the client's again.
struct GivenBack {
    ErrorCode code = ErrorCode::TransferUploadGone;
    bool isRecorded = false; ///< the server has written the error already
};

/// What every attempt works with. Owned by the engine, outlives the attempts.
struct Workshop {
    store::Recorder &recorder;
    transfer::ApiClient &api;
    transfer::DataPlane &dataPlane;
    photo::Helper &helper;
    context::SurroundingsProbe &surroundings;
    ServerLink &server;
    QueueHolds &holds;
    TwinWatch &twins;
    RetryQuota &quota;
    FirstLooks &firstLooks;
    QThreadPool &pool;  ///< hashing
    QThreadPool &looks; ///< looking at files: short, and never behind a hash
    const Tuning &tuning;
    bool isEmbeddedServer = true;
    std::function<store::BatchAccepted(const QUuid &)> batch; ///< by its id, as it stands
    std::optional<qint64> listLostMs = {}; ///< wall clock; the list was damaged then, and is a new one since

    ProjectRecord projectOf(const QUuid &batchId) const { return batch(batchId).project; }
    BatchRecord batchOf(const QUuid &batchId) const { return batch(batchId).batch; }
};

} // namespace photolift::pipeline
