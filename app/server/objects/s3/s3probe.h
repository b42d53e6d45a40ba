#pragma once

#include "app/server/objects/objectstore.h"
#include "app/server/objects/s3/s3client.h"

namespace photolift::server {

/// Tries what a link must not allow (FAULTS C-12), each case with the answer it has to get, on an upload of its own that is removed
/// again. STORAGE_NOT_READY names the first case that was answered wrongly. What only has to be known is logged.
Result<> probeS3(ObjectStore &store, S3Client &client, const S3Account &account);

} // namespace photolift::server
