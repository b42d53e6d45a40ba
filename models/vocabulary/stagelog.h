#pragma once

#include "models/vocabulary/records.h"

class QLoggingCategory;

namespace photolift {

/// One info line about where a stage is now, such as "stage transfer ended after 312 ms", under the correlation id of its attempt.
/// Client and server say it with the same words. Any thread.
void logStage(const QLoggingCategory &category, const StageRecord &stage);

/// The same about an attempt that has ended: "attempt 1 ended: succeeded".
void logEnd(const QLoggingCategory &category, const AttemptRecord &attempt);

} // namespace photolift
