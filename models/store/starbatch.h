#pragma once

#include "models/store/starwriter.h"

#include <QSqlDatabase>

#include <memory>

namespace photolift::store {

/// Many records for the star of PostgreSQL, written by one statement with one parameter (resources/sql/postgresql/star/004_ingest_events.sql).
/// The rows end as if StarWriter had written the records one after the other; only the keys of the rows may differ.
///
/// First every record is given to write(), which only keeps it; then flush() writes all of them, or none: a record that the database
/// refuses is not found out about this way. The caller owns the transaction; READ COMMITTED is enough. For one batch and one thread.
class StarBatch
{
public:
    StarBatch();
    ~StarBatch();
    Q_DISABLE_COPY_MOVE(StarBatch)

    using SameVersion = StarWriter::SameVersion;
    // As StarWriter's; the event of a project and of a batch is needed here.
    Result<> write(const ProjectRecord &project, const QUuid &eventId);
    Result<> write(const BatchRecord &batch, const QUuid &eventId);
    /// All records of one attempt in one batch say the same about the same version.
    Result<> write(const AttemptRecord &attempt, const QUuid &eventId, SameVersion sameVersion = SameVersion::IsRepeat);
    Result<> write(const StageRecord &stage, const QUuid &eventId);
    Result<> write(const ErrorRecord &error);
    Result<> write(const PhotoRecord &photo, const QUuid &eventId);
    Result<> write(const HeartbeatRecord &heartbeat, qint64 receivedMs);

    /// How many of the records changed something; all others were repeats.
    Result<int> flush(const QSqlDatabase &database);

    /// What flush() binds.
    QByteArray json() const;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace photolift::store
