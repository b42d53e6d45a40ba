#include "models/transfer/partverdict.h"

#include "models/vocabulary/systemerror.h"
#include "models/wire/messages.h"

#include <QXmlStreamReader>

#include <cerrno>
#include <curl/curl.h>
#include <optional>

using namespace Qt::StringLiterals;

namespace photolift::transfer {

namespace {

/// <Error><Code>...</Code>: read as a stream, no entities from outside, the first one counts.
QString s3CodeOf(const PartEnd &end)
{
    if (!end.body.contains("<Error"))
        return {};
    QXmlStreamReader xml(end.body);
    while (!xml.atEnd()) {
        if (xml.readNext() == QXmlStreamReader::StartElement && xml.name() == "Code"_L1)
            return xml.readElementText(QXmlStreamReader::SkipChildElements).trimmed().left(100);
    }
    return {};
}

std::optional<ErrorCode> codeOfProblem(const PartEnd &end)
{
    if (!end.head.isOurs() || end.head.mediaType() != "application/problem+json")
        return {};
    const Result<QJsonObject> object = wire::parseObject(end.body);
    if (!object)
        return {};
    const Result<wire::Problem> problem = wire::problemFromJson(*object);
    return problem ? std::optional(problem->code) : std::nullopt;
}

std::optional<ErrorCode> codeForS3(const QString &code, const PartEnd &end)
{
    struct Row {
        QLatin1StringView name;
        ErrorCode code;
    };
    static constexpr Row Rows[] = {
        {"BadDigest"_L1, ErrorCode::TransferDamagedOnTheWay},
        {"InvalidDigest"_L1, ErrorCode::TransferDamagedOnTheWay},
        {"XAmzContentSHA256Mismatch"_L1, ErrorCode::TransferDamagedOnTheWay},
        {"IncompleteBody"_L1, ErrorCode::TransferConnectionLost},
        {"RequestTimeout"_L1, ErrorCode::TransferStorageBusy},
        {"SlowDown"_L1, ErrorCode::TransferStorageBusy},
        {"InternalError"_L1, ErrorCode::TransferStorageBusy},
        {"ServiceUnavailable"_L1, ErrorCode::TransferStorageBusy},
        {"NoSuchUpload"_L1, ErrorCode::TransferUploadGone},
        {"NoSuchBucket"_L1, ErrorCode::StorageNotReady},
        {"QuotaExceeded"_L1, ErrorCode::InitiationQuotaFull},
        {"ExpiredToken"_L1, ErrorCode::TransferLinkExpired},
        {"SignatureDoesNotMatch"_L1, ErrorCode::TransferLinkRefused},
        {"RequestTimeTooSkewed"_L1, ErrorCode::TransferLinkRefused},
        {"PreconditionFailed"_L1, ErrorCode::TransferAlreadyThere},
    };
    // The same AccessDenied stands for an expired link and for a real refusal (FAULTS M7): only our own clock tells them apart.
    if (code == "AccessDenied"_L1)
        return end.isLinkExpired ? ErrorCode::TransferLinkExpired : ErrorCode::TransferLinkRefused;
    for (const Row &row : Rows) {
        if (code == row.name)
            return row.code;
    }
    return {};
}

ErrorCode codeForStatus(const PartEnd &end)
{
    const int status = end.head.status;
    switch (status) {
    case 403: return end.isLinkExpired ? ErrorCode::TransferLinkExpired : ErrorCode::TransferLinkRefused;
    case 404:
    case 410: return ErrorCode::TransferUploadGone;
    case 408: return ErrorCode::TransferStorageBusy;
    case 409:
    case 412: return ErrorCode::TransferAlreadyThere;
    case 413:
    case 415: return ErrorCode::SelectionNotAccepted;
    case 429: return ErrorCode::ApiRateLimited;
    case 500: return ErrorCode::TransferDamagedOnTheWay; // what some stores say to a wrong checksum; an InternalError was named before
    case 507: return ErrorCode::StorageNoSpace;
    default: break;
    }
    if (status >= 300 && status < 400)
        return ErrorCode::TransferLinkRefused; // the store sends us elsewhere: a link for the wrong place
    return status >= 500 ? ErrorCode::TransferStorageBusy : ErrorCode::ApiRequestRefused;
}

/// An answer with a status came.
Result<> judgeAnswer(const PartEnd &end)
{
    const int status = end.head.status;
    const QString detail = u"HTTP %1"_s.arg(status);
    const auto fail = [&](ErrorCode code, const QString &s3Code = {}) {
        return Error{code, s3Code.isEmpty() ? detail : QString(detail % u" " % s3Code), {.s3Code = s3Code}};
    };

    if (status >= 200 && status < 300) {
        // The expected checksum can only be known to who received the bytes: no further mark is needed.
        if (!end.expectedEtag.isEmpty() && end.head.etag().compare(end.expectedEtag, Qt::CaseInsensitive) == 0)
            return {};
        if (!end.head.isFromStore() || end.head.mediaType() == "text/html")
            return fail(ErrorCode::NetworkLoginPage);
        return Error{ErrorCode::TransferDamagedOnTheWay, u"the store names another checksum"_s};
    }
    if (status == 407 || status == 511)
        return fail(ErrorCode::NetworkLoginPage);
    if (!end.head.isFromStore() || end.head.mediaType() == "text/html") {
        if (status == 429)
            return fail(ErrorCode::ApiRateLimited);
        const bool isBalancer = status >= 502 && status <= 504;
        return fail(isBalancer ? ErrorCode::ApiUnavailable : ErrorCode::NetworkLoginPage);
    }
    if (const std::optional<ErrorCode> code = codeOfProblem(end))
        return fail(*code);
    const QString s3Code = s3CodeOf(end);
    if (const std::optional<ErrorCode> code = codeForS3(s3Code, end))
        return fail(*code, s3Code);
    if (s3Code.isEmpty() && status >= 502 && status <= 504)
        return fail(ErrorCode::ApiUnavailable);
    return fail(codeForStatus(end), s3Code);
}

ErrorCode codeForConnecting(int osErrno)
{
    switch (osErrno) {
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EADDRNOTAVAIL: return ErrorCode::NetworkOffline;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS: return ErrorCode::LocalResourcesLow;
    default: return ErrorCode::NetworkConnectFailed;
    }
}

ErrorCode codeForHandshake(const PartEnd &end)
{
    // A connection that merely broke while the handshake ran says nothing about who is on the other side. OpenSSL reports it
    // as a system call that failed, or as an end of file it did not expect.
    const bool isBroken = end.osErrno == ECONNRESET || end.osErrno == EPIPE || end.curlText.contains("SSL_ERROR_SYSCALL")
        || end.curlText.contains("unexpected eof");
    return isBroken ? ErrorCode::TransferConnectionLost : ErrorCode::NetworkIdentityUntrusted;
}

ErrorCode codeForCurl(const PartEnd &end)
{
    switch (end.curlCode) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY: return ErrorCode::NetworkHostNotFound;
    case CURLE_COULDNT_CONNECT: return codeForConnecting(end.osErrno);
    case CURLE_PROXY: return ErrorCode::NetworkConnectFailed;
    case CURLE_OPERATION_TIMEDOUT:
        if (end.wasConnected)
            return ErrorCode::TransferTimeout;
        return end.wasResolved ? ErrorCode::NetworkConnectFailed : ErrorCode::NetworkHostNotFound;
    case CURLE_SSL_CONNECT_ERROR: return codeForHandshake(end);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_CACERT_BADFILE: return ErrorCode::NetworkIdentityUntrusted;
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_FAIL_REWIND:
    case CURLE_ABORTED_BY_CALLBACK: return ErrorCode::TransferConnectionLost;
    case CURLE_UNSUPPORTED_PROTOCOL: // "HTTP/0.9": bytes that are no HTTP at all
    case CURLE_WEIRD_SERVER_REPLY: return ErrorCode::NetworkLoginPage;
    case CURLE_OUT_OF_MEMORY: return ErrorCode::LocalResourcesLow;
    default: return ErrorCode::InternalUnknown;
    }
}

QString describeCurl(const PartEnd &end)
{
    QString text = QString::fromUtf8(end.curlText.isEmpty() ? QByteArray(curl_easy_strerror(CURLcode(end.curlCode))) : end.curlText);
    text += u" (curl %1"_s.arg(end.curlCode);
    if (end.osErrno != 0)
        text += u", errno %1"_s.arg(end.osErrno);
    return text % u")";
}

Result<> verdictOf(const PartEnd &end)
{
    if (end.isCancelled)
        return Error{ErrorCode::UserCancelled, u"cancelled"_s};
    if (end.sourceErrno != 0)
        return systemError(codeForSourceErrno(end.sourceErrno), "reading the file"_L1, end.sourceErrno);
    if (end.isSourceShort)
        return Error{ErrorCode::PreprocessingReadFailed, u"the file ended before its part did"_s};
    if (end.proxyStatus == 407 || end.proxyStatus == 511)
        return Error{ErrorCode::NetworkLoginPage, u"the proxy asks for a sign-in (HTTP %1)"_s.arg(end.proxyStatus)};
    // A refusal that came before the connection broke is what counts; a success has to be whole.
    if (!end.head.isTorn && (end.head.status >= 300 || (end.head.status >= 200 && end.curlCode == CURLE_OK)))
        return judgeAnswer(end);
    if (end.isStalled)
        return Error{ErrorCode::TransferTimeout, u"no byte was acknowledged in time"_s};
    if (end.curlCode == CURLE_OK)
        return Error{ErrorCode::TransferConnectionLost, u"the connection ended without a whole answer"_s};
    return Error{codeForCurl(end), describeCurl(end)};
}

} // namespace

ErrorCode codeForSourceErrno(int value)
{
    switch (value) {
    case ENODEV:
    case ENXIO:
    case ESTALE: return ErrorCode::SelectionCardRemoved;
    case ENOMEM:
    case ENOBUFS: return ErrorCode::LocalResourcesLow;
    default: return ErrorCode::PreprocessingReadFailed;
    }
}

Result<> judgePart(const PartEnd &end)
{
    const Result<> verdict = verdictOf(end);
    if (verdict)
        return verdict;
    Error why = verdict.error();
    why.cause.osErrno = end.sourceErrno != 0 ? end.sourceErrno : end.osErrno;
    why.cause.httpStatus = end.head.status;
    why.cause.curlCode = end.isCancelled || end.isStalled ? 0 : end.curlCode; // else it is only what we told libcurl
    return why;
}

} // namespace photolift::transfer
