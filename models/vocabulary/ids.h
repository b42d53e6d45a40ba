#pragma once

#include <QUuid>

namespace photolift {

/// A UUID version 7 (RFC 9562): 48 bits of Unix milliseconds, then 74 random bits. Thread-safe.
/// Ids made on one thread in one millisecond are random in order; the database's own keys order rows.
QUuid newUuid7(qint64 unixMs);
QUuid newUuid7();

/// The Unix milliseconds inside a UUIDv7.
qint64 instantOf(const QUuid &uuid7);
/// The UTC day of a Unix instant as yyyymmdd: dim_dates.date_key.
int dateKeyOf(qint64 unixMs);

/// Lower-case, without braces: the one textual form in databases, logs and on the wire.
QString idText(const QUuid &id);

/// Now, in Unix milliseconds UTC.
qint64 nowMs();

} // namespace photolift
