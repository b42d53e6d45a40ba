// Preloaded into the programs of a fault test: counts the calls that change files below one folder, over all processes of a run,
// and at the n-th it fails, or ends the process, or ends all of them. Plain C++ without Qt: it sits below everything else.
//
//   FAULTY_BELOW   the folder; calls on files elsewhere, pipes and sockets pass and are not counted
//   FAULTY_NOTES   a file of NotesBytes outside of it: the count, and what the call was that met the fault
//   FAULTY_AT      which call, from 1; 0 or nothing: only count
//   FAULTY_HOW     eio, enospc: the call fails, and with FAULTY_FOREVER=1 each one behind it too
//                  kill: SIGKILL before the call; torn: behind the first half of it (a write) or before it;
//                  cut: as torn, and every process of the run goes at the same time
#include "tests/faults/faultyfiles/faultynotes.h"

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

using photolift::faults::FaultyNotes;

enum class How { Pass, Fail, Kill, Torn, Cut };

struct Plan {
    const char *below = nullptr;
    std::size_t belowLength = 0;
    FaultyNotes *notes = nullptr;
    long at = 0;
    How how = How::Pass;
    int error = 0;
    bool isForEver = false;
};

How howOf(const char *word)
{
    if (!std::strcmp(word, "kill"))
        return How::Kill;
    if (!std::strcmp(word, "torn"))
        return How::Torn;
    return std::strcmp(word, "cut") ? How::Fail : How::Cut;
}

const char *given(const char *name)
{
    const char *value = std::getenv(name);
    return value ? value : "";
}

Plan readPlan()
{
    Plan plan;
    const int file = ::open(given("FAULTY_NOTES"), O_RDWR | O_CLOEXEC);
    if (file < 0)
        return plan;
    void *memory = ::mmap(nullptr, sizeof(FaultyNotes), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    ::close(file);
    if (memory == MAP_FAILED)
        return plan;
    plan.notes = static_cast<FaultyNotes *>(memory);
    plan.below = given("FAULTY_BELOW");
    plan.belowLength = std::strlen(plan.below);
    plan.at = std::atol(given("FAULTY_AT"));
    plan.how = howOf(given("FAULTY_HOW"));
    plan.error = std::strcmp(given("FAULTY_HOW"), "enospc") ? EIO : ENOSPC;
    plan.isForEver = *given("FAULTY_FOREVER") == '1';
    int none = 0;
    if (plan.how == How::Cut && plan.notes->group.compare_exchange_strong(none, ::getpid()))
        ::setpgid(0, 0); // whoever it starts belongs to it, and the test does not
    return plan;
}

const Plan &plan()
{
    static const Plan thePlan = readPlan();
    return thePlan;
}

bool isBelow(const char *path)
{
    const Plan &p = plan();
    return p.notes && p.belowLength > 0 && !std::strncmp(path, p.below, p.belowLength) && path[p.belowLength] == '/';
}

[[noreturn]] void die(How how)
{
    if (how == How::Cut)
        ::kill(0, SIGKILL);
    ::kill(::getpid(), SIGKILL);
    for (;;)
        ::pause();
}

/// Counts the call and says what becomes of it.
How judge(const char *call, const char *path)
{
    const Plan &p = plan();
    const long number = ++p.notes->calls;
    if (p.at == 0 || number < p.at || (number > p.at && !p.isForEver))
        return How::Pass;
    if (number == p.at)
        std::snprintf(p.notes->met, sizeof p.notes->met, "%s %s", call, path + p.belowLength + 1);
    return p.how;
}

How judge(const char *call, int descriptor)
{
    if (!plan().notes)
        return How::Pass;
    char link[64];
    char path[PATH_MAX];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    const ssize_t length = ::readlink(link, path, sizeof path - 1);
    if (length <= 0)
        return How::Pass;
    path[length] = '\0';
    return isBelow(path) ? judge(call, path) : How::Pass;
}

template <typename Function> Function *real(const char *name)
{
    return reinterpret_cast<Function *>(::dlsym(RTLD_NEXT, name));
}

/// `whole` does the call, `half` the half of it.
template <typename Whole, typename Half> auto meet(How how, Whole whole, Half half)
{
    switch (how) {
    case How::Pass:
        return whole();
    case How::Fail:
        errno = plan().error;
        return decltype(whole())(-1);
    case How::Torn:
    case How::Cut:
        half();
        [[fallthrough]];
    case How::Kill:
        break;
    }
    die(how);
}

template <typename Whole> auto meet(How how, Whole whole)
{
    return meet(how, whole, [] {});
}

} // namespace

