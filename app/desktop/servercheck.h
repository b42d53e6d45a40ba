#pragma once

#include "models/vocabulary/person.h"
#include "models/vocabulary/result.h"

#include <QByteArray>
#include <QFuture>
#include <QUrl>

#include <stop_token>

class QThreadPool;

namespace photolift::desktop {

/// Asks a server once whether it lets the holder of this device token in, and as what. Takes a thread of `pool` for some seconds at most.
/// The reasons against it are those of ApiClient; the detail of an untrusted certificate says who issued it.
/// `end` asked for: nobody waits for the answer any more, and it ends at once.
QFuture<Result<Person>> checkServer(QThreadPool &pool, std::stop_token end, const QUrl &server, const QByteArray &token);

} // namespace photolift::desktop
