#pragma once

#include "app/server/http/exchange.h"
#include "app/server/work/uploadtable.h"

namespace photolift::server {

/// The upload the request's path names, when it is the caller's. TRANSFER_UPLOAD_GONE when there is none, or when it belongs to
/// another attempt by now (the correlation header disagrees).
Result<Upload> uploadOf(const QSqlDatabase &database, const HttpRequest &request);

/// The same for whoever writes it in the transaction at hand: on PostgreSQL nobody else changes its row until the end of that.
Result<Upload> heldUploadOf(const QSqlDatabase &database, const HttpRequest &request);

/// The same as uploadOf(), still taking parts: TRANSFER_ALREADY_THERE after the commit, USER_CANCELLED after an abort, TRANSFER_UPLOAD_GONE when it
/// was swept or replaced.
Result<Upload> openUpload(const QSqlDatabase &database, const HttpRequest &request);
/// Why an upload in this state takes no parts and no commit.
Error closedBecause(UploadState state);

} // namespace photolift::server
