#pragma once

#include "app/server/http/exchange.h"
#include "models/wire/messages.h"

#include <QSqlDatabase>

namespace photolift::server {

/// Ids are random, but whoever learns one must gain nothing by it (FAULTS C-2). What a message writes to has to be the caller's account's,
/// or nobody's yet: API_NOT_ALLOWED otherwise, API_... when the database cannot say.
Result<> checkOwnProject(const QSqlDatabase &database, const Caller &caller, const QUuid &projectId);
Result<> checkOwnBatch(const QSqlDatabase &database, const Caller &caller, const QUuid &batchId);
Result<> checkOwnAttempt(const QSqlDatabase &database, const Caller &caller, const QUuid &clientUploadId);

/// The batch and the project it says it belongs to.
Result<> checkOwn(const QSqlDatabase &database, const Caller &caller, const BatchRecord &batch);
/// The attempt, its batch and its project.
Result<> checkOwn(const QSqlDatabase &database, const Caller &caller, const AttemptRecord &attempt);

/// Whether there is no account but this one, so that what is in no record can be nobody else's; that every database is made with does not count
/// as long as nobody has come in with it.
Result<bool> isOnlyAccount(const QSqlDatabase &database, const QString &accountId);

/// What these answer of a foreign id.
Error ofAnotherAccount();

} // namespace photolift::server
