#include "models/photo/helperdecoder.h"

#include "models/photo/filedescriptor.h"
#include "models/photo/spawnplan.h"

#include <QDeadlineTimer>
#include <QFile>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>

namespace photolift::photo {

namespace {

constexpr int PatienceMs = 10'000;
constexpr qsizetype LongestAnswer = 1000;

/// What comes through the pipe until its end; nothing when it takes too long.
QByteArray readAll(int descriptor)
{
    const QDeadlineTimer deadline(PatienceMs);
    QByteArray answer;
    for (;;) {
        pollfd waited{descriptor, POLLIN, 0};
        if (::poll(&waited, 1, static_cast<int>(deadline.remainingTime())) == 0)
            return {};
        std::array<char, 512> piece{};
        const ssize_t got = ::read(descriptor, piece.data(), piece.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || answer.size() > LongestAnswer)
            return answer.left(LongestAnswer);
        answer.append(piece.data(), got);
    }
}

}

QString helperDecoder(const QStringList &command)
{
    int pipe[2];
    if (::pipe2(pipe, O_CLOEXEC) != 0)
        return {};
    const FileDescriptor reading(pipe[0]);
    FileDescriptor writing(pipe[1]);
    const FileDescriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const SpawnPlan plan(nothing.get(), writing.get());
    QByteArrayList texts;
    for (const QString &argument : command)
        texts.append(QFile::encodeName(argument));
    texts.append("--decoder");
    std::vector<char *> arguments;
    for (QByteArray &text : texts)
        arguments.push_back(text.data());
    arguments.push_back(nullptr);
    pid_t child = 0;
    if (::posix_spawn(&child, arguments.front(), &plan.actions, &plan.attributes, arguments.data(), ::environ) != 0)
        return {};
    writing.close();
    const QByteArray answer = readAll(reading.get());
    ::kill(-child, SIGKILL); // it has said all it knows, or hangs
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) { }
    return QString::fromUtf8(answer).trimmed();
}

} // namespace photolift::photo
