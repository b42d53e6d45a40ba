#pragma once

#include "models/vocabulary/result.h"

namespace photolift {

/// A system call that failed with this errno: the number is the error's cause, and its words stand in the detail behind `what`.
Error systemError(ErrorCode code, QAnyStringView what, int osErrno);

} // namespace photolift
