#include "app/server/http/trustedproxies.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>

namespace photolift::server {

using namespace Qt::StringLiterals;

bool TrustedProxies::read(const QByteArray &text, Bytes &to)
{
    static constexpr Bytes MappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    to = MappedPrefix;
    return ::inet_pton(AF_INET, text.constData(), to.data() + 12) == 1 || ::inet_pton(AF_INET6, text.constData(), to.data()) == 1;
}

Result<TrustedProxies> TrustedProxies::parse(const QList<QByteArray> &list)
{
    TrustedProxies proxies;
    for (const QByteArray &entry : list) {
        const qsizetype slash = entry.indexOf('/');
        const QByteArray address = slash < 0 ? entry : entry.first(slash);
        Network network;
        const int familyBits = address.contains(':') ? 128 : 32;
        bool isNumber = true;
        const int bits = slash < 0 ? familyBits : entry.sliced(slash + 1).toInt(&isNumber);
        if (!read(address, network.address) || !isNumber || bits < 0 || bits > familyBits)
            return Error{ErrorCode::ApiRequestRefused, u"no address or network: "_s % QString::fromLatin1(entry)};
        network.bits = 128 - familyBits + bits;
        proxies.m_networks.append(network);
    }
    return proxies;
}

bool TrustedProxies::contains(const Bytes &address) const
{
    return std::any_of(m_networks.begin(), m_networks.end(), [&address](const Network &network) {
        const auto whole = static_cast<std::size_t>(network.bits / 8);
        if (std::memcmp(address.data(), network.address.data(), whole) != 0)
            return false;
        const int rest = network.bits % 8;
        return rest == 0 || (address.at(whole) ^ network.address.at(whole)) >> (8 - rest) == 0;
    });
}

bool TrustedProxies::contains(const QByteArray &address) const
{
    Bytes bytes;
    return !m_networks.isEmpty() && read(address, bytes) && contains(bytes);
}

QByteArray TrustedProxies::clientOf(const QByteArray &peer, const QByteArray &forwardedFor) const
{
    if (!contains(peer))
        return peer;
    QByteArray client = peer;
    const QList<QByteArray> hops = forwardedFor.split(',');
    for (auto hop = hops.crbegin(); hop != hops.crend(); ++hop) {
        Bytes bytes;
        const QByteArray address = hop->trimmed();
        if (!read(address, bytes))
            break;
        client = address;
        if (!contains(bytes))
            break;
    }
    return client;
}

} // namespace photolift::server
