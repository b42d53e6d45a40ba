#pragma once

#include "app/server/config/serverconfig.h"
#include "app/server/work/databasethreads.h"
#include "models/vocabulary/result.h"

#include <memory>

namespace photolift::server {

class ObjectStore;

/// The pieces of a configuration, for the server and for the commands of its administrator. Folders are made when missing.
Result<> makeFolders(const ServerConfig &config);
DatabaseThreads::Options databaseOptions(const ServerConfig &config);
Result<std::unique_ptr<ObjectStore>> openStore(const ServerConfig &config);
/// photolift-photo, which lies beside this program.
QString photoProgram();

} // namespace photolift::server
