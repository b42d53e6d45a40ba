#pragma once

#include "models/store/changes.h"

#include <QObject>

#include <functional>

namespace photolift::store {
class Recorder;
}

namespace photolift::pipeline {

/// Writes what a person asked for. `then` hears when it is on disk (true), or that it could not be written: only what is on disk is said
/// to be so. A failure is logged with its code here and told by QueueHolds, which hears of every write that fails; one that is still on
/// its way when the program ends is logged by the recorder. `context` lives on the calling thread; without it nobody is told.
void recordAsked(store::Recorder &recorder, const store::Changes &changes, QObject *context, const char *what,
                 std::function<void(bool isOnDisk)> then);

} // namespace photolift::pipeline
