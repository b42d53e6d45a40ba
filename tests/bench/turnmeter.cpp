#include "tests/bench/turnmeter.h"

#include <QAbstractEventDispatcher>
#include <QEvent>
#include <QMetaEnum>
#include <QWidget>

#include <algorithm>
#include <ctime>

#include <fcntl.h>
#include <unistd.h>

namespace photolift::bench {

namespace {

qint64 threadCpuNs()
{
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return qint64(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

float milliseconds(qint64 ns)
{
    return static_cast<float>(static_cast<double>(ns) / 1e6);
}

QByteArray nameOf(const char *className, QEvent::Type type)
{
    const char *event = QMetaEnum::fromType<QEvent::Type>().valueToKey(type);
    return QByteArray(event ? event : "event") + " of " + className;
}

} // namespace

TurnMeter::TurnMeter(int &argc, char **argv)
    : QApplication(argc, argv)
    , m_schedstat(::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC))
{
    m_clock.start();
    connect(QAbstractEventDispatcher::instance(), &QAbstractEventDispatcher::aboutToBlock, this, &TurnMeter::endTurn, Qt::DirectConnection);
}

TurnMeter::~TurnMeter()
{
    if (m_schedstat >= 0)
        ::close(m_schedstat);
}

qint64 TurnMeter::coreAwaitedNs() const
{
    // "ns on a core, ns ready without one, times on a core"
    char text[96];
    const ssize_t length = m_schedstat < 0 ? 0 : ::pread(m_schedstat, text, sizeof text, 0);
    return QByteArrayView(text, std::max<ssize_t>(0, length)).toByteArray().split(' ').value(1).toLongLong();
}

void TurnMeter::begin()
{
    m_turns.clear();
    m_worstMs = 0;
    m_worst.clear();
    m_isInTurn = false;
}

TurnMeter::Report TurnMeter::report()
{
    endTurn();
    Report report;
    report.turns = m_turns.size();
    for (const Turn &turn : std::as_const(m_turns)) {
        report.cpuMs << turn.cpuMs;
        report.wallMs << turn.wallMs;
        report.cpuMostMs = std::max<double>(report.cpuMostMs, turn.cpuMs);
        report.blockedMostMs = std::max<double>(report.blockedMostMs, turn.wallMs - turn.cpuMs);
        report.coreAwaitedMostMs = std::max<double>(report.coreAwaitedMostMs, turn.coreAwaitedMs);
    }
    QList<float> walls = report.wallMs;
    std::sort(walls.begin(), walls.end());
    if (!walls.isEmpty()) {
        report.wallP99Ms = walls.at((walls.size() - 1) * 99 / 100);
        report.wallMostMs = walls.last();
    }
    report.longest = m_worst;
    begin();
    return report;
}

void TurnMeter::endTurn()
{
    if (!std::exchange(m_isInTurn, false))
        return;
    const qint64 awaited = coreAwaitedNs() - m_coreAwaitedBegan;
    const Turn turn{milliseconds(m_clock.nsecsElapsed() - m_wallBegan - awaited), milliseconds(threadCpuNs() - m_cpuBegan), milliseconds(awaited)};
    m_turns << turn;
    if (turn.cpuMs > m_worstMs) {
        m_worstMs = turn.cpuMs;
        m_worst = m_heaviest + " (" + QByteArray::number(milliseconds(m_heaviestNs), 'f', 1) + " ms)";
    }
}

void TurnMeter::whenPainted(QWidget *widget, std::function<bool()> isShown, std::function<void()> then)
{
    m_watched = widget;
    m_isShown = std::move(isShown);
    m_then = std::move(then);
}

bool TurnMeter::notify(QObject *receiver, QEvent *event)
{
    if (QThread::currentThread() != thread())
        return QApplication::notify(receiver, event);
    const qint64 cpu = threadCpuNs();
    if (!m_isInTurn) {
        m_isInTurn = true;
        m_wallBegan = m_clock.nsecsElapsed();
        m_cpuBegan = cpu;
        m_coreAwaitedBegan = coreAwaitedNs();
        m_heaviestNs = 0;
    }
    // The receiver may be gone afterwards.
    const QEvent::Type type = event->type();
    const char *className = receiver->metaObject()->className();
    const bool isWatched = type == QEvent::Paint && m_watched && receiver == m_watched;
    ++m_depth;
    const bool isTaken = QApplication::notify(receiver, event);
    --m_depth;
    if (m_depth == 0) {
        const qint64 took = threadCpuNs() - cpu;
        if (took > m_heaviestNs) {
            m_heaviestNs = took;
            m_heaviest = nameOf(className, type);
        }
    }
    if (isWatched && m_isShown && m_isShown()) {
        m_isShown = {};
        if (const auto then = std::exchange(m_then, {}))
            then();
    }
    return isTaken;
}

} // namespace photolift::bench
