#pragma once

#include "app/server/embeddedoptions.h"

#include <QCoreApplication>

namespace photolift::server {

/// The server of this computer: SQLite, a folder of photos, one person. Serves until its parent or a signal ends it; the exit code.
int runEmbedded(QCoreApplication &app, const EmbeddedOptions &options);

} // namespace photolift::server
