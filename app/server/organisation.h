#pragma once

#include "app/server/config/serverconfig.h"

#include <QCoreApplication>

namespace photolift::server {

/// The server of an organisation, as its configuration says. Serves until a signal ends it; the exit code.
int runOrganisation(QCoreApplication &app, const ServerConfig &config);

} // namespace photolift::server
