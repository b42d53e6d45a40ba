#include "app/server/objects/s3/s3account.h"

#include <QHostAddress>

namespace photolift::server {

using namespace Qt::StringLiterals;

bool S3Account::isOnThisComputer() const
{
    return endpoint.host() == "localhost"_L1 || QHostAddress(endpoint.host()).isLoopback();
}

QUrl S3Account::urlOf(const QByteArray &key, const QUrl &base) const
{
    QUrl url;
    url.setScheme(base.scheme());
    url.setPort(base.port());
    const QString host = base.host();
    const QString bucketName = QString::fromLatin1(bucket);
    QString path = u'/' + QString::fromLatin1(key);
    if (addressing == Addressing::VirtualHost) {
        url.setHost(bucketName + u'.' + host);
    } else {
        url.setHost(host);
        path.prepend(u'/' + bucketName);
    }
    url.setPath(path);
    return url;
}

} // namespace photolift::server
