#pragma once

#include "models/vocabulary/errorcode.h"

#include <optional>

namespace photolift::mirror {

/// How long to wait after failures in a row: the retry policies of FAULTS, for a queue that never gives up. No clock inside.
class Patience
{
public:
    /// The pause before the next try, in ms. `chance` is a fresh random number from [0, 1).
    qint64 afterFailure(ErrorCode code, std::optional<qint64> retryAfterMs, double chance);
    void reset();

private:
    int m_quickTries = 0;
    int m_tokenTries = 0;
    int m_longTries = 0;
    qint64 m_longWaitedMs = 0;
};

} // namespace photolift::mirror
