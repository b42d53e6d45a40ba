#pragma once

#include "app/server/http/exchange.h"
#include "models/vocabulary/result.h"

#include <QList>
#include <QSqlDatabase>
#include <QUuid>

namespace photolift::server {

/// So many attempts are told at a time; each time others, where there are more.
inline constexpr int MostLostAtOnce = 1000;

/// The caller's attempts that came to a good end and whose photo is lost here since (ObjectTable::State::Lost): who has the file is to bring it again. Without those
/// that were tried again since, and photos that are about to go by a rule or by the caller's wish, which bringing them would take back.
Result<QList<QUuid>> attemptsOfLostPhotos(const QSqlDatabase &database, const Caller &caller);

} // namespace photolift::server
