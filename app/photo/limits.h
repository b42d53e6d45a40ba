#pragma once

#include <QtGlobal>

namespace photolift {

/// What this process may use, so that a hostile photo ends it and nothing else.
struct Limits {
    qint64 memoryBytes = 2LL * 1024 * 1024 * 1024; ///< address space, beside one mapped photo; none under sanitizers
    int seconds = 30;                              ///< CPU time for one photo
    int niceness = 0;                              ///< over 0: idle scheduling of CPU and disk too
};

/// Once, before the first photo. Ends with the parent, gets no new rights, keeps no descriptor but 0 and 1; 2 leads nowhere.
void confine(const Limits &limits);

/// Before each photo: CPU time from now on, address space for mapping `photoBytes`.
void allowPhoto(const Limits &limits, qint64 photoBytes);

} // namespace photolift
