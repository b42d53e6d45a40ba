#pragma once

#include <QApplication>
#include <QElapsedTimer>
#include <QList>
#include <QPointer>

#include <functional>

namespace photolift::bench {

/// An application that measures each turn of its event loop: from the first event after a wait to the next wait, as long as a
/// person who clicks would have waited. Wall time and the CPU time of the UI thread (invariant I8 limits both).
/// A turn computes, is blocked (asleep, in a lock, in a read), or is ready and waits for a core. The last is the load of the
/// machine, not ours: the kernel says how long it was (schedstat), and the wall time is given without it. Where the kernel does not
/// say, it counts as ours.
class TurnMeter final : public QApplication
{
    Q_OBJECT
public:
    TurnMeter(int &argc, char **argv);
    ~TurnMeter() override;

    struct Report {
        qsizetype turns = 0;
        double cpuMostMs = 0;
        double blockedMostMs = 0;
        double wallP99Ms = 0;
        double wallMostMs = 0;
        double coreAwaitedMostMs = 0; ///< that a turn waited for a core
        QList<float> cpuMs, wallMs; ///< of each turn
        QByteArray longest; ///< the event that took most CPU time in the turn with most CPU time
    };
    /// Since begin() or the last report.
    Report report();
    void begin();

    /// `then` is called after the next paint of `widget` at whose end `isShown` holds; once.
    void whenPainted(QWidget *widget, std::function<bool()> isShown, std::function<void()> then);

    bool notify(QObject *receiver, QEvent *event) override;

private:
    void endTurn();
    qint64 coreAwaitedNs() const; ///< by this thread, since it began

    struct Turn {
        float wallMs = 0; ///< without coreAwaitedMs
        float cpuMs = 0;
        float coreAwaitedMs = 0;
    };
    const int m_schedstat; ///< descriptor; -1: the kernel does not say
    QList<Turn> m_turns;
    QElapsedTimer m_clock;
    qint64 m_wallBegan = 0; ///< ns
    qint64 m_cpuBegan = 0;  ///< ns
    qint64 m_coreAwaitedBegan = 0; ///< ns
    bool m_isInTurn = false;
    int m_depth = 0;
    qint64 m_heaviestNs = 0;  ///< of this turn
    QByteArray m_heaviest;
    float m_worstMs = 0;
    QByteArray m_worst;

    QPointer<QWidget> m_watched;
    std::function<bool()> m_isShown;
    std::function<void()> m_then;
};

} // namespace photolift::bench
