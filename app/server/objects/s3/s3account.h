#pragma once

#include "app/server/objects/sigv4.h"

#include <QByteArray>
#include <QString>
#include <QUrl>

namespace photolift::server {

/// One bucket of an S3 store, and how to reach it.
struct S3Account {
    enum class Addressing {
        Path,       ///< https://HOST/BUCKET/KEY: Ceph, MinIO, most own stores
        VirtualHost ///< https://BUCKET.HOST/KEY: what AWS asks for
    };

    QUrl endpoint; ///< scheme, host and port, such as https://s3.eu-central-1.amazonaws.com
    /// Where clients reach the same store; empty: as we do. The host is part of a link's signature.
    QUrl clientEndpoint;
    QByteArray bucket;
    Addressing addressing = Addressing::Path;
    sigv4::Credentials credentials; ///< of the one service user that signs everything
    QString authorityFile;          ///< PEM, for https; empty: the system's roots
    /// Links and our own writes ask for SSE-S3, and an object whose store does not confirm it is refused.
    bool mustEncrypt = false;

    /// Who listens there needs no cable: a store on loopback may be reached without TLS.
    bool isOnThisComputer() const;
    /// The address of a key (no leading slash; empty: the bucket itself), without signature.
    QUrl urlOf(const QByteArray &key, const QUrl &base) const;
};

} // namespace photolift::server
