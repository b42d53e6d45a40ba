#include "app/server/objects/s3/s3prepare.h"

#include "app/server/objects/s3/bucketcheck.h"
#include "app/server/objects/s3/s3bucket.h"
#include "app/server/objects/s3/s3upload.h"
#include "models/vocabulary/ids.h"

#include <QCryptographicHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

/// Not BlockPublicAcls: RGW 16.2 then refuses every PUT, private ones and those without an ACL too. A public ACL is ignored, and links sign
/// x-amz-acl: private anyway.
constexpr auto PublicAccess = "<PublicAccessBlockConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                              "<BlockPublicAcls>false</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>"
                              "<BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets>"
                              "</PublicAccessBlockConfiguration>";

/// Unfinished uploads go after a day. Whole objects never: until the storage stage one below incoming/ is the only copy of a photo that was told safe, and
/// the bucket does not know whether our workers are behind. Those that nobody needs the sweep removes, which asks the database first.
constexpr auto Lifecycle = "<LifecycleConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Rule><ID>photolift-incoming</ID>"
                           "<Filter><Prefix>incoming/</Prefix></Filter><Status>Enabled</Status>"
                           "<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>"
                           "</Rule></LifecycleConfiguration>";

Result<S3Answer> sendSetting(S3Client &client, const QByteArray &what, const QByteArray &body)
{
    S3Request request;
    request.method = "PUT";
    if (!what.isEmpty())
        request.query = {{what, ""}};
    request.body = body;
    if (!body.isEmpty())
        request.headers = {{"content-md5", QCryptographicHash::hash(body, QCryptographicHash::Md5).toBase64()}};
    return client.send(request);
}

Result<> put(S3Client &client, const QByteArray &what, const QByteArray &body)
{
    const Result<S3Answer> answer = sendSetting(client, what, body);
    if (!answer)
        return answer.error();
    return answer->isGood() ? Result<>() : Result<>(s3Error(*answer, what));
}

/// AWS makes a bucket without a word of its place in us-east-1 alone, and there must be none for that one; any other region has to be named, and says so.
Result<> makeBucket(S3Client &client)
{
    Result<S3Answer> answer = sendSetting(client, {}, {});
    if (answer && answer->status == 400 && answer->errorCode == "IllegalLocationConstraintException") {
        const QByteArray region = QString::fromLatin1(client.account().credentials.region).toHtmlEscaped().toLatin1();
        answer = sendSetting(client, {},
                             "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LocationConstraint>" + region
                                 + "</LocationConstraint></CreateBucketConfiguration>");
    }
    if (!answer)
        return answer.error();
    const bool isThereAlready = answer->status == 409 && answer->errorCode == "BucketAlreadyOwnedByYou";
    return answer->isGood() || isThereAlready ? Result<>() : Result<>(s3Error(*answer, "the bucket"));
}

/// An upload begun and taken back: whether the store says that it encrypts.
Result<> tryEncryption(S3Client &client)
{
    S3Bucket bucket(client, true, {});
    S3Request begin;
    begin.method = "POST";
    begin.key = S3Upload{newUuid7(), 1, 1, {}}.key();
    begin.query = {{"uploads", ""}};
    begin.headers = bucket.encryption();
    const Result<S3Answer> begun = client.sendExpectingGood(begin);
    if (!begun)
        return begun.error();
    S3Request end;
    end.method = "DELETE";
    end.key = begin.key;
    end.query = {{"uploadId", uploadIdFrom(begun->body)}};
    const Result<S3Answer> ended = client.sendExpectingGood(end);
    const Result<> confirmed = bucket.checkEncrypted(*begun);
    return confirmed && !ended ? Result<>(ended.error()) : confirmed;
}

} // namespace

QByteArray bucketPolicy(const S3Account &account)
{
    const QString bucket = u"arn:aws:s3:::"_s + QString::fromLatin1(account.bucket);
    QJsonArray statements{QJsonObject{{u"Sid"_s, u"NoCopyByLink"_s},
                                      {u"Effect"_s, u"Deny"_s},
                                      {u"Principal"_s, u"*"_s},
                                      {u"Action"_s, u"s3:PutObject"_s},
                                      {u"Resource"_s, QString(bucket + u"/incoming/*"_s)},
                                      {u"Condition"_s, QJsonObject{{u"StringLike"_s, QJsonObject{{u"s3:x-amz-copy-source"_s, u"*"_s}}}}}}};
    if (!account.isOnThisComputer()) {
        statements.append(QJsonObject{{u"Sid"_s, u"NoPlainHttp"_s},
                                      {u"Effect"_s, u"Deny"_s},
                                      {u"Principal"_s, u"*"_s},
                                      {u"Action"_s, u"s3:*"_s},
                                      {u"Resource"_s, QJsonArray{bucket, QString(bucket + u"/*"_s)}},
                                      {u"Condition"_s, QJsonObject{{u"Bool"_s, QJsonObject{{u"aws:SecureTransport"_s, u"false"_s}}}}}});
    }
    return QJsonDocument(QJsonObject{{u"Version"_s, u"2012-10-17"_s}, {u"Statement"_s, statements}}).toJson(QJsonDocument::Compact);
}

Result<> prepareBucket(const S3Account &account)
{
    S3Client client(account);
    S3Request look;
    look.method = "HEAD";
    const Result<S3Answer> there = client.send(look);
    if (!there)
        return there.error();
    if (!there->isGood()) {
        if (const Result<> made = makeBucket(client); !made)
            return made;
    }
    const std::pair<QByteArray, QByteArray> settings[] = {
        {"publicAccessBlock", PublicAccess}, {"policy", bucketPolicy(account)}, {"lifecycle", Lifecycle}};
    for (const auto &[what, body] : settings) {
        if (const Result<> set = put(client, what, body); !set)
            return set;
    }
    if (const Result<> set = checkBucket(client); !set)
        return set; // it was told, and does not keep it
    return account.mustEncrypt ? tryEncryption(client) : Result<>();
}

} // namespace photolift::server
