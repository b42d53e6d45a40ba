#pragma once

#include "models/pipeline/engine.h"

/// FAULTS 2 as pure functions: what follows when a try has failed. Nobody else in the program decides about a retry.
namespace photolift::pipeline {

/// What an attempt remembers about its failures when it asks.
struct RetryMemory {
    int tries = 1;          ///< of the same request that failed with this code, this one included; progress begins anew
    qint64 sinceMs = 0;     ///< monotonic ms since the first of them failed
    int fileRestarts = 0;   ///< restart_file so far, in this attempt
    bool hadNewLink = false; ///< a new link was asked for since the last acknowledged part
};

enum class NextStep {
    Retry,         ///< the same stage again after delayMs
    NewLink,       ///< the same stage at once, with a fresh link
    RestartFile,   ///< selection again, in the same attempt
    HashAgain,     ///< the source is hashed once more: it differs (PREPROCESSING_READS_DIFFER), or the parts are sent again
    GoOn,          ///< without this step; the error row is a note
    GoToCommit,    ///< the commit decides
    HoldQueue,     ///< a condition of the device or the server: the attempt waits with everybody, until it is lifted
    WaitForSource, ///< the file is not ready: looked at again after delayMs, in the same attempt
    EndAttempt,    ///< failed, the error row is fatal
    Skip,          ///< no attempt is made of it: the item is skipped
};

struct Decision {
    NextStep next = NextStep::EndAttempt;
    qint64 delayMs = 0;
    /// EndAttempt: true, it waits under "needs you" for a person or the condition; false, a new attempt follows by itself.
    bool needsYou = false;
};

/// What a fault with this code is called at its `tries`th time in a row: an access token that is refused again is no session to be
/// renewed but a sign-in that has ended (INITIATION_TOKEN_EXPIRED), and a link that has ended though it was a new one is refused
/// (TRANSFER_LINK_REFUSED, FAULTS F31). The others keep their code.
ErrorCode codeAfter(ErrorCode code, int tries, bool hadNewLink = false);

/// What follows when the tries of a fault are used up.
Decision whenUsedUp(ErrorCode code);

/// How much longer an attempt may wait for its next try when nobody can try because the server is away: what is left of the time of
/// `long`, in ms. The few tries of in_request are over long before it, wherever there is somebody to ask. nullopt: it may wait for ever,
/// as what waits for a condition, or for this computer alone.
std::optional<qint64> patienceMs(ErrorCode code, Stage stage, qint64 sinceMs, const Tuning &tuning);

/// `random` is in [0, 1): the jitter. `code` as codeAfter() has it.
Decision decide(ErrorCode code, const RetryMemory &memory, std::optional<qint64> retryAfterMs, const Tuning &tuning, double random);

/// Full jitter of base doubled (tries - 1) times, at most cap; at least 1 ms.
qint64 backoffMs(int tries, qint64 baseMs, qint64 capMs, double random);

/// Retry-After clamped, plus 0-20 %.
qint64 serverAskedMs(qint64 retryAfterMs, const Tuning &tuning, double random);

/// How long the whole queue waits for its `tries`th look at a condition; never used up.
qint64 holdMs(int tries, std::optional<qint64> retryAfterMs, const Tuning &tuning, double random);

/// Between a long poll of `waitSeconds` that nothing came of and the next: up to a tenth of it, so that the clients that a server's
/// restart brought into step fall out of it.
qint64 pollJitterMs(int waitSeconds, double random);

/// How long a condition stands before anybody is told of it: transient ones heal by themselves in this time, most of
/// them.
qint64 quietMs(ErrorCode code, const Tuning &tuning);

/// A photo that needs somebody because its file is not there or not readable goes on by itself once it is.
bool healsWithSource(ErrorCode code);

inline constexpr int MaxFileRestarts = 3;
inline constexpr int MaxDamagedTries = 3;
inline constexpr int MaxServerErrorTries = 5;
inline constexpr int TokenTries = 2;

} // namespace photolift::pipeline
