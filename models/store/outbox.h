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
    /// What a server with another epoch lacks: what came after the copy that its database was set back to; everything, when it was made anew.
    enum class Lost { SinceTheCopy, Everything };
    /// Makes that due again. Since the copy: what was sent in the last 24 h at once, then the whole list, as for Everything: how old the copy
    /// is nobody says here, and what the server itself wrote since stands in this list alone. The list comes a few attempts at a time, when
    /// oldest() finds nothing else.
    virtual QFuture<Result<>> sendAgain(Lost lost) = 0;
    /// Without what Everything has not brought yet.
    virtual QFuture<Result<qint64>> depth() = 0;
};

} // namespace photolift::store
