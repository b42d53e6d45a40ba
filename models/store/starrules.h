#pragma once

#include "models/vocabulary/records.h"

namespace photolift::store {

/// What the star's tables refuse by their own rules, or one engine by its types, before either sees it: INTERNAL_UNKNOWN, naming the
/// column. So a row is refused alike by both engines, and alone: a statement with a thousand rows in it would be refused whole.
Result<> fitsTheStar(const ProjectRecord &project);
Result<> fitsTheStar(const BatchRecord &batch);
Result<> fitsTheStar(const AttemptRecord &attempt);
Result<> fitsTheStar(const StageRecord &stage);
Result<> fitsTheStar(const ErrorRecord &error);
Result<> fitsTheStar(const PhotoRecord &photo);
Result<> fitsTheStar(const HeartbeatRecord &heartbeat);

} // namespace photolift::store
