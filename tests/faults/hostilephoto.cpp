#include "app/photo/callfilter.h"
#include "app/photo/limits.h"
#include "app/photo/nursery.h"
#include "app/photo/orders.h"
#include "app/photo/orderstream.h"
#include "models/decode/metadata.h"
#include "models/decode/vipsimage.h"

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <mutex>
#include <semaphore>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

using namespace photolift;

namespace {

constexpr Limits Small{.memoryBytes = 512LL * 1024 * 1024, .seconds = 1, .niceness = 19};

/// What stands behind the picture: "HOSTILE:" and the deed.
std::string deedIn(int photo)
{
    struct stat facts{};
    char tail[64]{};
    if (::fstat(photo, &facts) != 0 || ::pread(photo, tail, sizeof tail, std::max<off_t>(0, facts.st_size - 64)) <= 0)
        return {};
    const std::string text(tail, sizeof tail);
    const std::size_t at = text.find("HOSTILE:");
    return at == std::string::npos ? std::string() : std::string(text.substr(at + 8).c_str());
}

void spin()
{
    const volatile bool isEndless = true;
    while (isEndless) { }
}

void eatMemory()
{
    for (std::vector<std::unique_ptr<char[]>> eaten;;) {
        eaten.push_back(std::make_unique<char[]>(16 * 1024 * 1024)); // cleared, and so really taken
    }
}

/// Leaves a few behind that keep everything open, and goes without an answer.
void forkAndLeave()
{
    for (int i = 0; i < 4; ++i) {
        if (::fork() == 0) {
            for (;;)
                ::pause();
        }
    }
    ::_exit(0);
}

/// Without a name, so that nothing is left wherever this runs.
void fillTheDisk()
{
    const int file = ::open("/tmp", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    const std::vector<char> megabyte(1024 * 1024, 'x');
    for (int i = 0; i < 100; ++i) {
        if (::write(file, megabyte.data(), megabyte.size()) < 0)
            break;
    }
    ::_exit(0); // without an answer, however much it got
}

void doIt(const std::string &deed)
{
    if (deed == "crash") {
        std::signal(SIGSEGV, SIG_DFL); // wanted: no sanitizer has to tell of it
        ::raise(SIGSEGV);
        std::abort(); // where there are no signals to send, it ends by an instruction
    }
    if (deed == "spin")
        spin();
    if (deed == "memory")
        eatMemory();
    if (deed == "fork")
        forkAndLeave();
    if (deed == "disk")
        fillTheDisk();
    if (deed == "wait")
        std::binary_semaphore(0).acquire(); // a wait that is no system call of its own
    if (deed == "slow") { // and then it is a photo like others; no other wait does without further system calls
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable().wait_for(lock, std::chrono::seconds(3), [] { return false; });
    }
}

} // namespace

/// photolift-photo as the server starts it, with limits that a test need not wait for.
int main(int argc, char **argv)
{
    confine(Small);
    if (argc == 2 && std::strcmp(argv[1], "--decoder") == 0) {
        std::puts("hostile");
        return 0;
    }
    decode::prepareMetadata();
    decode::prepareVips();
    const CallFilter filter;
    serveEachInAChild(Small, [&filter](const ReceivedOrder &received) {
        if (!filter.install())
            return;
        doIt(deedIn(received.photo.get()));
        carryOut(received.order, received.photo.get(), [](const photo::AnswerFrame &frame) { sendAnswer(frame); });
    });
    return 0;
}
