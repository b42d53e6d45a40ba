#pragma once

#include "app/server/work/reprocessfilter.h"
#include "models/vocabulary/result.h"

#include <QList>
#include <QSqlDatabase>
#include <QUuid>

namespace photolift::server {

/// A stage to run again for one stored photo.
struct ReprocessJob {
    QUuid runId;
    Stage stage = Stage::Processing;
    qint64 assetId = 0;
    QUuid clientUploadId; ///< the attempt that brought the photo
    int tries = 0;        ///< before this one
};

/// The tables server_reprocess_runs and server_reprocess_jobs: stages that run again for photos that are stored, in the
/// server's own books. The star says how photos were brought, and that does not change.
class ReprocessTable
{
public:
    explicit ReprocessTable(const QSqlDatabase &database);

    /// One command of the administrator, and how far it has come.
    struct Run {
        QUuid runId;
        Stage stage = Stage::Processing;
        QString conditions; ///< ReprocessFilter::toJson()
        qint64 createdMs = 0;
        qint64 behindAsset = 0; ///< queued up to this one,
        qint64 lastAsset = 0;   ///< of photos up to this one
        qint64 photos = 0;      ///< queued so far
        qint64 bytes = 0;
        qint64 remaining = 0; ///< of them, not done yet
        qint64 failed = 0;

        bool isQueued() const { return behindAsset >= lastAsset; }
    };
    /// The run of the same command that is not over, be it that it was not queued to its end, or that photos of it
    /// wait; nullopt: there is none.
    Result<std::optional<Run>> unfinished(Stage stage, const QString &conditions) const;
    Result<> begin(const Run &run) const;
    Result<std::optional<Run>> byId(const QUuid &runId) const;
    /// The newest first.
    Result<QList<Run>> runs(int most) const;
    /// The newest photo there is.
    Result<qint64> newestAsset() const;

    struct Sum {
        qint64 photos = 0;
        qint64 bytes = 0;
        qint64 upTo = 0; ///< the last photo that was looked at
    };
    /// Of the next `most` photos behind one, those that the run is for. add() queues them and says so in the run, to be
    /// called in one transaction with reading it; a photo that waits for the stage already waits once, and one that has
    /// failed gets another turn.
    Result<Sum> count(const ReprocessFilter &filter, Stage stage, qint64 behind, qint64 last, int most) const;
    Result<Sum> add(const ReprocessFilter &filter, const Run &run, int most) const;

    /// Somebody may have to look: there is a photo that is not done and has not failed.
    Result<bool> isAnyWaiting() const;
    /// The photo that waits longest, unless an upload has a stage before it that nobody has tried yet: those come
    /// first. What another server takes at the same moment is passed over, under RowByRow.
    Result<std::optional<ReprocessJob>> take(const QString &owner, qint64 nowMs, qint64 leaseUntilMs) const;
    Result<> renew(const QString &owner, qint64 leaseUntilMs) const;
    /// What owners like these (LIKE of SQL) held is free at once.
    Result<> freeOf(const QString &owner, const QString &endedOwners) const;
    /// What this one holds waits again, and has been tried once more.
    Result<> letGo(const QString &owner, qint64 notBeforeMs) const;
    Result<bool> isHeldBy(const ReprocessJob &job, const QString &owner) const;
    Result<> done(const ReprocessJob &job) const;
    Result<> putOff(const ReprocessJob &job, ErrorCode code, qint64 notBeforeMs) const;
    Result<> fail(const ReprocessJob &job, ErrorCode code, qint64 nowMs) const;

    struct Failed {
        ReprocessJob job;
        ErrorCode code = ErrorCode::InternalUnknown;
        qint64 failedMs = 0;
    };
    Result<QList<Failed>> failed(int most) const;
    /// Those of one run, or of all, that have failed or are in a pause wait again. How many.
    Result<int> retry(const std::optional<QUuid> &runId) const;

private:
    Result<QList<Run>> read(QLatin1StringView sql, const QVariantList &values) const;
    Result<qint64> upTo(qint64 behind, qint64 last, int most) const;

    QSqlDatabase m_database;
};

} // namespace photolift::server
