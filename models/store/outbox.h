#pragma once

#include "models/vocabulary/result.h"

#include <QByteArray>
#include <QFuture>
#include <QList>
#include <QUuid>

#include <memory>

namespace photolift::store {

/// The rows that wait to be mirrored, in the order they were written. Filled by the recorder in the transaction of the fact.
/// A newer version of a row that was not sent yet replaces it. Sent rows stay for 24 h, for a server whose epoch changed.
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
    /// Everything sent in the last 24 h is due again.
    virtual QFuture<Result<>> sendAgain() = 0;
    virtual QFuture<Result<qint64>> depth() = 0;
};

} // namespace photolift::store
