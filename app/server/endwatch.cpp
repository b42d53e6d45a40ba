#include "app/server/endwatch.h"

#include <QByteArray>
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
constexpr char End = 'e';
constexpr char Reload = 'r';

void onSignal(int number)
{
    const int keptErrno = errno;
    const char name = number == SIGHUP ? Reload : End;
    [[maybe_unused]] const ssize_t written = ::write(signalPipe[1], &name, 1);
    errno = keptErrno;
}

void react(int number, void (*reaction)(int))
{
    struct sigaction action{};
    action.sa_handler = reaction;
    action.sa_flags = SA_RESTART;
    ::sigaction(number, &action, nullptr);
}
}

EndWatch::EndWatch(QObject *parent)
    : QObject(parent)
{
    if (::pipe2(signalPipe.data(), O_CLOEXEC | O_NONBLOCK) != 0)
        qFatal("no pipe for signals");
    m_signals = std::make_unique<QSocketNotifier>(signalPipe[0], QSocketNotifier::Read);
    connect(m_signals.get(), &QSocketNotifier::activated, this, [this] {
        QByteArray came;
        char some[16];
        for (ssize_t got = 0; (got = ::read(signalPipe[0], some, sizeof some)) > 0;)
            came.append(some, got);
        if (came.contains(End))
            Q_EMIT endAsked();
        else if (came.contains(Reload))
            Q_EMIT reloadAsked();
    });
    react(SIGPIPE, SIG_IGN); // of a peer that has gone: the write says so
}

EndWatch::~EndWatch()
{
    ::signal(SIGTERM, SIG_DFL); // whoever asks a second time means it
    ::signal(SIGINT, SIG_DFL);
    ::signal(SIGHUP, SIG_DFL);
    m_signals.reset();
    ::close(signalPipe[0]);
    ::close(signalPipe[1]);
}

void EndWatch::watchEnd()
{
    react(SIGTERM, onSignal);
    react(SIGINT, onSignal);
}

void EndWatch::watchHangUp()
{
    react(SIGHUP, onSignal);
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
