#pragma once

#include "app/server/http/exchange.h"
#include "app/server/work/databasethreads.h"
#include "app/server/work/objecttable.h"
#include "app/server/work/uploadtable.h"

namespace photolift::server {

/// What was decided about one question, before the object store is asked for its part.
struct Decision {
    wire::Offer offer;    ///< parts still missing
    qint64 size = 0;
    bool isOpen = false;  ///< parts may come: the store gets a place for them and says what it holds
    bool isNew = false;   ///< made for this question, so that the store cannot hold a part of it yet
    QByteArray storeName; ///< the store's own name of it: it has a place there already
    QUuid replaced;       ///< an earlier upload of the attempt whose bytes can go; null: none
};

/// A place in the store for an upload that is not decided yet: one trip less behind the decision, and the name is on record with the upload.
struct Begun {
    QUuid uploadId;
    QByteArray storeName;
    QStringList partChecksums; ///< as in Upload
};

/// Limits that the form of the message cannot express. SELECTION_NOT_ACCEPTED, SELECTION_FILE_EMPTY, API_REQUEST_REFUSED.
Result<> checkQuestion(const wire::Question &question);

/// "Have you these bytes?" Writes project, batch and attempt (parents first) and the upload's row, all in the transaction at hand, for this caller;
/// API_NOT_ALLOWED when one of them belongs to another account, INITIATION_QUOTA_FULL when a new upload does not fit into its quota.
/// PROJECT_DELETED, API_CLIENT_TOO_OLD, SELECTION_NOT_ACCEPTED and STORAGE_NOT_READY of what is retired (work/catalogue.h); `location` is where new bytes would go.
/// `clientVersion`: the app version that speaks now; empty: that of the attempt, which an earlier one may have begun.
/// `lostSeenMs`: when the store was seen without an object the database believes in; whoever has brought it since then keeps it. `begun` becomes the upload's when the decision is to make a new one.
Result<Decision> decide(Writing &writing, const Caller &caller, const QString &clientVersion, const wire::Question &question, std::optional<qint64> lostSeenMs,
                        const QString &location, const std::optional<Begun> &begun, qint64 nowMs);

} // namespace photolift::server
