#pragma once

#include "models/wire/messages.h"

namespace photolift::server {

/// One to MaxLinksPerCall different parts of an upload of that size, each with exactly its bytes and a checksum of that kind: a link
/// never signs more than was asked for at the question.
Result<> checkPartOrders(const QList<wire::PartOrder> &parts, qint64 size, qint64 partBytes, QLatin1StringView checksumKind);

} // namespace photolift::server
