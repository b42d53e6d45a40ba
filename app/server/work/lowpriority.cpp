#include "app/server/work/lowpriority.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace photolift::server {

void takeLowestPriority()
{
    // From linux/ioprio.h, which Debian's libc headers do not wrap.
    constexpr int WhoIsProcess = 1;
    constexpr int IdleClass = 3 << 13;
    const auto thread = static_cast<id_t>(::syscall(SYS_gettid));
    // Nice 19 rather than SCHED_IDLE: the thread takes locks that the lanes share, and must not starve while it holds one.
    (void)::setpriority(PRIO_PROCESS, thread, 19);
    (void)::syscall(SYS_ioprio_set, WhoIsProcess, 0, IdleClass);
}

} // namespace photolift::server
