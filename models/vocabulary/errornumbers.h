#pragma once

#include "models/vocabulary/result.h"

#include <QJsonObject>

namespace photolift {

/// Puts what the operating system said into the context of an error row: `os_errno`, and `signal` where one ended the process that had
/// the photo open. Our sentences for the log name them as "errno 28" and "signal 9"; the sentence itself stays in the log, because
/// it may hold a path. What stands in the context already stays.
void noteSystemNumbers(QJsonObject &context, const Error &error);

} // namespace photolift
