#pragma once

#include "tests/faults/checker/verdict.h"

#include <QJsonObject>

namespace photolift::check {

/// I6: each restart went on without a click within 10 s. From "resume_seconds": [..]; not checked without it.
Verdict resumedInTime(const QJsonObject &figures);
/// I8: no turn of the UI thread used over 100 ms of CPU, wall p99 at most 100 ms, the wall maximum is printed.
/// From "ui_turn_cpu_ms": [..] and "ui_turn_wall_ms": [..]; not checked without them.
Verdict neverStalled(const QJsonObject &figures);

} // namespace photolift::check
