#pragma once

#include "models/pipeline/selectionstep.h"
#include "models/pipeline/workshop.h"
#include "models/store/worklist.h"

#include <QDeadlineTimer>
#include <QHash>
#include <QTimer>

namespace photolift::pipeline {

class Scheduler;

/// Judges queued files ahead of their attempts: to see that a file is never tried (SELECTION_NOT_ACCEPTED, SELECTION_FILE_EMPTY) takes neither
/// server nor slot, and how many photos a drop has is known soon after its walk (DropLooked). What stands the look stays queued, and selection
/// looks at it again when its attempt begins. Lives on the engine's thread; files are opened on the pool.
class EarlySelection final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(EarlySelection)
public:
    EarlySelection(const Workshop &workshop, store::WorkList &workList, Scheduler &scheduler, QObject *parent);

    void setActive(bool isActive); ///< true: looks on; false: the program ends
    void lookOn();                 ///< more was queued
    void lookAnew();               ///< at all that waits: some of it was not there, or was cancelled, when its drop was looked at
    /// Every photo that waits was looked at, and what is never tried is on record as such.
    bool hasLookedThrough();

Q_SIGNALS:
    void skipped(const QUuid &itemId); ///< on record
    void lookedThrough();              ///< after looks: hasLookedThrough() is true now

private:
    struct Look {
        store::Item item;
        std::optional<photo::FileIdentity> before; ///< what this look compares with
        QDeadlineTimer due = {};                   ///< of a look that found no other to agree with: its second
        bool isSecond = false;
        SelectionAnswer answer = {};
    };
    void lookAgain();
    void lookAt(QList<Look> looks);
    void judge(const QList<Look> &looks);
    void skip(const QList<Look> &refused);
    void sayWhenThrough();

    const Workshop &m_workshop;
    store::WorkList &m_workList;
    Scheduler &m_scheduler;
    QHash<QUuid, qint64> m_lookedTo; ///< batch -> ordinal of the last photo that was looked at
    QHash<QUuid, qint64> m_told;     ///< of them, as recorded
    QList<Look> m_again;             ///< wait for their second look, soonest first
    QTimer m_secondLook;
    QTimer m_soon;                   ///< the walk's look at what comes next is too young
    int m_unwritten = 0;             ///< what was refused, on its way to the disk
    bool m_isActive = false;
    bool m_isLooking = false;
};

} // namespace photolift::pipeline
