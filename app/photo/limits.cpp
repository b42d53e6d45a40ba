#include "app/photo/limits.h"

#include <csignal>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

namespace photolift {

namespace {

/// Hard and soft at once, so that nobody in here can raise it again. Never above what we were given.
void limit(__rlimit_resource resource, rlim_t most)
{
    rlimit now = {};
    ::getrlimit(resource, &now);
    const rlim_t wanted = std::min(most, now.rlim_max);
    const rlimit both{wanted, wanted};
    ::setrlimit(resource, &both);
}

/// Root may raise even hard limits; nothing here needs what root may. What is given up cannot come back: see PR_SET_NO_NEW_PRIVS.
void giveUpRights()
{
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3]{};
    ::syscall(SYS_capset, &header, none);
}

void beLastInLine(int niceness)
{
    ::setpriority(PRIO_PROCESS, 0, niceness);
    const sched_param none{0};
    ::sched_setscheduler(0, SCHED_IDLE, &none);
    constexpr int WhoProcess = 1;
    constexpr int IdleClass = 3 << 13;
    ::syscall(SYS_ioprio_set, WhoProcess, 0, IdleClass);
}

} // namespace

void confine(const Limits &limits)
{
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    ::close_range(STDERR_FILENO + 1, ~0U, 0);
#ifndef PHOTOLIFT_SANITIZED
    // Libraries tell what they find in a photo (libjxl does) on the standard error of the program that started us.
    if (const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC); nowhere >= 0) {
        ::dup2(nowhere, STDERR_FILENO);
        ::close(nowhere);
    }
#endif

    limit(RLIMIT_CORE, 0); // a dump would hold the photo
    limit(RLIMIT_FSIZE, 64 * 1024 * 1024);
    limit(RLIMIT_NOFILE, 64);
    limit(RLIMIT_CPU, static_cast<rlim_t>(limits.lifeSeconds));
    // The system counts all threads of the user, in a sandbox those inside, elsewhere not only ours: then what runs now and some for libvips.
    struct sysinfo system = {};
    if (limits.processes > 0)
        limit(RLIMIT_NPROC, static_cast<rlim_t>(limits.processes));
    else if (::sysinfo(&system) == 0)
        limit(RLIMIT_NPROC, system.procs + 256UL);
#ifndef PHOTOLIFT_SANITIZED
    limit(RLIMIT_AS, static_cast<rlim_t>(limits.memoryBytes));
#endif
    if (limits.niceness > 0)
        beLastInLine(limits.niceness);
    giveUpRights();
}

void allowPhoto(const Limits &limits)
{
    rusage used = {};
    ::getrusage(RUSAGE_SELF, &used);
    // Only the soft one moves: the next photo gets its time too, as long as the life has some left. It counts whole seconds, of which
    // thousands of photos share one.
    static rlim_t allowed = 0;
    const auto photo = static_cast<rlim_t>(used.ru_utime.tv_sec + used.ru_stime.tv_sec + limits.seconds + 1);
    if (photo == allowed)
        return;
    rlimit processor = {};
    ::getrlimit(RLIMIT_CPU, &processor);
    processor.rlim_cur = std::min(photo, processor.rlim_max);
    ::setrlimit(RLIMIT_CPU, &processor);
    allowed = photo;
}

void allowOnePhoto(const Limits &limits)
{
    limit(RLIMIT_CPU, static_cast<rlim_t>(limits.seconds + 1));
}

} // namespace photolift
