#include "app/server/objects/s3/s3account.h"

namespace photolift::server {

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
