#pragma once

#include "app/server/objects/objectnames.h"
#include "app/server/objects/s3/s3client.h"
#include "app/server/objects/s3/s3prepare.h"
#include "app/server/objects/s3/s3store.h"
#include "models/photo/hasher.h"
#include "models/vocabulary/ids.h"
#include "tests/support/cephgateway.h"

#include <QCryptographicHash>
#include <QFile>
#include <QTemporaryDir>

namespace photolift::server::test {

inline QString sha256(QByteArrayView bytes)
{
    photo::Sha256 hash;
    hash.add(bytes);
    return QString::fromLatin1(hash.result().toHex());
}

inline QString md5(const QByteArray &bytes)
{
    return QString::fromLatin1(QCryptographicHash::hash(bytes, QCryptographicHash::Md5).toHex());
}

/// A real RADOS Gateway with a bucket of its own, stores on it, and its owner beside them.
struct S3StoreRig {
    static constexpr qint64 PartBytes = 5 * 1024 * 1024; // the smallest that S3 takes for all but the last

    support::CephGateway ceph;
    QTemporaryDir spool;
    std::unique_ptr<S3Client> owner;
    QString failure; ///< of start()

    bool start()
    {
        if (!ceph.start()) {
            failure = ceph.failure();
            return false;
        }
        owner = std::make_unique<S3Client>(account());
        const Result<> prepared = prepareBucket(account());
        failure = prepared ? QString() : prepared.error().detail;
        return bool(prepared);
    }
    S3Account account() const
    {
        S3Account account;
        account.endpoint = ceph.endpoint();
        account.bucket = "photos";
        account.credentials = {support::CephGateway::accessKey(), support::CephGateway::secretKey(), support::CephGateway::region()};
        return account;
    }
    S3Store::Options options(const S3Account &of) const { return {of, QFile::encodeName(spool.path())}; }
    std::unique_ptr<S3Store> store() const { return std::make_unique<S3Store>(options(account())); }

    /// A request of the owner's; its status, negative without an answer.
    int status(const QByteArray &method, const QByteArray &key, const QByteArray &body = {}, const S3Request::Fields &headers = {},
               const S3Request::Fields &query = {}) const
    {
        S3Request request;
        request.method = method;
        request.key = key;
        request.body = body;
        request.headers = headers;
        request.query = query;
        const auto answer = owner->send(request);
        return answer ? answer->status : -1;
    }
    QByteArray content(const QByteArray &key) const
    {
        QByteArray bytes;
        S3Request request;
        request.key = key;
        request.sink = [&bytes](QByteArrayView more) {
            bytes.append(more);
            return true;
        };
        return owner->sendExpectingGood(request) ? bytes : QByteArray();
    }
    /// Sends one part as a client does; the status.
    int put(S3Store &into, const QUuid &id, int number, const QByteArray &bytes) const
    {
        const auto links = into.links(id, {{number, bytes.size(), md5(bytes)}}, {});
        if (!links)
            return -1;
        S3Request request;
        request.method = "PUT";
        request.headers = links->first().headers;
        request.body = bytes;
        const auto answer = owner->sendTo(links->first().url, request);
        return answer ? answer->status : -2;
    }
    /// An upload whose parts are all there. Null when that did not work.
    QUuid uploaded(S3Store &into, const QByteArray &photo) const
    {
        const QUuid id = newUuid7();
        if (!into.begin(id, photo.size(), PartBytes))
            return {};
        for (int number = 1; (number - 1) * PartBytes < photo.size(); ++number) {
            if (put(into, id, number, photo.mid((number - 1) * PartBytes, PartBytes)) != 200)
                return {};
        }
        return id;
    }
    /// An upload as it is before its bytes are examined: one object. Null when that did not work.
    QUuid assembled(S3Store &into, const QByteArray &photo) const
    {
        const QUuid id = uploaded(into, photo);
        const auto parts = into.parts(id);
        return parts && into.assemble(id, *parts) ? id : QUuid();
    }
    static QByteArray keyOf(const QByteArray &photo) { return "objects/" + objectPath(sha256(photo), photo.size()).value_or(QByteArray()); }
    static QByteArray incomingKeyOf(const QUuid &id, const QByteArray &photo)
    {
        return "incoming/" + idText(id).toLatin1() + '-' + QByteArray::number(photo.size()) + '-' + QByteArray::number(PartBytes);
    }
};

} // namespace photolift::server::test
