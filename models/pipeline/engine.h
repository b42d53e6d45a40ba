#pragma once

#include "models/store/views.h"
#include "models/transfer/apiclient.h"

#include <QObject>
#include <QUrl>

#include <memory>

namespace photolift::context {
class SurroundingsProbe;
}
namespace photolift::photo {
class Helper;
}
namespace photolift::store {
class Recorder;
}
namespace photolift::transfer {
class DataPlane;
}

namespace photolift::pipeline {

/// One drop, one card, one command: what a photographer means by "an upload".
struct Drop {
    QUuid batchId; ///< made by the caller, so that it can recognise its batch
    QList<QByteArray> paths; ///< folders and files, absolute, bytes
    QString projectName = QStringLiteral("Photos"); ///< made when missing
    SourceKind source = SourceKind::Drop;
    QString label;
    bool isBackground = false;
};

/// Every pace of the pipeline, so that tests can shorten them. Times in ms.
struct Tuning {
    int jobs = 4;                      ///< photos prepared and sent at the same time
    int firstLinks = 4;                ///< asked for together with the question, so that most photos need no call for links
    int stableLookMs = 1000;           ///< at least, between the two looks at a file; the first is the walk's
    int inRequestBaseMs = 250, inRequestCapMs = 20000, inRequestTries = 5;
    int longBaseMs = 2000, longCapMs = 60000, longForMs = 15 * 60000;
    int nextAttemptMs = 10 * 60000;    ///< pace of new attempts after `long` was used up
    int serverAskedMinMs = 1000, serverAskedMaxMs = 15 * 60000;
    int quietTransientMs = 60000;      ///< transient messages appear only after this
    int undoCancelMs = 10000;
    int progressMs = 250;              ///< between two progressSampled()
    int statusWaitSeconds = 20;
    int freeExtraRequests = 10;        ///< a minute and host, whatever share of the requests that is
    qint64 lowSpaceBytes = 250LL * 1000 * 1000; ///< LOCAL_DISK_FULL heals above this
};
/// Reads a JSON file with the names above; unknown names are an error (API_REQUEST_REFUSED naming them).
Result<Tuning> readTuning(const QString &file, Tuning defaults);

/// What moves one photo right now; not recorded, only shown.
struct ItemProgress {
    QUuid itemId;
    Stage stage = Stage::Selection;
    qint64 sentBytes = 0;
    qint64 totalBytes = 0;
    qint64 bytesPerSecond = 0;
};

struct WalkProgress {
    QUuid batchId;
    qint64 found = 0;
    bool hasEnded = false;
};

/// How the queue as a whole stands.
struct QueueState {
    enum class Hold { None, PausedByYou, Metered, Offline, ServerUnreachable, NoSpace, LocalDiskFull, SignIn, Other };
    Hold hold = Hold::None;
    std::optional<ErrorCode> holdCode;
    std::optional<ErrorCode> waitsFor; ///< the same at once, while holdCode is still kept quiet
    std::optional<qint64> nextTryMs;  ///< wall clock, for "trying again in 20 s"
    std::optional<qint64> neededBytes; ///< with NoSpace before a drop starts: what it takes, and
    std::optional<qint64> freeBytes;   ///< what the store has, where it says so
    bool isPauseChanging = false; ///< a pause or resume of all was asked for and is not on disk yet, so it is not said either
    bool isServerReachable = false;
    bool isConnecting = true;
    qint64 bytesPerSecond = 0;        ///< smoothed over 30 s
    qint64 bytesLeft = 0;             ///< that the server does not have yet, of all that will go on by itself
    std::optional<qint64> secondsLeft; ///< for these, after 10 s of steady data
    qint64 rateLimit = 0;             ///< bytes per second, 0: none
    qint64 active = 0;                ///< attempts under way, server stages included
    qint64 leaving = 0;               ///< of these: not yet committed; with none left all is sent
    qint64 waiting = 0;               ///< items that will go on by themselves
};

/// A file that the walk left out: links, special files (SELECTION_SKIPPED_SPECIAL), folders that could not be read.
struct LeftOut {
    QUuid batchId;
    QByteArray path;
    ErrorCode code = ErrorCode::SelectionSkippedSpecial;
};

/// A file of this drop that another, unfinished batch holds already: it is not queued again, and goes on there. One that needs
/// somebody is tried again there when a command names it again.
struct AlreadyQueued {
    QUuid batchId; ///< of this drop
    QUuid itemId;  ///< of the item that holds the file
    QByteArray path;
    bool isTriedAgain = false;
};

/// The collaborators; the engine owns none of them, all outlive it. Made on the engine's thread, except Recorder and DataPlane.
struct Services {
    store::Recorder *recorder = nullptr;
    QString databasePath;
    transfer::ApiClient *api = nullptr;
    transfer::DataPlane *dataPlane = nullptr;
    photo::Helper *helper = nullptr;
    context::SurroundingsProbe *surroundings = nullptr;
    bool isEmbeddedServer = true;
    bool mindsMeter = true; ///< a metered network pauses what goes to a server elsewhere
    QList<QByteArray> ownFolders = {}; ///< of this program and its server: no walk goes into them
};

/// The queue and the client's five stages of every attempt: takes photos from the durable queue, a few at a time, brings each to a
/// terminal status, follows the server's stages, and starts again where a crash left off.
/// Lives on the engine's thread with an event loop. Commands may be called from any thread: they are queued to it.
/// Signals come from the engine's thread, after the change is durable.
class Engine final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Engine)
public:
    Engine(Services services, Tuning tuning, QObject *parent = nullptr);
    ~Engine() override;

    /// Takes up what was unfinished and starts working.
    void start();
    /// No new work; parts in flight end or are dropped after a second; the queue is kept. stopped() follows.
    void stop();

    void accept(const Drop &drop);
    void pauseAll();
    void resumeAll(); ///< or, where only a metered network pauses: "upload anyway" (pauses.h)
    void pauseBatch(const QUuid &batchId);
    void resumeBatch(const QUuid &batchId);
    void putFirst(const QUuid &batchId);
    void clearFinished();                 ///< hides finished batches; deletes no record
    void cancelBatch(const QUuid &batchId); ///< its walk too
    void cancelItems(const QList<QUuid> &itemIds);
    void undoCancel();                    ///< of the last cancel, within Tuning::undoCancelMs
    void retryItems(const QList<QUuid> &itemIds);
    void retryAllFailed(const QUuid &batchId = {});
    void retryByCause(ErrorCode cause);   ///< of all drops, those that wait for their next attempt, too
    void skipItems(const QList<QUuid> &itemIds); ///< leaves "needs you"; the failed attempt stays
    void setRateLimit(qint64 bytesPerSecond);    ///< 0: none; survives a restart
    void setRateLimitForNow(qint64 bytesPerSecond); ///< the same until the program ends
    /// The server says that photos of these attempts, which ended well, are not safe there any more: they are brought anew, behind all that waits.
    /// Ends when it is on record. On the engine's thread; LOCAL_LIST_BUSY before the queue is open.
    QFuture<Result<>> bringAgain(const QList<QUuid> &clientUploadIds);
    void tryNow();                               ///< waits for nothing that only a timer holds
    /// The server's address or token is there or changed; tries again at once.
    void serverReady(const QUrl &address, const QByteArray &token);
    /// There is none, and starting it does not help: the queue waits for it as for one that cannot be reached.
    void serverAbsent();

