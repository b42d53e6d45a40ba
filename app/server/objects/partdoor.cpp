#include "app/server/objects/partdoor.h"

#include "app/server/objects/partsink.h"
#include "app/server/objects/s3answer.h"
#include "models/vocabulary/ids.h"

#include <cerrno>
#include <fcntl.h>
#include <utility>

namespace photolift::server {

using namespace Qt::StringLiterals;

namespace {
/// Only the one spelling: what was signed is the path as we write it.
QUuid uploadIdFrom(const QByteArray &text)
{
    const QUuid id = QUuid::fromString(QLatin1StringView(text));
    return idText(id).toLatin1() == text ? id : QUuid();
}

int partNumberFrom(const QByteArray &text)
{
    const int number = text.toInt();
    return number > 0 && QByteArray::number(number) == text ? number : 0;
}
}

PartDoor::PartDoor(Options options)
    : m_options(std::move(options))
{
}

QList<std::pair<QByteArray, QByteArray>> PartDoor::signedHeaders(const QString &checksumHex)
{
    return {{"x-amz-acl", "private"}, {"x-amz-checksum-sha256", QByteArray::fromHex(checksumHex.toLatin1()).toBase64()}};
}

std::optional<HttpResponse> PartDoor::signatureRefusal(const HttpRequest &request) const
{
    const auto credential = sigv4::queryValue(request.query, "X-Amz-Credential");
    if (!credential || !sigv4::queryValue(request.query, "X-Amz-Signature"))
        return s3Refusal(S3Refusal::AccessDenied, request);
    // The key lives as long as this process: a link of an earlier life is old, not forged.
    if (credential->first(std::max<qsizetype>(0, credential->indexOf('/'))) != m_options.credentials.accessKey)
        return s3Refusal(S3Refusal::ExpiredToken, request);

    const QList<QByteArray> signedNames = sigv4::queryValue(request.query, "X-Amz-SignedHeaders").value_or(QByteArray()).split(';');
    QList<std::pair<QByteArray, QByteArray>> headers;
    bool isForeignHeader = false;
    for (auto header = request.headers.cbegin(); header != request.headers.cend(); ++header) {
        headers.emplaceBack(header.key(), header.value());
        isForeignHeader = isForeignHeader || (header.key().startsWith("x-amz-") && !signedNames.contains(header.key()));
    }
    switch (sigv4::verify(request.method, request.target, headers, m_options.credentials, m_options.now())) {
    case sigv4::Verdict::Valid:
        break;
    case sigv4::Verdict::Expired:
        return s3Refusal(S3Refusal::RequestHasExpired, request);
    case sigv4::Verdict::NotYetValid:
        return s3Refusal(S3Refusal::RequestTimeTooSkewed, request);
    case sigv4::Verdict::Mismatch:
        return s3Refusal(S3Refusal::SignatureDoesNotMatch, request);
    case sigv4::Verdict::Malformed:
        return s3Refusal(S3Refusal::AuthorizationQueryParametersError, request);
    }
    // An ACL, a grant, a copy source that the holder of a link adds is what S3 would honour (FAULTS M8, M9).
    if (isForeignHeader)
        return s3Refusal(S3Refusal::UnsignedHeaders, request);
    return std::nullopt;
}

std::variant<std::unique_ptr<BodySink>, HttpResponse> PartDoor::admit(const HttpRequest &request, qint64 contentLength)
{
    if (auto refusal = signatureRefusal(request))
        return std::move(*refusal);
    if (contentLength < 0)
        return s3Refusal(S3Refusal::MissingContentLength, request);
    if (contentLength > m_options.maxPartBytes)
        return s3Refusal(S3Refusal::EntityTooLarge, request);

    const QUuid uploadId = uploadIdFrom(request.captures.value("upload"));
    const int number = partNumberFrom(request.captures.value("part"));
    if (uploadId.isNull() || number == 0)
        return s3Refusal(S3Refusal::NoSuchUpload, request);
    const PartKey key(uploadId, number);
    // Claimed before looking: who held it until now has acknowledged it, or never will.
    std::shared_ptr<Claim> right = claim(key);
    Result<UploadFolder> upload = UploadFolder::open(m_options.incoming, uploadId);
    if (!upload) {
        release(key, right);
        if (upload.error().code == ErrorCode::TransferUploadGone)
            return s3Refusal(S3Refusal::NoSuchUpload, request);
        return problemResponse(httpStatusFor(upload.error().code), upload.error(), request);
    }
    const QString checksum =
        QString::fromLatin1(QByteArray::fromBase64(request.headers.value("x-amz-checksum-sha256")).toHex());
    const StoredPart part{number, contentLength, checksum};
    if (const std::optional<StoredPart> held = upload->part(number)) {
        release(key, right);
        if (held->size != part.size || held->checksum != part.checksum)
            return s3Refusal(S3Refusal::PreconditionFailed, request);
        return std::make_unique<PartSink>(*this, std::move(*upload), uploadId, part, photo::FileDescriptor(), nullptr, request);
    }
    photo::FileDescriptor file(::open(upload->bytesPath().constData(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file.isOpen() || upload->partSize(number) != contentLength) {
        release(key, right);
        return s3Refusal(S3Refusal::NoSuchUpload, request);
    }
    return std::make_unique<PartSink>(*this, std::move(*upload), uploadId, part, std::move(file), std::move(right), request);
}

std::shared_ptr<PartDoor::Claim> PartDoor::claim(const PartKey &key)
{
    auto mine = std::make_shared<Claim>();
    std::shared_ptr<Claim> other;
    {
        const std::lock_guard lock(m_mutex);
        other = std::exchange(m_claims[key], mine);
    }
    if (other) {
        const std::lock_guard writing(other->mutex); // waits for the write or the fsync at hand
        other->isLost = true;
    }
    return mine;
}

void PartDoor::release(const PartKey &key, const std::shared_ptr<Claim> &claim)
{
    const std::lock_guard lock(m_mutex);
    if (m_claims.value(key) == claim)
        m_claims.remove(key);
}

void PartDoor::closeUpload(const QUuid &uploadId)
{
    QList<std::shared_ptr<Claim>> claims;
    {
        const std::lock_guard lock(m_mutex);
        for (auto line = m_claims.begin(); line != m_claims.end();) {
            if (line.key().first == uploadId) {
                claims.append(line.value());
                line = m_claims.erase(line);
            } else {
                ++line;
            }
        }
    }
    for (const auto &claim : claims) {
        const std::lock_guard writing(claim->mutex);
        claim->isLost = true;
    }
}

} // namespace photolift::server
