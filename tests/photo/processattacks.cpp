#include "tests/photo/attacks.h"

#include <array>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <sched.h>
#include <semaphore>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace photolift::attacks {

namespace {

bool endsParent(const QByteArray &)
{
    return ::kill(::getppid(), SIGKILL) == 0;
}

bool endsFirstProcess(const QByteArray &)
{
    return ::kill(1, SIGKILL) == 0;
}

bool endsEverybody(const QByteArray &)
{
    return ::kill(-1, SIGKILL) == 0;
}

bool signalsItself(const QByteArray &)
{
    return ::kill(::getpid(), 0) == 0;
}

bool tracesParent(const QByteArray &)
{
    return ::ptrace(PTRACE_ATTACH, ::getppid(), nullptr, nullptr) == 0;
}

bool letsItselfBeTraced(const QByteArray &)
{
    return ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0;
}

bool readsParent(const QByteArray &)
{
    char byte = 0;
    const iovec here{&byte, 1};
    const iovec there{environ, 1}; // a fork has it at the same address
    return ::process_vm_readv(::getppid(), &here, 1, &there, 1, 0) == 1;
}

bool writesIntoParent(const QByteArray &)
{
    char byte = 0;
    const iovec here{&byte, 1};
    const iovec there{environ, 1};
    return ::process_vm_writev(::getppid(), &here, 1, &there, 1, 0) == 1;
}

bool takesDescriptorOfParent(const QByteArray &)
{
    const long parent = ::syscall(SYS_pidfd_open, ::getppid(), 0);
    return parent >= 0 && ::syscall(SYS_pidfd_getfd, parent, 0, 0) >= 0;
}

bool readsOrdersOfOthers(const QByteArray &)
{
    char byte = 0;
    return ::recv(STDIN_FILENO, &byte, 1, MSG_DONTWAIT) >= 0;
}

bool changesPaceOfParent(const QByteArray &)
{
    return ::setpriority(PRIO_PROCESS, static_cast<id_t>(::getppid()), 19) == 0;
}

bool limitsParent(const QByteArray &)
{
    const rlimit none{1, 1};
    return ::prlimit(::getppid(), RLIMIT_NOFILE, &none, nullptr) == 0;
}

bool startsProcess(const QByteArray &)
{
    const pid_t child = ::fork();
    if (child == 0)
        ::_exit(0);
    return child > 0;
}

bool startsProcessWithOldCall(const QByteArray &)
{
    const long child = ::syscall(SYS_fork);
    if (child == 0)
        ::_exit(0);
    return child > 0;
}

/// Shares the memory but is no thread.
bool startsProcessThatShares(const QByteArray &)
{
    static std::array<char, 65536> stack;
    return ::clone([](void *) { return 0; }, stack.data() + stack.size(), CLONE_VM | SIGCHLD, nullptr) > 0;
}

bool startsManyProcesses(const QByteArray &)
{
    for (int i = 0; i < 40; ++i) {
        const pid_t child = ::fork();
        if (child == 0)
            ::_exit(0);
        if (child < 0)
            return false;
    }
    return true;
}

bool startsManyThreads(const QByteArray &)
{
    std::vector<std::thread> threads;
    static std::binary_semaphore end(0);
    try {
        for (int i = 0; i < 40; ++i)
            threads.emplace_back([] { end.acquire(); });
    } catch (const std::exception &) {
        ::_exit(9); // those that there are need not be waited for
    }
    for (std::thread &thread : threads)
        thread.detach();
    return true;
}

bool becomesShell(const QByteArray &)
{
    if (const pid_t child = ::fork(); child > 0) { // so that the one who waits hears of it
        int status = 0;
        ::waitpid(child, &status, 0);
        return WIFEXITED(status) && WEXITSTATUS(status) == 42;
    }
    ::execl("/bin/sh", "sh", "-c", "exit 42", nullptr);
    ::_exit(1);
}

bool becomesShellAtOnce(const QByteArray &)
{
    ::execl("/bin/sh", "sh", "-c", "printf 'a shell' ", nullptr);
    return false;
}

bool becomesItself(const QByteArray &)
{
    ::execl("/photolift-photo", "photolift-photo", "--seccomp", nullptr);
    return false;
}

bool becomesFileInMemory(const QByteArray &)
{
    const int file = ::memfd_create("program", 0);
    char *const nothing[] = {nullptr};
    ::syscall(SYS_execveat, file, "", nothing, nothing, AT_EMPTY_PATH);
    return false;
}

bool mapsProgramFile(const QByteArray &)
{
    return ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, STDERR_FILENO + 1, 0) != MAP_FAILED;
}

bool makesItsDataCode(const QByteArray &)
{
    void *const page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return ::mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0;
}

bool outlivesParent(const QByteArray &)
{
    return ::prctl(PR_SET_PDEATHSIG, 0) == 0;
}

bool leavesSession(const QByteArray &)
{
    return ::setsid() >= 0 || ::setpgid(0, 0) == 0;
}

} // namespace

QList<Attack> onProcesses()
{
    return {{"end its parent", endsParent},
            {"end the first process", endsFirstProcess},
            {"end everybody", endsEverybody},
            {"send a signal", signalsItself, true},
            {"trace its parent", tracesParent},
            {"be traced", letsItselfBeTraced},
            {"read its parent's memory", readsParent},
            {"write into its parent's memory", writesIntoParent},
            {"take a descriptor of its parent", takesDescriptorOfParent},
            {"read the orders of others", readsOrdersOfOthers},
            {"slow its parent down", changesPaceOfParent},
            {"limit its parent", limitsParent},
            {"start a process", startsProcess, true},
            {"start a process with fork()", startsProcessWithOldCall, true},
            {"start a process that shares its memory", startsProcessThatShares, true},
            {"start 40 processes", startsManyProcesses, true},
            {"start 40 threads", startsManyThreads, true},
            {"start a shell", becomesShell, true},
            {"become a shell", becomesShellAtOnce},
            {"become itself again", becomesItself},
            {"become a file in memory", becomesFileInMemory},
            {"map the photo as code", mapsProgramFile},
            {"make its data code", makesItsDataCode, true},
            {"outlive its parent", outlivesParent, true},
            {"leave its session", leavesSession, true}};
}

} // namespace photolift::attacks
