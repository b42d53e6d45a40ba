#pragma once

#include "models/store/outbox.h"

#include <QByteArray>
#include <QList>
#include <QUuid>

namespace photolift::mirror {

/// What travels in one request.
struct Batch {
    QUuid id; ///< idempotency key: the same for each try of these bytes
    QByteArray ndjson;
    QList<qint64> sequences;
};

/// The first rows, as many as one request may hold: at most `limit`, and 1 MiB of text. At least one, so that nothing is stuck
/// behind a large row.
Batch batchOf(const QList<store::OutboxRow> &rows, int limit);

} // namespace photolift::mirror
