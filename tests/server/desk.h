#pragma once

#include "models/photo/digest.h"
#include "models/vocabulary/ids.h"
#include "models/wire/messages.h"
#include "tests/server/apirig.h"
#include "tests/support/rawclient.h"

#include <QJsonDocument>
#include <QUrl>

namespace photolift::test {

/// A desktop, call by call, each on a connection of its own.
struct Desk {
    quint16 port = 0;
    QByteArray token;

    static QString hexOf(photo::DigestKind kind, const QByteArray &bytes)
    {
        photo::Digest digest(kind);
        digest.add(bytes);
        return QString::fromLatin1(digest.result().toHex());
    }

    QByteArray request(const QByteArray &line, const QJsonObject &json) const
    {
        const QByteArray body = jsonBytes(json);
        return line + " HTTP/1.1\r\nHost: 127.0.0.1:" + QByteArray::number(port) + "\r\nContent-Type: application/json\r\n"
            + (token.isEmpty() ? QByteArray() : QByteArray("Authorization: Bearer " + token + "\r\n")) + "Idempotency-Key: "
            + idText(newUuid7()).toLatin1() + "\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body;
    }
    QJsonObject call(const QByteArray &line, const QJsonObject &json, int expected = 200) const
    {
        RawClient client(port);
        const RawAnswer answer = client.ask(request(line, json));
        if (answer.status != expected)
            qFatal("%s: %d %s", line.constData(), answer.status, answer.body.constData());
        return QJsonDocument::fromJson(answer.body).object();
    }
    void signIn(const QByteArray &deviceToken)
    {
        const Result<wire::TokenAnswer> given =
            wire::tokenAnswerFromJson(call("POST /v1/token", wire::toJson(wire::TokenRequest{QString::fromLatin1(deviceToken.trimmed())})));
        token = given ? given->accessToken.toLatin1() : QByteArray();
    }
    QUuid ask(const Photo &photo) const { return wire::offerFromJson(call("POST /v1/uploads", wire::toJson(photo.question)))->uploadId; }
    static QByteArray path(const QUuid &upload, const char *what) { return "POST /v1/uploads/" + idText(upload).toLatin1() + what; }
    /// The head of the request that brings all of it as one part, to send to its port.
    QByteArray headOfPart(const QUuid &upload, const Photo &photo, photo::DigestKind kind, quint16 *storePort) const
    {
        wire::LinkRequest order;
        order.parts.append({1, photo.bytes.size(), hexOf(kind, photo.bytes)});
        const Result<wire::LinkAnswer> given = wire::linkAnswerFromJson(call(path(upload, "/links"), wire::toJson(order)));
        const wire::PartLink link = given->links.value(0);
        *storePort = static_cast<quint16>(link.url.port());
        QByteArray head = "PUT " + link.url.path(QUrl::FullyEncoded).toLatin1() + '?' + link.url.query(QUrl::FullyEncoded).toLatin1() + " HTTP/1.1\r\n";
        for (const auto &[name, value] : link.headers) {
            if (const QByteArray lower = name.toLower(); lower != "host" && lower != "content-length")
                head += name + ": " + value + "\r\n";
        }
        return head + "Host: " + link.url.authority().toLatin1() + "\r\nContent-Length: " + QByteArray::number(photo.bytes.size()) + "\r\n\r\n";
    }
    /// Its bytes are at the S3 store; what is left is the commit.
    QUuid sent(const Photo &photo) const
    {
        const QUuid upload = ask(photo);
        quint16 storePort = 0;
        const QByteArray head = headOfPart(upload, photo, photo::DigestKind::Md5, &storePort);
        RawClient store(storePort);
        if (const RawAnswer put = store.ask(QByteArray(head + photo.bytes)); put.status != 200)
            qFatal("the store: %d %s", put.status, put.body.constData());
        return upload;
    }
    wire::UploadStatus status(const QUuid &upload) const
    {
        const Result<wire::StatusAnswer> answer =
            wire::statusAnswerFromJson(call("POST /v1/status", wire::toJson(wire::StatusQuery{{{upload, 0}}, 0})));
        return answer ? answer->uploads.value(0) : wire::UploadStatus();
    }
};

} // namespace photolift::test
