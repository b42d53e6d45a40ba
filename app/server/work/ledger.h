#pragma once

#include "app/server/work/databasethreads.h"
#include "app/server/work/uploadtable.h"

namespace photolift::server {

/// Writes what happens to one upload after its commit, inside the caller's transaction: the row of the star and what clients are
/// told are one step, so that they cannot disagree. Nothing is told before save().
class Ledger
{
public:
    Ledger(Writing &writing, Upload &upload);

    /// First in each transaction of somebody who has held the upload for a while: its client may have added to the attempt since. Until the end of
    /// the transaction nobody adds more.
    Result<> refresh();

    /// Begins a stage, or begins it again: the first start stays, retry_count goes up.
    Result<> enter(Stage stage, qint64 nowMs);
    /// `durationMs` is monotonic and becomes part of the attempt's total.
    Result<> leave(Stage stage, bool isSuccessful, qint64 nowMs, qint64 durationMs, const QJsonObject &metadata = {});
    /// One more try inside the stage at hand.
    Result<> countRetry(Stage stage);
    Result<> fail(std::optional<Stage> stage, const Error &error, bool isFatal, qint64 nowMs);
    /// The photo as the server completed it; counts its row_version on.
    Result<> complete(PhotoRecord photo);
    /// The bytes have to come again (restart_file): the attempt goes on, and is its client's from here on.
    void giveBack();
    /// The terminal status: from here on nobody moves it.
    Result<> end(Status status, qint64 nowMs);

    Result<> save();

private:
    StageRecord *stageOf(Stage stage);

    Writing &m_writing;
    Upload &m_upload;
};

} // namespace photolift::server
