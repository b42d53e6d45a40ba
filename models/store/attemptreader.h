#pragma once

#include "models/store/statements.h"
#include "models/store/views.h"

namespace photolift::store {

/// Records of the star as they were written, read back.

/// The attempts that `conditions` (over `a`, the attempts) choose, with `tail` such as an ORDER BY and a LIMIT.
Result<QList<AttemptRecord>> readAttempts(Statements &statements, const QString &conditions, const QString &tail, const QVariantList &values);
/// The stages and errors of these attempts, put beside them in the order of the attempts.
Result<QList<AttemptView>> withStagesAndErrors(Statements &statements, const QList<AttemptRecord> &attempts);
Result<QList<StageRecord>> readStages(Statements &statements, const QList<QUuid> &clientUploadIds);
Result<QList<ErrorRecord>> readErrors(Statements &statements, const QList<QUuid> &clientUploadIds);
Result<std::optional<PhotoRecord>> readPhoto(Statements &statements, const QUuid &clientUploadId);
Result<QList<ProjectRecord>> readProjects(Statements &statements);
/// The drops that somebody accepted, oldest first.
Result<QList<BatchRecord>> readBatchRecords(Statements &statements);
/// The heartbeats behind this id, in the order of their ids, which is that of time.
Result<QList<HeartbeatRecord>> readHeartbeats(Statements &statements, const QString &afterId, int limit);
Result<QHash<QString, QString>> readSettings(Statements &statements);

} // namespace photolift::store
