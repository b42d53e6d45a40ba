#pragma once

#include <QtGlobal>

namespace photolift {

/// What this process may use, so that a hostile photo ends it and nothing else.
struct Limits {
    qint64 memoryBytes = 2LL * 1024 * 1024 * 1024; ///< address space, the mapped photo included; none under sanitizers
    int seconds = 30;                              ///< CPU time for one photo
    int niceness = 0;                              ///< over 0: idle scheduling of CPU and disk too
    int processes = 0;                         ///< with all their threads, of this user here; 0: what runs now and 256 more
    int lifeSeconds = 600;                         ///< CPU time for all photos; who started us replaces us before it is used up
};

/// Once, before the first photo. Ends with the parent, gets no new rights and gives up those of root, keeps no descriptor but 0 and 1;
/// 2 leads nowhere. Every limit is a hard one: a photo that takes this process over cannot raise it.
void confine(const Limits &limits);

/// Before each photo: its CPU time from now on, within that of the whole life.
void allowPhoto(const Limits &limits);

/// The same in a process that will see this photo alone: a hard limit.
void allowOnePhoto(const Limits &limits);

} // namespace photolift
