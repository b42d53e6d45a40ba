#include "models/transfer/proxyfinder.h"

#include <QHostAddress>
#include <QNetworkProxyQuery>

using namespace Qt::StringLiterals;

namespace photolift::transfer {

namespace {
bool isLoopback(const QString &host)
{
    return host.compare("localhost"_L1, Qt::CaseInsensitive) == 0 || QHostAddress(host).isLoopback();
}
}

QNetworkProxy systemProxyFor(const QUrl &url)
{
    if (isLoopback(url.host()))
        return QNetworkProxy(QNetworkProxy::NoProxy);
    const QList<QNetworkProxy> proxies = QNetworkProxyFactory::systemProxyForQuery(QNetworkProxyQuery(url));
    return proxies.isEmpty() ? QNetworkProxy(QNetworkProxy::NoProxy) : proxies.first();
}

QList<QNetworkProxy> SystemProxies::queryProxy(const QNetworkProxyQuery &query)
{
    return {systemProxyFor(query.url())};
}

QByteArray ProxyMemory::textFor(const QUrl &url)
{
    constexpr qint64 GoodForMs = 60000;
    const QString place = url.scheme() % u"://" % url.authority(QUrl::FullyEncoded);
    auto answer = m_answers.find(place);
    if (answer == m_answers.end() || answer->isGoodUntil.hasExpired())
        answer = m_answers.insert(place, {proxyText(systemProxyFor(url)), QDeadlineTimer(GoodForMs)});
    return answer->text;
}

QByteArray proxyText(const QNetworkProxy &proxy)
{
    QUrl url;
    switch (proxy.type()) {
    case QNetworkProxy::HttpProxy:
    case QNetworkProxy::HttpCachingProxy: url.setScheme(u"http"_s); break;
    case QNetworkProxy::Socks5Proxy: url.setScheme(u"socks5h"_s); break;
    default: return {};
    }
    url.setHost(proxy.hostName());
    url.setPort(proxy.port());
    url.setUserName(proxy.user());
    url.setPassword(proxy.password());
    return url.toEncoded();
}

} // namespace photolift::transfer