extern "C" {

ssize_t write(int descriptor, const void *bytes, size_t count)
{
    static auto *const next = real<decltype(::write)>("write");
    return meet(judge("write", descriptor), [&] { return next(descriptor, bytes, count); }, [&] { next(descriptor, bytes, count / 2); });
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset)
{
    static auto *const next = real<decltype(::pwrite)>("pwrite");
    return meet(judge("pwrite", descriptor), [&] { return next(descriptor, bytes, count, offset); },
                [&] { next(descriptor, bytes, count / 2, offset); });
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset)
{
    static auto *const next = real<decltype(::pwrite64)>("pwrite64");
    return meet(judge("pwrite", descriptor), [&] { return next(descriptor, bytes, count, offset); },
                [&] { next(descriptor, bytes, count / 2, offset); });
}

ssize_t writev(int descriptor, const iovec *pieces, int count)
{
    static auto *const next = real<decltype(::writev)>("writev");
    return meet(judge("writev", descriptor), [&] { return next(descriptor, pieces, count); }, [&] { next(descriptor, pieces, count / 2); });
}

int fsync(int descriptor)
{
    static auto *const next = real<decltype(::fsync)>("fsync");
    return meet(judge("fsync", descriptor), [&] { return next(descriptor); });
}

int fdatasync(int descriptor)
{
    static auto *const next = real<decltype(::fdatasync)>("fdatasync");
    return meet(judge("fdatasync", descriptor), [&] { return next(descriptor); });
}

int ftruncate(int descriptor, off_t length) noexcept
{
    static auto *const next = real<int(int, off_t)>("ftruncate");
    return meet(judge("ftruncate", descriptor), [&] { return next(descriptor, length); });
}

int ftruncate64(int descriptor, off64_t length) noexcept
{
    static auto *const next = real<int(int, off64_t)>("ftruncate64");
    return meet(judge("ftruncate", descriptor), [&] { return next(descriptor, length); });
}

int posix_fallocate(int descriptor, off_t offset, off_t length)
{
    static auto *const next = real<int(int, off_t, off_t)>("posix_fallocate");
    return meet(judge("fallocate", descriptor), [&] { return next(descriptor, offset, length); }) < 0 ? errno : 0;
}

int fallocate(int descriptor, int mode, off_t offset, off_t length)
{
    static auto *const next = real<int(int, int, off_t, off_t)>("fallocate");
    return meet(judge("fallocate", descriptor), [&] { return next(descriptor, mode, offset, length); });
}

int rename(const char *from, const char *to) noexcept
{
    static auto *const next = real<int(const char *, const char *)>("rename");
    return meet(isBelow(to) ? judge("rename", to) : How::Pass, [&] { return next(from, to); });
}

int renameat2(int fromFolder, const char *from, int toFolder, const char *to, unsigned flags) noexcept
{
    static auto *const next = real<int(int, const char *, int, const char *, unsigned)>("renameat2");
    return meet(isBelow(to) ? judge("rename", to) : How::Pass, [&] { return next(fromFolder, from, toFolder, to, flags); });
}

int unlink(const char *path) noexcept
{
    static auto *const next = real<int(const char *)>("unlink");
    return meet(isBelow(path) ? judge("unlink", path) : How::Pass, [&] { return next(path); });
}

} // extern "C"
