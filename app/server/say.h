#pragma once

#include "models/vocabulary/result.h"

#include <QJsonObject>

namespace photolift::server {

/// How the programs of this server end.
enum ExitCode { Fine = 0, Failed = 1, Usage = 2, InUse = 4, Unsound = 5 };

/// One JSON object on standard output, for whoever has started us.
void say(const QJsonObject &object);
/// Says why there is no going on, in the log and on standard output; the exit code for it.
int giveUp(const Error &error);

} // namespace photolift::server
