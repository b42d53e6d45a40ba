#include "models/logs/coredumps.h"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace photolift::logs {

void forbidCoreDumps(CoreDumps where)
{
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
#ifndef PHOTOLIFT_SANITIZED
    if (where == CoreDumps::Nowhere)
        ::prctl(PR_SET_DUMPABLE, 0);
#else
    (void)where;
#endif
}

} // namespace photolift::logs
