#pragma once

#include "models/store/jsonkeys.h"
#include "models/vocabulary/records.h"
#include "models/wire/messages.h"

#include <span>

namespace photolift::server {

/// What stays of the records of a purged photo: counts, codes, sizes, durations and the times of its way. Everything
/// that is not listed goes: paths, names, hashes, whatever was read from the photo, and texts of any kind.
struct StayingKey {
    store::JsonColumn column;
    QLatin1StringView name;
};
std::span<const StayingKey> stayingKeys();
/// Of a JSON column: listed keys with a number or a truth; `code` and `stage` of an error with a word of the
/// vocabulary.
QJsonObject whatStays(store::JsonColumn column, const QJsonObject &object);

void purgeNames(AttemptRecord &attempt);
void purgeNames(StageRecord &stage);
void purgeNames(ErrorRecord &error); ///< its message too
/// Type, kind and size stay, and where it was stored.
void purgeNames(PhotoRecord &photo);
void purgeNames(BatchRecord &batch);
/// What a client that never heard of the end is told from then on: the server does not know it any more.
void purgeNames(wire::UploadStatus &told);

} // namespace photolift::server
