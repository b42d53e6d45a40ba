#include "models/photo/helperprocess.h"

#include "models/photo/spawnplan.h"

#include <array>
#include <cerrno>
#include <ctime>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace photolift::photo {

namespace {

/// Metadata is read as thousands of small pieces that are given back at once: more of them than usual stay within reach of the thread
/// (with 7, glibc's own number, reading took an eighth longer; the memory kept for it is about a megabyte).
constexpr const char *Allocator = "GLIBC_TUNABLES=glibc.malloc.tcache_count=200";

/// Each photo has a process made from one that has opened none: what that one has not looked up in its libraries, each of them would.
constexpr const char *ResolveAtStart = "LD_BIND_NOW=1";

/// The child gets none of our environment; what steers the sanitizers is let through in builds that have them.
std::vector<std::string> childEnvironment(bool isOneShot)
{
    std::vector<std::string> environment{"LC_ALL=C.UTF-8", Allocator};
    if (isOneShot)
        environment.emplace_back(ResolveAtStart);
#ifdef PHOTOLIFT_SANITIZED
    for (const char *name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"}) {
        if (const char *value = std::getenv(name))
            environment.push_back(std::string(name) + "=" + value);
    }
#endif
    return environment;
}

/// What a child may map beside its memory without being started anew for it: more than nearly all photos need.
constexpr qint64 UsualRoom = 256LL * 1024 * 1024;

/// With their threads, of all that runs in one sandbox: the one that opens the photo needs about seven.
constexpr int SandboxProcesses = 16;

std::vector<std::string> childArguments(const Helper::Options &options, qint64 room)
{
    std::vector<std::string> arguments;
    for (const QString &argument : options.sandbox.isEmpty() ? QStringList(options.program) : options.sandbox)
        arguments.push_back(argument.toStdString());
    for (const auto &[name, value] : std::initializer_list<std::pair<const char *, qint64>>{{"--memory", options.memoryBytes + room},
                                                                                           {"--seconds", options.cpuSeconds},
                                                                                           {"--life-seconds", options.lifeCpuSeconds},
                                                                                           {"--nice", options.niceness}}) {
        arguments.emplace_back(name);
        arguments.push_back(std::to_string(value));
    }
    if (options.isOneShot)
        arguments.emplace_back("--one-shot");
    if (!options.sandbox.isEmpty()) {
        arguments.emplace_back("--processes");
        arguments.push_back(std::to_string(SandboxProcesses));
    }
    return arguments;
}

std::vector<char *> pointersTo(std::vector<std::string> &texts)
{
    std::vector<char *> pointers;
    for (std::string &text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

} // namespace

HelperProcess::HelperProcess(const Helper::Options &options, int interruptDescriptor)
    : m_options(options)
    , m_interrupt(interruptDescriptor)
{
}

HelperProcess::~HelperProcess()
{
    kill();
}

bool HelperProcess::start(qint64 photoBytes)
{
    if (isRunning() && photoBytes <= m_room)
        return true;
    kill(); // its limit is a hard one
    m_room = std::max(photoBytes, UsualRoom);
    int sockets[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0)
        return false;
    FileDescriptor ours(sockets[0]), theirs(sockets[1]);
    int pipe[2];
    if (::pipe2(pipe, O_CLOEXEC) != 0)
        return false;
    FileDescriptor reading(pipe[0]), writing(pipe[1]);
    ::fcntl(reading.get(), F_SETFL, O_NONBLOCK);

    const SpawnPlan plan(theirs.get(), writing.get());
    std::vector<std::string> arguments = childArguments(m_options, m_room);
    std::vector<std::string> environment = childEnvironment(m_options.isOneShot);
    pid_t child = 0;
    const int failed = ::posix_spawn(&child, arguments.front().c_str(), &plan.actions, &plan.attributes,
                                     pointersTo(arguments).data(), pointersTo(environment).data());
    if (failed != 0) {
        errno = failed;
        return false;
    }
    m_child = child;
    m_death = FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
    m_orders = std::move(ours);
    (m_options.isOneShot ? m_endings : m_answers) = std::move(reading);
    m_ending.reset();
    return true;
}

int HelperProcess::endingSignal() const
{
    return m_ending && WIFSIGNALED(*m_ending) ? WTERMSIG(*m_ending) : 0;
}

QString HelperProcess::ending() const
{
    if (!m_ending)
        return {};
    return endingSignal() != 0 ? u"signal %1"_s.arg(endingSignal()) : u"exit %1"_s.arg(WEXITSTATUS(*m_ending));
}

bool HelperProcess::isUsedUp() const
{
    clockid_t clock{};
    timespec used{};
    if (!isRunning() || ::clock_getcpuclockid(m_child, &clock) != 0 || ::clock_gettime(clock, &used) != 0)
        return false;
    return used.tv_sec + m_options.cpuSeconds + 2 > m_options.lifeCpuSeconds;
}

void HelperProcess::kill()
{
    if (!isRunning())
        return;
    ::kill(-m_child, SIGKILL); // its group: whatever it may have started goes with it
    int status = 0;
    while (::waitpid(m_child, &status, 0) < 0 && errno == EINTR) { }
    if (!m_ending)
        m_ending = status;
    m_child = 0;
    m_endings.close();
    m_orders.close();
    m_answers.close();
    m_death.close();
}

/// The one that waited has told before it let go of the pipe of the answers.
void HelperProcess::noteEndingOfOneShot()
{
    int status = 0;
    while (::read(m_endings.get(), &status, sizeof status) == sizeof status)
        m_ending = status;
}

bool HelperProcess::send(const OrderFrame &order, int photoDescriptor)
{
    QByteArray bytes = toBytes(order);
    std::array<int, 2> descriptors{photoDescriptor, -1};
    std::size_t descriptorBytes = sizeof(int);
    FileDescriptor writing;
    if (m_options.isOneShot) {
        int pipe[2];
        if (::pipe2(pipe, O_CLOEXEC) != 0)
            return false;
        m_answers = FileDescriptor(pipe[0]);
        ::fcntl(m_answers.get(), F_SETFL, O_NONBLOCK);
        writing = FileDescriptor(pipe[1]);
        descriptors[1] = writing.get();
        descriptorBytes = sizeof descriptors;
        noteEndingOfOneShot();
        m_ending.reset();
    }
    iovec part{bytes.data(), static_cast<std::size_t>(bytes.size())};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(2 * sizeof(int))> control{};
    msghdr message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(descriptorBytes);
    cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(descriptorBytes);
    std::memcpy(CMSG_DATA(header), descriptors.data(), descriptorBytes);
    for (;;) {
        if (::sendmsg(m_orders.get(), &message, MSG_NOSIGNAL) == bytes.size())
            return true;
        if (errno != EINTR) {
            kill();
            return false;
        }
    }
}

HelperProcess::Outcome HelperProcess::receive(AnswerFrame &frame, const QDeadlineTimer &deadline)
{
    const Outcome outcome = readFrame(frame, deadline);
    if (outcome == Outcome::Died && m_options.isOneShot)
        noteEndingOfOneShot();
    if (outcome != Outcome::Answered)
        kill();
    return outcome;
}

HelperProcess::Outcome HelperProcess::readFrame(AnswerFrame &frame, const QDeadlineTimer &deadline)
{
    QByteArray bytes;
    if (const Outcome outcome = readExactly(bytes, AnswerHeaderBytes, deadline); outcome != Outcome::Answered)
        return outcome;
    const std::optional<AnswerLengths> lengths = answerLengths(bytes);
    if (!lengths)
        return Outcome::Nonsense;
    const qsizetype rest = qsizetype(lengths->json) + lengths->picture + lengths->rendition;
    if (const Outcome outcome = readExactly(bytes, rest, deadline); outcome != Outcome::Answered)
        return outcome;
    std::optional<AnswerFrame> read = answerFromBytes(*lengths, bytes);
    if (!read)
        return Outcome::Nonsense;
    frame = *std::move(read);
    return Outcome::Answered;
}

HelperProcess::Outcome HelperProcess::readExactly(QByteArray &bytes, qsizetype count, const QDeadlineTimer &deadline)
{
    bytes.resize(count);
    qsizetype filled = 0;
    while (filled < count) {
        // The end of the child itself too: a process it has started would keep the pipe open. (A negative descriptor is passed over.)
        std::array<pollfd, 3> waits{{{m_answers.get(), POLLIN, 0}, {m_interrupt, POLLIN, 0}, {m_death.get(), POLLIN, 0}}};
        const qint64 left = deadline.isForever() ? -1 : deadline.remainingTime();
        const int ready = left == 0 ? 0 : ::poll(waits.data(), waits.size(), static_cast<int>(std::min<qint64>(left, 1 << 30)));
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return Outcome::TimedOut;
        if (waits[1].revents)
            return Outcome::Interrupted;
        if (waits[2].revents && !(waits[0].revents & POLLIN))
            return Outcome::Died;
        const ssize_t got = ::read(m_answers.get(), bytes.data() + filled, static_cast<std::size_t>(count - filled));
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got <= 0)
            return Outcome::Died;
        filled += got;
    }
    return Outcome::Answered;
}

} // namespace photolift::photo
