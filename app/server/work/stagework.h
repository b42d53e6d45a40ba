#pragma once

#include "app/server/objects/objectstore.h"
#include "app/server/work/databasethreads.h"
#include "app/server/work/helperhost.h"
#include "app/server/work/uploadtable.h"

#include <atomic>
#include <functional>

namespace photolift::server {

/// What the stages work with.
struct StageTools {
    ObjectStore &store;
    Examiner &helper;
    const std::atomic<bool> &isStopping;
    const QString &decoder; ///< what the helper opens photos with, and their versions; empty: unknown
};

/// How one stage of one upload went. `record` joins the transaction that ends the stage, `afterwards` runs once that is durable.
struct StageOutcome {
    enum class Kind {
        Passed,
        PassedWithout, ///< a non-fatal error: the stage did not do its work, the photo goes on
        Failed,        ///< a fatal error: the attempt ends
        Returned,      ///< the bytes are not what they should be: the client gets its attempt back and sends them again
        Later,         ///< a condition of the server: the same stage again after a pause
    };
    Kind kind = Kind::Passed;
    std::optional<Error> error;
    int retries = 0;      ///< inside the stage
    qint64 elsewhereMs = 0; ///< work of this stage done in the time of another one; negative where that was
    QJsonObject metadata; ///< stage_metadata
    std::function<Result<>(Writing &, Upload &)> record;
    std::function<void()> afterwards;
};

/// Parts -> one object (server stage `reception`).
StageOutcome receive(const StageTools &tools, const Upload &upload);
/// One re-read of the assembled object; counts as the client's `verification`. Sets `reread` when the bytes could be read.
StageOutcome rereadStored(const StageTools &tools, const Upload &upload, std::optional<ObjectStore::Reread> &reread);
/// Hashes the bytes once more as the child gets them, and has them decoded there. The child does all its work at one go, with as few
/// decodes as can be: `examined` is what it found, for the two stages that follow.
StageOutcome validate(const StageTools &tools, const Upload &upload, std::optional<photo::HelperAnswer> &examined);
/// Completes dim_photos. Asks a child of its own when `examined` is from an earlier life of the server.
StageOutcome extractMetadata(const StageTools &tools, const Upload &upload, const std::optional<photo::HelperAnswer> &examined);
/// Rendition and thumbnail; the same.
StageOutcome process(const StageTools &tools, const Upload &upload, const std::optional<photo::HelperAnswer> &examined);
/// Makes and stores both pictures of a photo that is stored already; for no attempt. Validation's judgement is asked for too.
Result<> drawStored(const StageTools &tools, const QString &sha256, qint64 size);
/// What validation asks of a photo that is stored already; for no attempt. STORAGE_COPY_DAMAGED: these are not its bytes any more.
Result<> checkStored(const StageTools &tools, const QString &sha256, qint64 size);
/// The object moves to its content-addressed place.
StageOutcome keep(const StageTools &tools, const Upload &upload);
/// Findable in its project; the leftovers of the upload go.
StageOutcome makeFindable(const StageTools &tools, const Upload &upload);

/// One of those from validation on.
StageOutcome workOn(Stage stage, const StageTools &tools, const Upload &upload, std::optional<photo::HelperAnswer> &examined);

/// Whether this error is one of the server as a whole, which ends no attempt: disk full, database busy, store not ready.
bool isServerCondition(ErrorCode code);

} // namespace photolift::server
