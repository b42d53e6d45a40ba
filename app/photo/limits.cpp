#include "app/photo/limits.h"

#include "models/photo/filelook.h"

#include <csignal>
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

namespace photolift {

namespace {

void limit(int resource, rlim_t soft, rlim_t hard)
{
    // Never above what we were given: raising the hard limit is not ours to do.
    rlimit now = {};
    ::getrlimit(static_cast<__rlimit_resource>(resource), &now);
    const rlimit wanted{std::min(soft, now.rlim_max), std::min(hard, now.rlim_max)};
    ::setrlimit(static_cast<__rlimit_resource>(resource), &wanted);
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

    limit(RLIMIT_CORE, 0, 0); // a dump would hold the photo
    limit(RLIMIT_FSIZE, 64 * 1024 * 1024, 64 * 1024 * 1024);
    limit(RLIMIT_NOFILE, 64, 64);
    // The system counts all threads of the user, not ours: what runs now and some for libvips, so that nothing can multiply.
    struct sysinfo system = {};
    if (::sysinfo(&system) == 0)
        limit(RLIMIT_NPROC, system.procs + 256UL, system.procs + 256UL);
#ifndef PHOTOLIFT_SANITIZED
    const auto memory = static_cast<rlim_t>(limits.memoryBytes);
    limit(RLIMIT_AS, memory, memory + static_cast<rlim_t>(photo::LargestPhotoBytes));
#endif
    if (limits.niceness > 0)
        beLastInLine(limits.niceness);
}

void allowPhoto(const Limits &limits, qint64 photoBytes)
{
    rusage used = {};
    ::getrusage(RUSAGE_SELF, &used);
    limit(RLIMIT_CPU, static_cast<rlim_t>(used.ru_utime.tv_sec + used.ru_stime.tv_sec + limits.seconds + 1), RLIM_INFINITY);
#ifndef PHOTOLIFT_SANITIZED
    limit(RLIMIT_AS, static_cast<rlim_t>(limits.memoryBytes + photoBytes), RLIM_INFINITY);
#else
    Q_UNUSED(photoBytes)
#endif
}

} // namespace photolift
