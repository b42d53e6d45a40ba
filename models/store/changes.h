#pragma once

#include "models/vocabulary/records.h"

#include <QList>

#include <variant>

/// What happens to photos, as values. Each change is ONE event: the recorder writes it, puts its mirrored row into the
/// outbox in the same transaction, and then hands the same value to whoever shows it.
namespace photolift::store {

/// What a file was when it was looked at; any difference means "changed under way".
struct FileIdentity {
    qint64 size = 0;
    qint64 modifiedNs = 0;
    quint64 inode = 0;
    quint64 device = 0;
    bool operator==(const FileIdentity &) const = default;
};

/// One photo of the queue.
struct Item {
    QUuid itemId;
    QUuid batchId;
    qint64 ordinal = 0;       ///< position in its batch, in file order, from 0
    QByteArray absolutePath;  ///< bytes of the file system
    QByteArray relativePath;  ///< below the dropped folder, bytes
    FileIdentity identity;    ///< at the walk
    ItemState state = ItemState::Queued;
    std::optional<ErrorCode> errorCode; ///< why it is skipped, needs you, or waits
    std::optional<Stage> errorStage;
    int attemptNumber = 0;     ///< of the newest attempt; 0 before the first
    QUuid clientUploadId;      ///< of the newest attempt
    std::optional<qint64> retryAtMs; ///< wall clock, for showing only; timers are monotonic
    bool isSafe = false;       ///< verification equal and validation passed, committed on the server
    QString sha256;            ///< empty until hashed
    QString lostSha256;        ///< the server had these bytes and lost them: another file at its path is not this photo. Empty: none
    bool isMissed = false;     ///< skipped, and a person may miss it: severity 3 or more of the list of errors
    qint64 rowId = 0;          ///< its row in the queue, as read back; 0 before it was written
};

// Changes of the queue (local only).
struct BatchAccepted { BatchRecord batch; ProjectRecord project; QList<QByteArray> roots; bool isBackground = false; };
/// A file (absolute path) is in a drop once: items whose path is there already change nothing, so that a walk may start again
/// after a crash. Their ids are those of the first walk: read them back.
struct ItemsFound { QUuid batchId; QList<Item> items; };
/// The walk has ended. How many of the files are photos is in the star once selection has judged them all.
struct BatchCounted { QUuid batchId; qint64 numUnread = 0; };
struct DropLooked { QUuid batchId; qint64 toOrdinal = -1; };    ///< selection has looked at every file up to this one that waits
struct WalkReopened { QUuid batchId; };                        ///< a cancel had ended the walk early, and was taken back: it begins anew
struct BatchPaused { QUuid batchId; bool isPaused = true; };
struct BatchPriority { QUuid batchId; qint64 priority = 0; };  ///< the higher goes first
struct BatchCleared { QUuid batchId; };                        ///< hidden from the list; no record is deleted
struct ItemMoved { Item item; };                               ///< state, code, attempt, retry time, hash of one item
/// Everything of a drop that waits is cancelled with one statement: 100,000 rows within a second. Meant are the items up to `lastRow` that
/// are queued or wait to retry, without `except` (under way). `items` tells whoever shows it what they are.
struct DropCancelled { QUuid batchId; QList<QUuid> except; qint64 lastRow = 0; QList<QUuid> items; };
/// The way back: of these items those that are cancelled are queued again.
struct CancelUndone { QList<QUuid> items; QList<QUuid> batches; };
struct UploadAssigned { QUuid clientUploadId; QUuid uploadId; qint64 partBytes = 0; }; ///< the server's upload id
struct PartAcknowledged { QUuid clientUploadId; int number = 0; qint64 size = 0; QString checksum; };
struct CommitSent { QUuid clientUploadId; };                   ///< recorded durably before the commit leaves
struct UploadForgotten { QUuid clientUploadId; };              ///< parts and upload id dropped: restart, abort, end
struct SettingChanged { QString key; QString value; };         ///< operational: paused, rate limit, server epoch, measured/CONNECTION, ...

// Changes of the star. `isFromServer` marks copies of what the server wrote: recorded, not mirrored back.
struct AttemptChanged { AttemptRecord attempt; bool isFromServer = false; };
struct StageChanged { StageRecord stage; bool isFromServer = false; };
/// The server knows nothing of this attempt any more (its database was made anew): its stages begin again there, with version 1, so our copies
/// make room for what it is going to tell.
struct ServerStagesLost { QUuid clientUploadId; };
struct ErrorHappened { ErrorRecord error; bool isFromServer = false; };
struct PhotoKnown { PhotoRecord photo; bool isFromServer = false; };
struct HeartbeatTaken { HeartbeatRecord heartbeat; };

using Change = std::variant<BatchAccepted, ItemsFound, BatchCounted, DropLooked, WalkReopened, BatchPaused, BatchPriority, BatchCleared, ItemMoved, DropCancelled,
                            CancelUndone, UploadAssigned,
                            PartAcknowledged, CommitSent, UploadForgotten, SettingChanged, AttemptChanged, StageChanged,
                            ServerStagesLost, ErrorHappened, PhotoKnown, HeartbeatTaken>;
using Changes = QList<Change>;

} // namespace photolift::store

Q_DECLARE_METATYPE(photolift::store::Changes)
