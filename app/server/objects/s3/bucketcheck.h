#pragma once

#include "app/server/objects/s3/s3client.h"

#include <QStringList>

#include <optional>

namespace photolift::server {

/// What a bucket says of how it was set up (FAULTS C-13), in the store's own words. Empty: it has no such thing; nullopt: the store does not tell, or not us.
struct BucketSettings {
    std::optional<QByteArray> policy;       ///< JSON
    std::optional<QByteArray> publicAccess; ///< PublicAccessBlockConfiguration
    std::optional<QByteArray> lifecycle;    ///< LifecycleConfiguration
};

/// What is missing there, a line for each. Of what is not told nothing is missed.
QStringList missingFrom(const BucketSettings &settings, const S3Account &account);

/// What is there and may not be, a line for each: rules of the lifecycle that are switched on and may remove whole objects below incoming/, objects/ or
/// derived/, whenever that would be and whatever else they ask for. Each by its name, as far as that can be printed.
QStringList harmfulIn(const BucketSettings &settings);

/// Reads all that back, which blocks. STORAGE_NOT_READY names what is missing and what is harmful; what the store does not tell is said in the log.
Result<> checkBucket(S3Client &client);

} // namespace photolift::server
