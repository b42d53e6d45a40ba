#pragma once

#include "models/vocabulary/records.h"

#include <QSqlDatabase>

namespace photolift::store {

/// Writes records into the star of any of our databases: dimensions found or added by natural key, facts inserted or, when the
/// row_version is higher, updated; a repeat changes nothing. Used by the client's recorder and by the server alike.
/// The caller owns the transaction and the connection's thread.
class StarWriter
{
public:
    explicit StarWriter(const QSqlDatabase &database);
    ~StarWriter();
    Q_DISABLE_COPY_MOVE(StarWriter)

    enum class Outcome { Applied, Repeated };
    Result<Outcome> write(const ProjectRecord &project);
    Result<Outcome> write(const BatchRecord &batch);
    Result<Outcome> write(const AttemptRecord &attempt, const QUuid &eventId);
    Result<Outcome> write(const StageRecord &stage, const QUuid &eventId);
    Result<Outcome> write(const ErrorRecord &error);
    Result<Outcome> write(const PhotoRecord &photo, const QUuid &eventId);
    Result<Outcome> write(const HeartbeatRecord &heartbeat, qint64 receivedMs);

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace photolift::store
