#pragma once

#include "models/pipeline/engine.h"
#include "ui/parts/lampwidget.h"
#include "ui/parts/stackedbar.h"
#include "ui/uploads/uploadfeed.h"

#include <QCoreApplication>

namespace photolift::ui {

/// All folders of the list together.
struct Totals {
    qint64 photos = 0;    ///< skipped files left out
    qint64 safe = 0;      ///< there for certain: safe, or already there before
    qint64 done = 0;
    qint64 duplicate = 0;
    qint64 needsYou = 0;
    qint64 moving = 0;
    qint64 waiting = 0;
    qint64 paused = 0;    ///< of the moving and waiting: their folder is paused
    qint64 cancelled = 0;
    qint64 dismissed = 0; ///< failed, and the person let them be
    qint64 skipped = 0;
    qint64 missed = 0;    ///< of the skipped: those that deserve a look
    qint64 unread = 0;    ///< folders and files that could not be read
    qint64 counting = 0;  ///< folders whose walk has not ended
    qint64 folders = 0;
    std::optional<qint64> finishedMs;

    bool isFinished() const { return folders > 0 && moving + waiting + counting == 0; }
    Shares shares() const { return {done, duplicate, needsYou, moving, waiting + cancelled + dismissed}; }
};
Totals totalsOf(const QList<store::BatchView> &batches);

/// What the button of the left lamp does now.
enum class MotionAct { None, PauseAll, ResumeAll, TryNow, SignIn, ClearFinished };

/// The words of both lamps. Pure functions of their arguments.
class VerdictWords
{
    Q_DECLARE_TR_FUNCTIONS(photolift::ui::VerdictWords)
public:
    struct Motion {
        Verdict verdict;
        MotionAct act = MotionAct::None;
    };
    static Motion starting(); ///< before the list was read
    static Motion motion(const Totals &totals, const pipeline::QueueState &queue, const Destination &destination,
                         const std::optional<store::BatchView> &last, qint64 nowMs);
    static Verdict attention(const Totals &totals, const pipeline::QueueState &queue);
    /// "1,970 of 3,912 photos are copied to FOLDER", or "... are safe on the server".
    static QString arrived(const Totals &totals, const Destination &destination);
    static QString allArrived(const Totals &totals, const Destination &destination);

private:
    static QString missedText(qint64 missed);
    static QString tryingAgain(const QString &reason, const pipeline::QueueState &queue, qint64 nowMs);
};

} // namespace photolift::ui