Q_SIGNALS:
    void batchAccepted(const QUuid &batchId);
    void batchRefused(const QUuid &batchId, const photolift::Error &error);
    /// The server's SHA-256 and size, from one re-read of the stored object, equal ours.
    void photoVerified(const QUuid &itemId, qint64 bytes);
    /// With hasEnded exactly once per drop, after all of its items are durable; once more when a cancel that had ended the walk was undone.
    void walkProgressed(const photolift::pipeline::WalkProgress &progress);
    void fileLeftOut(const photolift::pipeline::LeftOut &leftOut);
    /// A file of this drop that an earlier one still has in the queue: it stays there, one row per file.
    void fileAlreadyQueued(const photolift::pipeline::AlreadyQueued &file);
    /// Items and batches whose rows changed: read them again from the archive. Coalesced, at most 10 times a second.
    void itemsChanged(const QList<QUuid> &itemIds);
    void batchesChanged(const QList<QUuid> &batchIds);
    void progressSampled(const QList<photolift::pipeline::ItemProgress> &items);
    void queueStateChanged(const photolift::pipeline::QueueState &state);
    /// Undo is offered until then. `hasStoppedWalk`: the drop was still being counted; undo counts it again and takes in the rest.
    void cancelled(const QList<QUuid> &itemIds, qint64 undoUntilMs, bool hasStoppedWalk);
    void serverInfoChanged(const photolift::wire::Info &info);
    /// Nothing is active and nothing goes on by itself without a timer or condition.
    void idle();
    /// An attempt, or a file that is never tried, came to its end.
    void itemEnded(const QUuid &itemId);
    void stopped();

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace photolift::pipeline
