#pragma once

#include "app/server/exitcode.h"
#include "models/vocabulary/result.h"

#include <QJsonObject>

namespace photolift::server {

/// One JSON object on standard output, for whoever has started us.
void say(const QJsonObject &object);
/// Says why there is no going on, in the log and on standard output; the exit code for it.
int giveUp(const Error &error);

} // namespace photolift::server
