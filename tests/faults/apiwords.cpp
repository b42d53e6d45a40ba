#include "tests/faults/apiwords.h"

#include "models/vocabulary/ids.h"

#include <QCryptographicHash>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QNetworkRequest>

using namespace Qt::StringLiterals;

namespace photolift::faults
{

QString sha256Hex(const QByteArray &bytes)
{
    return QString::fromLatin1(QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex());
}

wire::Question questionFor(const QByteArray &photo, const QString &relativePath, const QString &name)
{
    wire::Question question;
    question.sha256 = sha256Hex(photo);
    question.size = photo.size();
    question.name = name;
    question.mediaType = u"image/jpeg"_s;
    question.modifiedMs = nowMs();
    question.project.projectId = newUuid7();
    question.batch.batchId = newUuid7();
    question.batch.name = u"../../batch"_s;
    question.batch.projectId = question.project.projectId;
    question.batch.createdMs = nowMs();
    question.attempt.clientUploadId = newUuid7();
    question.attempt.startedMs = instantOf(question.attempt.clientUploadId);
    question.attempt.itemId = newUuid7();
    question.attempt.projectId = question.project.projectId;
    question.attempt.batchId = question.batch.batchId;
    question.attempt.relativePath = relativePath;
    question.attempt.fileSize = photo.size();
    question.attempt.surroundings.device.deviceId = QString(64, u'a');
    question.attempt.surroundings.app.version = u"0.1.0"_s;
    return question;
}

wire::Commit commitOf(const wire::Question &question)
{
    wire::Commit commit;
    commit.sha256 = question.sha256;
    commit.size = question.size;
    commit.attempt = question.attempt;
    commit.photo.clientUploadId = question.attempt.clientUploadId;
    commit.photo.photoId = question.attempt.itemId;
    commit.photo.typeName = u"JPEG"_s;
    commit.photo.fileExtension = u"../jpg"_s;
    commit.photo.mimeType = question.mediaType;
    commit.photo.fileSize = question.size;
    return commit;
}

QString md5Hex(const QByteArray &bytes)
{
    return QString::fromLatin1(QCryptographicHash::hash(bytes, QCryptographicHash::Md5).toHex());
}

int put(const wire::PartLink &link, const QByteArray &bytes)
{
    QNetworkRequest request(link.url);
    for (const auto &[name, value] : link.headers)
        request.setRawHeader(name, value);
    QNetworkAccessManager network;
    const std::unique_ptr<QNetworkReply> reply(network.put(request, bytes));
    if (!QTest::qWaitFor([&reply] { return reply->isFinished(); }, 30000))
        return 0;
    return reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
}

} // namespace photolift::faults
