#include "models/vocabulary/serveraddress.h"

using namespace Qt::StringLiterals;

namespace photolift {

std::optional<QUrl> serverAddress(const QString &text)
{
    const QUrl url(text, QUrl::StrictMode);
    const bool isRight = url.isValid() && !url.host().isEmpty() && (url.scheme() == "https"_L1 || url.scheme() == "http"_L1)
        && url.userInfo().isEmpty() && !url.hasQuery() && !url.hasFragment();
    return isRight ? std::optional<QUrl>(url) : std::nullopt;
}

bool isOpenToOthers(const QUrl &server)
{
    const bool isHere = server.host() == "localhost"_L1 || server.host() == "127.0.0.1"_L1 || server.host() == "::1"_L1;
    return server.scheme() == "http"_L1 && !isHere;
}

QString serverName(const QUrl &server)
{
    const int port = server.port(server.scheme() == "http"_L1 ? 80 : 443);
    const QString host = server.host().contains(u':') ? u'[' + server.host() + u']' : server.host(); // an address of IPv6
    QString path = server.path(QUrl::FullyEncoded);
    while (path.endsWith(u'/'))
        path.chop(1);
    return (port == 443 ? host : u"%1:%2"_s.arg(host).arg(port)) + path;
}

} // namespace photolift
