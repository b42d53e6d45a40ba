#pragma once

#include "models/vocabulary/result.h"

#include <QByteArray>
#include <QThread>
#include <QUrl>

#include <chrono>
#include <functional>

namespace photolift::desktop {

/// Device tokens in the keyring of the system, one for each server, and nowhere else: never in a file (FAULTS C-10). A keyring that is
/// locked, away or refused is LOCAL_KEYRING_UNAVAILABLE, and so is one that does not answer within the patience.
/// The keyring is asked on a thread of its own, because its first question waits for D-Bus; `then` is called on the asking thread,
/// unless `context` has gone away before. One in a process: QtKeychain stays with the thread that asked first.
class TokenKeeper final
{
    Q_DISABLE_COPY_MOVE(TokenKeeper)
public:
    explicit TokenKeeper(std::chrono::milliseconds patience = std::chrono::minutes(1));
    ~TokenKeeper(); ///< waits for a D-Bus call under way, which ends by itself

    /// Empty: none is kept for this server. `then` is called once more when the patience has ended and a token comes after all: the
    /// person took longer to unlock the keyring.
    void read(const QUrl &server, QObject *context, const std::function<void(Result<QByteArray>)> &then);
    void keep(const QUrl &server, const QByteArray &token, QObject *context, const std::function<void(Result<>)> &then);

private:
    const std::chrono::milliseconds m_patience;
    QThread m_thread;
    QObject *const m_keyring; ///< lives on the thread; owns the questions under way
};

} // namespace photolift::desktop
