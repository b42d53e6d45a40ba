#pragma once

#include "models/vocabulary/records.h"

#include <QSqlDatabase>

#include <memory>

namespace photolift::store {

/// Writes records into the star of any of our databases: dimensions found or added by natural key, facts inserted or, when the
/// row_version is higher, updated; a repeat changes nothing. Used by the client's recorder and by the server alike.
///
/// The end does not depend on the order of arrival: what comes before its parent (a stage, an error or a photo before its
/// attempt, an error before its stage, an attempt before its batch or project) gets a parent row with row_version 0 or
/// without a name, which nobody shows and which becomes the real one when that arrives. Equal row_versions are a repeat.
/// Where a batch is counted, its attempts take num_photos_in_batch from it.
/// Marks the day of each fact it changed in ops_dirty_day.
///
/// The caller owns the transaction and the connection, which must outlive the writer; all on one thread. After an error the caller
/// may go on in the same transaction with another record (nothing of the refused one is left but dimension rows) or roll back.
/// What the tables would not hold is INTERNAL_UNKNOWN (starrules.h).
class StarWriter
{
public:
    explicit StarWriter(const QSqlDatabase &database);
    ~StarWriter();
    Q_DISABLE_COPY_MOVE(StarWriter)

    enum class Outcome { Applied, Repeated };
    /// What a row says that bears the version that is there already. Replaces is for who has two writers' words to merge.
    enum class SameVersion { IsRepeat, Replaces };
    /// The newest event wins (event ids order by time); without an id only what is unknown yet is filled in.
    Result<Outcome> write(const ProjectRecord &project, const QUuid &eventId = {});
    /// Fills what is unknown yet; counts only grow.
    Result<Outcome> write(const BatchRecord &batch, const QUuid &eventId = {});
    /// Whether what the attempt says of its device, app and network becomes what is known of them. All photos of a device share that row, so who has
    /// to go on beside them leaves it to the next word of the same attempt; of a device that is new everything is written.
    enum class Descriptions { Written, LeftToTheNext };
    Result<Outcome> write(const AttemptRecord &attempt, const QUuid &eventId, SameVersion sameVersion = SameVersion::IsRepeat,
                          Descriptions descriptions = Descriptions::Written);
    Result<Outcome> write(const StageRecord &stage, const QUuid &eventId);
    Result<Outcome> write(const ErrorRecord &error);
    Result<Outcome> write(const PhotoRecord &photo, const QUuid &eventId);
    /// `receivedMs` by the server's clock; 0 on the client: NULL.
    Result<Outcome> write(const HeartbeatRecord &heartbeat, qint64 receivedMs);

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace photolift::store
