#pragma once

#include "app/server/people/peopletable.h"
#include "app/server/work/databasethreads.h"

namespace photolift::server {

/// What `user erase` does, or would do.
struct Erasure {
    int photos = 0;           ///< that are there
    int underWay = 0;         ///< that may still come; they go, too
    int tokens = 0;           ///< that would still let somebody in
    qint64 goneMs = 0;        ///< when it begins that nobody takes back
    bool isLastAdmin = false; ///< the account has no other administrator who comes in
};
/// API_REQUEST_REFUSED of somebody who is being erased, as below.
Result<Erasure> erasureOf(const QSqlDatabase &database, const User &user, qint64 nowMs);

/// Phase one (work/erasuretable.h): the person does not come in any more, with no token. In the transaction at hand, with its row in the audit log, which
/// knows people by their id alone.
Result<Erasure> erase(Writing &writing, const User &user, qint64 nowMs);

/// Until the second phase has begun. The person is what they were before. API_REQUEST_REFUSED when there is nothing to take back.
Result<> takeErasureBack(Writing &writing, const User &user, qint64 nowMs);

/// API_REQUEST_REFUSED, in a sentence, of somebody who is being erased or is.
Result<> refuseOfErased(const QSqlDatabase &database, const User &user);

} // namespace photolift::server
