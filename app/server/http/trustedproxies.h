#pragma once

#include "models/vocabulary/result.h"

#include <QByteArray>
#include <QList>

#include <array>

namespace photolift::server {

/// The proxies whose word on who the client is counts. Everybody else's X-Forwarded-... is a stranger's claim and not looked at.
class TrustedProxies
{
public:
    /// Addresses and networks (192.0.2.1, 10.0.0.0/8, fd00::/8). API_REQUEST_REFUSED names the first that is none.
    static Result<TrustedProxies> parse(const QList<QByteArray> &list);

    bool contains(const QByteArray &address) const;
    /// The client's address: from the right end of X-Forwarded-For, where the nearest proxy has written, the first that is no trusted
    /// proxy. What stands further left may be invented by the client. `peer` itself when it is no proxy or what it says is no address.
    QByteArray clientOf(const QByteArray &peer, const QByteArray &forwardedFor) const;

private:
    using Bytes = std::array<unsigned char, 16>; ///< IPv4 as v4-mapped
    struct Network {
        Bytes address{};
        int bits = 128;
    };
    static bool read(const QByteArray &text, Bytes &to);
    bool contains(const Bytes &address) const;

    QList<Network> m_networks;
};

} // namespace photolift::server
