#pragma once

#include "models/vocabulary/result.h"

#include <QByteArray>
#include <QFuture>
#include <QList>
#include <QUuid>

#include <memory>

namespace photolift::store {

/// The rows that wait to be mirrored, in the order they were written. Filled by the recorder in the transaction of the fact.
/// A newer version of a row that was not sent yet replaces it. Sent rows stay for 24 h, for a server that was set back.
/// All functions may be called from any thread; writing goes through the recorder's connection.
struct OutboxRow {
    qint64 sequence = 0;
    QUuid eventId;
    QByteArray json; ///< one line: toJson(wire::MirrorEvent)
};

class Outbox
{
public:
    virtual ~Outbox() = default;
    virtual QFuture<Result<QList<OutboxRow>>> oldest(int limit) = 0;
    virtual QFuture<Result<>> markSent(const QList<qint64> &sequences) = 0;
    /// What a server with another epoch lacks: what was sent in the last 24 h, when it was set back to a copy; everything the list
    /// knows, also what the server itself had written, when its database was made anew.
    enum class Lost { LastDay, Everything };
    /// That is due again. Everything comes a few attempts at a time, when oldest() finds nothing else.
    virtual QFuture<Result<>> sendAgain(Lost lost) = 0;
    /// Without what Everything has not brought yet.
    virtual QFuture<Result<qint64>> depth() = 0;
};

} // namespace photolift::store
