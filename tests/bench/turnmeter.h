#pragma once

#include <QApplication>
#include <QElapsedTimer>
#include <QList>
#include <QPointer>

#include <functional>

namespace photolift::bench {

/// An application that measures each turn of its event loop: from the first event after a wait to the next wait, as long as a
/// person who clicks would have waited. Wall time and the CPU time of the UI thread (invariant I8 limits both).
class TurnMeter final : public QApplication
{
    Q_OBJECT
public:
    TurnMeter(int &argc, char **argv);

    struct Report {
        qsizetype turns = 0;
        double cpuMostMs = 0;
        double wallP99Ms = 0;
        double wallMostMs = 0;
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

    struct Turn {
        float wallMs = 0;
        float cpuMs = 0;
    };
    QList<Turn> m_turns;
    QElapsedTimer m_clock;
    qint64 m_wallBegan = 0; ///< ns
    qint64 m_cpuBegan = 0;  ///< ns
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
