#pragma once

#include "models/vocabulary/result.h"

#include <QByteArray>
#include <QObject>
#include <QUrl>

#include <functional>

namespace photolift::desktop {

/// Device tokens in the keyring of the system, one for each server, and nowhere else: never in a file (FAULTS C-10). A keyring that is
/// locked, away or refused is LOCAL_KEYRING_UNAVAILABLE. Asks over D-Bus and returns at once; `then` is called on the UI thread, unless
/// `context` has gone away before, and however long a person takes to unlock it.
namespace tokenkeeper {

/// Empty: none is kept for this server.
void read(const QUrl &server, QObject *context, std::function<void(Result<QByteArray>)> then);
void keep(const QUrl &server, const QByteArray &token, QObject *context, std::function<void(Result<>)> then);

} // namespace tokenkeeper

} // namespace photolift::desktop
