#include "app/server/endwatch.h"

#include <QSocketNotifier>

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

namespace photolift::server {

namespace {
/// A signal handler may do nothing but write; the notifier reads on the main thread.
std::array<int, 2> signalPipe{-1, -1};

void onSignal(int)
{
    const int keptErrno = errno;
    [[maybe_unused]] const ssize_t written = ::write(signalPipe[1], "x", 1);
    errno = keptErrno;
}
}

EndWatch::EndWatch(QObject *parent)
    : QObject(parent)
{
    if (::pipe2(signalPipe.data(), O_CLOEXEC | O_NONBLOCK) != 0)
        qFatal("no pipe for signals");
    m_signals = std::make_unique<QSocketNotifier>(signalPipe[0], QSocketNotifier::Read);
    connect(m_signals.get(), &QSocketNotifier::activated, this, [this] {
        char drained[16];
        while (::read(signalPipe[0], drained, sizeof drained) > 0) {
        }
        Q_EMIT endAsked();
    });
    struct sigaction action{};
    action.sa_handler = onSignal;
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGTERM, &action, nullptr);
    ::sigaction(SIGINT, &action, nullptr);
    action.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &action, nullptr); // of a peer that has gone: the write says so
}

EndWatch::~EndWatch()
{
    ::signal(SIGTERM, SIG_DFL); // whoever asks a second time means it
    ::signal(SIGINT, SIG_DFL);
    m_signals.reset();
    ::close(signalPipe[0]);
    ::close(signalPipe[1]);
}

void EndWatch::watchParent(int descriptor)
{
    m_parent = std::make_unique<QSocketNotifier>(descriptor, QSocketNotifier::Read);
    connect(m_parent.get(), &QSocketNotifier::activated, this, [this, descriptor] {
        char thrownAway[512];
        const ssize_t got = ::read(descriptor, thrownAway, sizeof thrownAway);
        if (got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN)))
            return;
        m_parent->setEnabled(false);
        Q_EMIT endAsked();
    });
}

} // namespace photolift::server
