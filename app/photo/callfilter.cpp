#include "app/photo/callfilter.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <new>
#include <seccomp.h>
#include <span>
#include <sys/mman.h>
#include <unistd.h>

namespace photolift {

namespace {

struct Allowed {
    int call;
    const char *condition = nullptr; ///< of `arguments`, for people
    unsigned count = 0;
    std::array<scmp_arg_cmp, 2> arguments{};
};

constexpr scmp_arg_cmp is(unsigned argument, scmp_datum_t value)
{
    return {argument, SCMP_CMP_EQ, value, 0};
}
constexpr scmp_arg_cmp masked(unsigned argument, scmp_datum_t mask, scmp_datum_t value)
{
    return {argument, SCMP_CMP_MASKED_EQ, mask, value};
}

/// How glibc makes a thread without clone3(), whose flags a filter cannot see.
constexpr scmp_datum_t ThreadFlags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_SIGHAND | CLONE_THREAD | CLONE_SETTLS
    | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;

constexpr std::array AllowedCalls{
    // The photo, which is open, and the answer.
    Allowed{SCMP_SYS(pread64)},
    Allowed{SCMP_SYS(lseek)},
    Allowed{SCMP_SYS(newfstatat), "of a descriptor", 1, {is(3, AT_EMPTY_PATH)}},
    Allowed{SCMP_SYS(write), "to standard output", 1, {is(0, STDOUT_FILENO)}},
    // Memory. Nothing becomes code but what liborc has just written: its loops are a third of the time of a photo.
    Allowed{SCMP_SYS(mmap), "not executable", 1, {masked(2, PROT_EXEC, 0)}},
    Allowed{SCMP_SYS(mmap), "anonymous, for liborc", 2,
            {is(2, PROT_READ | PROT_WRITE | PROT_EXEC), is(3, MAP_PRIVATE | MAP_ANONYMOUS)}},
    Allowed{SCMP_SYS(mprotect), "not executable", 1, {masked(2, PROT_EXEC, 0)}},
    Allowed{SCMP_SYS(munmap)},
    Allowed{SCMP_SYS(mremap)},
    Allowed{SCMP_SYS(madvise)},
    Allowed{SCMP_SYS(brk)},
    Allowed{SCMP_SYS(sysinfo)}, // for qsort(): how much it may take
    Allowed{SCMP_SYS(getrandom)}, // arc4random(), which ends the process when it gets nothing
    // Threads, which libvips and the decoders make. How many processors there are is not told, and so glibc tells them two: a machine of 64
    // would have some of them make more threads than a sandbox has.
    Allowed{SCMP_SYS(clone), "a thread", 1, {is(0, ThreadFlags)}},
    Allowed{SCMP_SYS(futex)},
    Allowed{SCMP_SYS(rseq)},
    Allowed{SCMP_SYS(set_robust_list)},
    Allowed{SCMP_SYS(rt_sigprocmask)},
    // Not seen in the collection: what the system does by itself after a stop, and the clock of machines where it takes a call.
    Allowed{SCMP_SYS(restart_syscall)},
    Allowed{SCMP_SYS(clock_gettime)},
    // The end.
    Allowed{SCMP_SYS(exit)},
    Allowed{SCMP_SYS(exit_group)},
};

/// Whoever asks for these is no library that opens a photo: it has been taken over, and gets no second try.
constexpr std::array Deadly{
    SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev), SCMP_SYS(pidfd_getfd), SCMP_SYS(unshare), SCMP_SYS(setns), SCMP_SYS(mount), SCMP_SYS(umount2),
    SCMP_SYS(pivot_root), SCMP_SYS(chroot), SCMP_SYS(bpf), SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd), SCMP_SYS(io_uring_setup),
    SCMP_SYS(add_key), SCMP_SYS(keyctl), SCMP_SYS(request_key), SCMP_SYS(init_module), SCMP_SYS(finit_module), SCMP_SYS(kexec_load),
    SCMP_SYS(open_by_handle_at), SCMP_SYS(modify_ldt), SCMP_SYS(personality),
};

bool addRules(scmp_filter_ctx filter)
{
    // Another architecture's numbers, x32 among them, mean other calls.
    bool isFine = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0;
    for (const Allowed &allowed : AllowedCalls)
        isFine = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, allowed.call, allowed.count, allowed.arguments.data()) == 0 && isFine;
    for (const int call : Deadly)
        isFine = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, call, 0) == 0 && isFine;
    // glibc goes on with clone(), whose flags can be seen; what is no thread is a process.
    isFine = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0 && isFine;
    const scmp_arg_cmp process = masked(0, CLONE_THREAD, 0);
    return seccomp_rule_add_array(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(clone), 1, &process) == 0 && isFine;
}

} // namespace

CallFilter::CallFilter()
    : m_filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)))
{
    if (!m_filter || !addRules(m_filter.get()))
        throw std::bad_alloc();
}

CallFilter::~CallFilter() = default;

void CallFilter::Release::operator()(void *filter) const
{
    seccomp_release(filter);
}

bool CallFilter::install() const
{
#ifdef PHOTOLIFT_SANITIZED
    return true;
#else
    const int failed = seccomp_load(m_filter.get());
    errno = -failed;
    return failed == 0;
#endif
}

std::string CallFilter::description()
{
    std::string text;
    for (const Allowed &allowed : AllowedCalls) {
        const std::unique_ptr<char, void (*)(void *)> name(seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, allowed.call), std::free);
        text += name ? name.get() : "?";
        if (allowed.condition)
            text += std::string(" (") + allowed.condition + ')';
        text += '\n';
    }
    return text + std::to_string(AllowedCalls.size()) + " allowed, " + std::to_string(Deadly.size() + 1) + " end the process, all others are refused\n";
}

} // namespace photolift
