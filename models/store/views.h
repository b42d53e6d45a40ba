#pragma once

#include "models/store/changes.h"

#include <array>

/// What lists and panes show, read from the database in one piece.
namespace photolift::store {

struct BatchView {
    qint64 rowId = 0;
    BatchRecord batch;
    QString projectName;
    bool isPaused = false;
    bool isCounted = false;   ///< the walk has ended
    qint64 found = 0;         ///< regular files seen so far, skipped ones included
    qint64 bytes = 0;
    qint64 bytesLeft = 0;     ///< of the photos that wait or move and are not safe, whole photos
    qint64 done = 0;          ///< succeeded
    qint64 safe = 0;          ///< safe, done or not
    qint64 duplicate = 0;
    qint64 needsYou = 0;
    qint64 moving = 0;
    qint64 waiting = 0;       ///< queued and waiting to retry
    qint64 skipped = 0;
    qint64 missed = 0;        ///< of the skipped: empty, or a photo by its name only; a person may miss them
    qint64 cancelled = 0;
    qint64 dismissed = 0;
    qint64 unread = 0;        ///< folders and files that could not be read: nobody knows what is in them
    std::optional<qint64> finishedMs; ///< when the last item ended
    bool isCleared = false;
};

/// The queue as a whole, each photo in one of the numbers.
struct QueueFigures {
    qint64 waiting = 0;        ///< for their turn
    qint64 waitingToRetry = 0; ///< for their next try
    qint64 paused = 0;         ///< of both: held with their drop or with everything, by a person
    qint64 running = 0;
    qint64 needsYou = 0;
    std::optional<qint64> oldestMs; ///< when the oldest drop with a photo that waits was made, paused ones too
};

struct ItemView {
    qint64 rowId = 0; ///< stable key for lists and pages
    Item item;
    std::array<StageState, StageCount> stages{};
    std::optional<Stage> currentStage;
    std::optional<Status> attemptStatus;
    bool isCommitted = false; ///< the commit was accepted: cancel is no longer possible
    bool isCancelAsked = false; ///< after that: it runs to its end all the same
    qint64 ackedBytes = 0;    ///< of parts acknowledged
};

/// The filter groups of the Uploads page.
enum class ItemGroup { All, NeedsYou, Moving, Waiting, Done, AlreadyThere, Skipped };

struct ItemFilter {
    QUuid batchId;            ///< null: all batches that are not cleared
    ItemGroup group = ItemGroup::All;
    QString nameContains;     ///< case-insensitive, plain text
    enum class Order { File, Name, Size, State } order = Order::File; ///< File: newest batch first, then ordinal
    bool isDescending = false;
    int most = 0;             ///< rows of the order, from its head; 0: all
    bool isAtRest = false;    ///< nothing moves right now: running photos are found among the waiting
};

struct AttemptView {
    AttemptRecord attempt;
    QList<StageRecord> stages;
    QList<ErrorRecord> errors;
};

struct ItemDetail {
    ItemView view;
    QString batchName;
    QString projectName;
    QList<AttemptView> attempts; ///< newest first
    std::optional<PhotoRecord> photo; ///< of the newest attempt
};

} // namespace photolift::store
