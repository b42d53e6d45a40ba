#pragma once

#include "app/server/api/recall.h"
#include "app/server/http/exchange.h"
#include "app/server/work/databasethreads.h"
#include "models/wire/messages.h"

#include <QSet>

#include <variant>

namespace photolift::server {

/// One event, its row read.
struct Event {
    QUuid eventId;
    std::variant<ProjectRecord, BatchRecord, AttemptRecord, StageRecord, ErrorRecord, PhotoRecord, HeartbeatRecord> row;
};

/// One batch of mirrored events as it came: NDJSON, read line by line, so that one bad line leaves the others alone.
struct EventBatch {
    struct Line {
        Result<Event> event;
        QByteArray bytes;
    };
    QString batchId;  ///< the idempotency key of the request
    QString clientId; ///< the peer, for support
    QList<Line> lines;
    Recall before;    ///< what may be told of attempts from before this database
};

/// API_REQUEST_REFUSED when the batch as a whole cannot be read: more lines than allowed, or not one that is an event.
Result<EventBatch> readEventBatch(const QByteArray &ndjson);

/// So many contents one batch may have looked for in the store. Ours name a hundred at most (models/store/retelling.cpp).
inline constexpr qsizetype MostRecalled = 256;
/// Looks into the store for the bytes of attempts from before this database, each once, and only where the answer would count; may block on
/// it. API_REQUEST_REFUSED for more than MostRecalled of them, before the first look: their client sends them by halves. The store's or the
/// database's error when nobody can look: the batch comes again.
Result<> lookForRecalled(EventBatch &batch, const QSqlDatabase &database, const Caller &caller, ObjectStore &store, qint64 databaseMadeMs);

/// Applies each event once: newer rows win, repeats change nothing, what cannot be read or written is kept in staging_batch and
/// named by index. Of an attempt the server owns, no event moves the status. In the caller's transaction; `changed` gets the uploads
/// whose told status changed.
Result<wire::EventsAnswer> applyEvents(Writing &writing, const Caller &caller, const EventBatch &batch, qint64 nowMs, QSet<QUuid> &changed);

/// The same by a handful of statements, on PostgreSQL, with the same end, for a transaction of Isolation::RowByRow; only a batch that
/// tells of projects needs Serializable, because two clients may be making one and the same. An error that
/// isOfTheBatch() says that the database takes one of the rows for wrong: nobody knows which, and applyEvents() finds out.
Result<wire::EventsAnswer> applyEventsAtOnce(Writing &writing, const Caller &caller, const EventBatch &batch, qint64 nowMs,
                                             QSet<QUuid> &changed);
bool tellsOfProjects(const EventBatch &batch);
bool hasHeartbeat(const EventBatch &batch);
/// True for what only applyEvents() does: rows of attempts from before this database.
bool recallsAttempts(const EventBatch &batch);
/// False for what is the database's own trouble, not that of a row: the whole batch comes again later.
bool isOfTheBatch(const Error &error);

/// Keeps a batch that could not be read, whole, for support.
Result<> setAsideWhole(Writing &writing, const Caller &caller, const QString &batchId, const QString &clientId, const QByteArray &payload, const Error &why,
                       qint64 nowMs);

} // namespace photolift::server
