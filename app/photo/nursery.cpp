#include "app/photo/nursery.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace photolift {

namespace {

/// Long enough for a child that has answered to end by itself, on a machine that lets it run at last.
constexpr int EndingMs = 2000;

[[noreturn]] void beChild(const Limits &limits, ReceivedOrder &received, pid_t parent, const std::function<void(const ReceivedOrder &)> &carryOutOne)
{
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent)
        ::_exit(0);
    // Neither the orders of others nor the pipe on which is told how children end.
    photo::FileDescriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (::dup2(nothing.get(), STDIN_FILENO) < 0 || ::dup2(received.answers.get(), STDOUT_FILENO) < 0)
        ::_exit(1);
    nothing.close();
    received.answers.close();
    allowOnePhoto(limits);
    carryOutOne(received);
#ifdef PHOTOLIFT_SANITIZED
    std::exit(0); // leaks are looked for at the end
#else
    ::_exit(0);
#endif
}

/// Until the child has ended, at most a moment longer than until the next order comes: who sent that has all it wants from this one.
void awaitEnd(pid_t child)
{
    const photo::FileDescriptor end(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
    std::array<pollfd, 2> waits{{{end.get(), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}}};
    while (::poll(waits.data(), waits.size(), -1) < 0 && errno == EINTR) { }
    if (!(waits[0].revents & POLLIN) && ::poll(waits.data(), 1, EndingMs) != 1)
        ::kill(child, SIGKILL);
}

/// What a child has started and left behind became ours; the files of those that end meanwhile cannot be read, so again until none is left.
bool endLeftovers()
{
    constexpr int Rounds = 1000;
    for (int round = 0; round < Rounds; ++round) {
        siginfo_t ended{};
        if (::waitid(P_ALL, 0, &ended, WEXITED | WNOHANG) != 0)
            return true; // ECHILD
        const photo::FileDescriptor list(::open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC));
        std::array<char, 4096> text{};
        if (::read(list.get(), text.data(), text.size() - 1) <= 0)
            continue;
        char *rest = text.data();
        while (const long child = std::strtol(rest, &rest, 10))
            ::kill(static_cast<pid_t>(child), SIGKILL);
        siginfo_t next{};
        ::waitid(P_ALL, 0, &next, WEXITED | WNOWAIT);
    }
    return false;
}

} // namespace

void serveEachInAChild(const Limits &limits, const std::function<void(const ReceivedOrder &)> &carryOutOne)
{
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
#ifndef PHOTOLIFT_SANITIZED
    ::prctl(PR_SET_DUMPABLE, 0); // no child may look into this process; the leak sanitizer has to
#endif
    const pid_t self = ::getpid();
    while (std::optional<ReceivedOrder> received = receiveOrder()) {
        const pid_t child = ::fork();
        if (child == 0)
            beChild(limits, *received, self, carryOutOne);
        if (child < 0)
            return; // the asker sees a process that ended, and takes another one
        received->photo.close();
        awaitEnd(child);
        int status = 0;
        while (::waitpid(child, &status, 0) < 0 && errno == EINTR) { }
        const bool isAlone = endLeftovers();
        if (::write(STDOUT_FILENO, &status, sizeof status) != sizeof status || !isAlone)
            return;
    }
}

} // namespace photolift
