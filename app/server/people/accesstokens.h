#pragma once

#include "app/server/http/exchange.h"

#include <QByteArray>
#include <QHash>
#include <QList>

#include <mutex>
#include <optional>

namespace photolift::server {

/// Access tokens (FAULTS C-8): what a device gets for its device token, good for 15 minutes at every server of the same database. A token
/// is its claims and an HMAC-SHA256 (RFC 2104) over them, so that a request needs no query; who was shut out since is known from
/// the standing of the device tokens, which is read anew every few seconds (C-9). Thread-safe.
class AccessTokens
{
public:
    static constexpr qint64 LifeMs = 15 * 60 * 1000;

    struct Key {
        QByteArray id; ///< printable, without dots
        QByteArray secret;
    };
    /// How a device token stands now; it outweighs what an access token says.
    struct Standing {
        QString accountId;
        QString userId;
        Role role = Role::Photographer;
        bool isOpen = false; ///< neither revoked nor at its end, person and account active
    };
    /// New keys first: the first one seals, all of them open.
    void setKeys(QList<Key> keys);
    /// Of every device token there is, as read at `asOfMs`.
    void setStandings(QHash<QUuid, Standing> standings, qint64 asOfMs);

    /// A token for this caller; empty when there is no key yet.
    QByteArray issue(const Caller &caller, qint64 nowMs) const;
    /// Whose token this is; nullopt when it is not ours, at its end, of a time that is still to come or for longer than LifeMs, or its device token was shut out.
    std::optional<Caller> recognise(QByteArrayView token, qint64 nowMs) const;

private:
    mutable std::mutex m_mutex;
    QList<Key> m_keys;
    QHash<QUuid, Standing> m_standings;
    qint64 m_asOfMs = 0;
};

} // namespace photolift::server
