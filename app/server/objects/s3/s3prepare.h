#pragma once

#include "app/server/objects/s3/s3account.h"
#include "models/vocabulary/result.h"

namespace photolift::server {

/// Sets the bucket up (FAULTS C-13), made when missing: no public access, no copy from elsewhere into incoming/ under a link (M9), no
/// unencrypted connections unless the store is on this computer, unfinished uploads in incoming/ ended after a day, and no other rule of a lifecycle: those
/// that were there are replaced. Where the account says mustEncrypt, the store has to confirm that it encrypts. All of it is read back (bucketcheck.h). May be repeated.
/// STORAGE_... with what could not be done. Blocks.
Result<> prepareBucket(const S3Account &account);

/// The policy that the bucket gets, JSON.
QByteArray bucketPolicy(const S3Account &account);

} // namespace photolift::server
