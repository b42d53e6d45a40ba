#pragma once

#include <QStringList>

namespace photolift::photo {

/// What photolift-photo opens photos with, and the versions: its own number and those of its libraries, one line. Empty when the program
/// does not say so within ten seconds. Blocks for as long as it takes to start a process; any thread. `command` is what starts it: its path,
/// or what puts it into a sandbox (sandbox.h).
QString helperDecoder(const QStringList &command);

} // namespace photolift::photo
