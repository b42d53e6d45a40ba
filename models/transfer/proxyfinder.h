#pragma once

#include <QByteArray>
#include <QDeadlineTimer>
#include <QHash>
#include <QNetworkProxy>
#include <QNetworkProxyFactory>
#include <QUrl>

namespace photolift::transfer {

/// The proxy this computer's settings name for an address; NoProxy for loopback, always: the embedded server is on this computer,
/// and no setting may lead its token out of it. Any thread.
QNetworkProxy systemProxyFor(const QUrl &url);

/// The same for QNetworkAccessManager.
class SystemProxies final : public QNetworkProxyFactory
{
public:
    QList<QNetworkProxy> queryProxy(const QNetworkProxyQuery &query) override;
};

/// The answer of the system for one host after the other, kept for a minute: asking it may run a script of the network's owner.
/// One thread.
class ProxyMemory
{
public:
    QByteArray textFor(const QUrl &url);

private:
    struct Answer {
        QByteArray text;
        QDeadlineTimer isGoodUntil;
    };
    QHash<QString, Answer> m_answers; ///< by scheme, host and port
};

/// As libcurl takes it, such as "http://proxy:3128"; empty for none.
QByteArray proxyText(const QNetworkProxy &proxy);

} // namespace photolift::transfer
