#include "models/pipeline/retrypolicy.h"

#include <cmath>

namespace photolift::pipeline {

namespace {

Decision inRequest(ErrorCode code, int tries, const Tuning &tuning, double random, int maxTries)
{
    if (tries >= maxTries)
        return whenUsedUp(code);
    return {.next = NextStep::Retry, .delayMs = backoffMs(tries, tuning.inRequestBaseMs, tuning.inRequestCapMs, random)};
}

Decision longPolicy(ErrorCode code, const RetryMemory &memory, const Tuning &tuning, double random)
{
    if (memory.sinceMs >= tuning.longForMs)
        return whenUsedUp(code);
    return {.next = NextStep::Retry, .delayMs = backoffMs(memory.tries, tuning.longBaseMs, tuning.longCapMs, random)};
}

Decision restartFile(ErrorCode code, const RetryMemory &memory)
{
    const int most = code == ErrorCode::PreprocessingReadsDiffer ? 1 : MaxFileRestarts;
    return memory.fileRestarts < most ? Decision{.next = NextStep::RestartFile} : whenUsedUp(code);
}

/// The lines of FAULTS 2 that differ from the policy of their code.
std::optional<Decision> exception(ErrorCode code, const RetryMemory &memory, const Tuning &tuning, double random)
{
    switch (code) {
    case ErrorCode::SelectionNotAccepted:
    case ErrorCode::SelectionFileEmpty:
        return Decision{.next = NextStep::Skip};
    case ErrorCode::SelectionStillWriting:
        return Decision{.next = NextStep::WaitForSource, .delayMs = tuning.stableLookMs};
    case ErrorCode::ApiTokenExpired:
        // Once more at once: the token may have been renewed under the request. Whoever is refused again asks as
        // INITIATION_TOKEN_EXPIRED (codeAfter), and that holds the queue.
        return memory.tries < TokenTries ? Decision{.next = NextStep::Retry} : Decision{.next = NextStep::HoldQueue};
    case ErrorCode::ApiServerError:
        if (memory.tries >= MaxServerErrorTries || memory.sinceMs >= tuning.longForMs)
            return whenUsedUp(code);
        return longPolicy(code, memory, tuning, random);
    case ErrorCode::TransferDamagedOnTheWay:
        if (memory.tries == MaxDamagedTries)
            return Decision{.next = NextStep::HashAgain};
        return inRequest(code, memory.tries, tuning, random, 2 * MaxDamagedTries);
    case ErrorCode::TransferAlreadyThere:
        return Decision{.next = NextStep::GoToCommit};
    case ErrorCode::InitiationQuotaFull:
    case ErrorCode::NetworkLoginPage:
    case ErrorCode::ApiClientTooOld:
    case ErrorCode::LocalKeyringUnavailable:
        return Decision{.next = NextStep::HoldQueue};
    default:
        return std::nullopt;
    }
}

} // namespace

qint64 backoffMs(int tries, qint64 baseMs, qint64 capMs, double random)
{
    const int doublings = std::clamp(tries - 1, 0, 40);
    const double most = std::min(std::ldexp(double(baseMs), doublings), double(capMs));
    return std::max<qint64>(1, static_cast<qint64>(most * std::clamp(random, 0.0, 1.0)));
}

qint64 serverAskedMs(qint64 retryAfterMs, const Tuning &tuning, double random)
{
    const qint64 asked = std::clamp<qint64>(retryAfterMs, tuning.serverAskedMinMs, tuning.serverAskedMaxMs);
    return asked + static_cast<qint64>(double(asked) * 0.2 * std::clamp(random, 0.0, 1.0));
}

qint64 holdMs(int tries, std::optional<qint64> retryAfterMs, const Tuning &tuning, double random)
{
    if (retryAfterMs)
        return serverAskedMs(*retryAfterMs, tuning, random);
    return backoffMs(tries, tuning.longBaseMs, tuning.longCapMs, random);
}

ErrorCode codeAfter(ErrorCode code, int tries, bool hadNewLink)
{
    if (code == ErrorCode::TransferLinkExpired && hadNewLink)
        return ErrorCode::TransferLinkRefused;
    return code == ErrorCode::ApiTokenExpired && tries >= TokenTries ? ErrorCode::InitiationTokenExpired : code;
}

Decision whenUsedUp(ErrorCode code)
{
    // A server that fails at this very photo again and again fails at it tomorrow, too.
    const bool isForPeople = errorInfo(code).isFatal || code == ErrorCode::ApiServerError;
    return {.next = NextStep::EndAttempt, .needsYou = isForPeople};
}

std::optional<qint64> patienceMs(ErrorCode code, Stage stage, qint64 sinceMs, const Tuning &tuning)
{
    const bool waitsForCondition = holdsQueue(code) || errorInfo(code).retry == RetryPolicy::WaitForCondition;
    if (waitsForCondition || stage < Stage::Initiation)
        return std::nullopt;
    return std::max<qint64>(0, tuning.longForMs - sinceMs);
}

Decision decide(ErrorCode code, const RetryMemory &memory, std::optional<qint64> retryAfterMs, const Tuning &tuning, double random)
{
    if (holdsQueue(code))
        return {.next = NextStep::HoldQueue};
    if (const std::optional<Decision> special = exception(code, memory, tuning, random))
        return *special;

    const ErrorInfo &info = errorInfo(code);
    switch (info.retry) {
    case RetryPolicy::None:
        return info.isFatal ? whenUsedUp(code) : Decision{.next = NextStep::GoOn};
    case RetryPolicy::InRequest:
        return inRequest(code, memory.tries, tuning, random,
                         code == ErrorCode::ValidationCheckCrashed ? 2 : tuning.inRequestTries);
    case RetryPolicy::Long:
        return longPolicy(code, memory, tuning, random);
    case RetryPolicy::ServerAsked:
        if (memory.sinceMs >= tuning.longForMs)
            return whenUsedUp(code);
        if (retryAfterMs)
            return {.next = NextStep::Retry, .delayMs = serverAskedMs(*retryAfterMs, tuning, random)};
        return longPolicy(code, memory, tuning, random);
    case RetryPolicy::NewUrl:
        return memory.hadNewLink ? longPolicy(code, memory, tuning, random) : Decision{.next = NextStep::NewLink};
    case RetryPolicy::WaitForCondition:
        return info.isFatal ? whenUsedUp(code) : Decision{.next = NextStep::HoldQueue};
    case RetryPolicy::RestartFile:
        return restartFile(code, memory);
    }
    return whenUsedUp(ErrorCode::InternalUnknown);
}

qint64 pollJitterMs(int waitSeconds, double random)
{
    constexpr double Share = 0.1;
    return static_cast<qint64>(Share * 1000 * waitSeconds * random);
}

qint64 quietMs(ErrorCode code, const Tuning &tuning)
{
    const qint64 usual = tuning.quietTransientMs; // 60 s; the others keep their ratio when a test shortens it
    switch (code) {
    case ErrorCode::LocalListBusy:
        return usual / 2;
    case ErrorCode::ApiUnavailable:
        return 5 * usual;
    case ErrorCode::TransferStorageBusy:
        return 15 * usual;
    default:
        return errorInfo(code).type == ErrorType::Transient ? usual : 0;
    }
}

bool healsWithSource(ErrorCode code)
{
    switch (code) {
    case ErrorCode::SelectionFileMissing:
    case ErrorCode::SelectionNoPermission:
    case ErrorCode::SelectionCardRemoved:
    case ErrorCode::PreprocessingReadFailed:
        return true;
    default:
        return false;
    }
}

} // namespace photolift::pipeline
