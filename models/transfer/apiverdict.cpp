#include "models/transfer/apiverdict.h"

using namespace Qt::StringLiterals;

namespace photolift::transfer {

namespace {

/// True when the connection failed, so that an answer, if any, is not whole.
bool isBrokenOff(QNetworkReply::NetworkError error)
{
    // Qt numbers what happens below HTTP up to 99, proxies up to 199; what an answer said comes above.
    return error != QNetworkReply::NoError && (error < QNetworkReply::ContentAccessDenied || error == QNetworkReply::ContentReSendError);
}

ErrorCode codeForQt(const ApiEnd &end)
{
    switch (end.error) {
    case QNetworkReply::ConnectionRefusedError:
    case QNetworkReply::ProxyConnectionRefusedError:
    case QNetworkReply::ProxyConnectionClosedError:
    case QNetworkReply::ProxyTimeoutError:
    case QNetworkReply::UnknownProxyError: return ErrorCode::NetworkConnectFailed;
    case QNetworkReply::RemoteHostClosedError:
    case QNetworkReply::ContentReSendError: return ErrorCode::TransferConnectionLost;
    case QNetworkReply::HostNotFoundError:
    case QNetworkReply::ProxyNotFoundError: return ErrorCode::NetworkHostNotFound;
    case QNetworkReply::TimeoutError:
    case QNetworkReply::OperationCanceledError: // Qt's word for its own transfer timeout; nobody else ends a call
        return end.wasSent ? ErrorCode::TransferTimeout : ErrorCode::NetworkConnectFailed;
    case QNetworkReply::SslHandshakeFailedError:
    case QNetworkReply::TooManyRedirectsError:
    case QNetworkReply::InsecureRedirectError: return ErrorCode::NetworkIdentityUntrusted;
    case QNetworkReply::TemporaryNetworkFailureError:
    case QNetworkReply::NetworkSessionFailedError:
    case QNetworkReply::BackgroundRequestNotAllowedError: return ErrorCode::NetworkOffline;
    case QNetworkReply::ProxyAuthenticationRequiredError: return ErrorCode::NetworkLoginPage;
    case QNetworkReply::UnknownNetworkError: // no route, network unreachable: Qt has no word of its own for them
        return end.wasSent ? ErrorCode::TransferConnectionLost : ErrorCode::NetworkOffline;
    case QNetworkReply::ProtocolFailure:
    case QNetworkReply::ProtocolUnknownError:
    case QNetworkReply::ProtocolInvalidOperationError: return ErrorCode::NetworkLoginPage; // the answer is no HTTP of ours
    default: return ErrorCode::InternalUnknown;
    }
}

ErrorCode codeForStatus(int status)
{
    switch (status) {
    case 401: return ErrorCode::ApiTokenExpired;
    case 403: return ErrorCode::ApiNotAllowed;
    case 404:
    case 410: return ErrorCode::TransferUploadGone;
    case 409:
    case 412: return ErrorCode::ProjectConflict;
    case 408: return ErrorCode::TransferTimeout;
    case 413:
    case 415: return ErrorCode::SelectionNotAccepted;
    case 426: return ErrorCode::ApiClientTooOld;
    case 429: return ErrorCode::ApiRateLimited;
    case 502:
    case 503:
    case 504: return ErrorCode::ApiUnavailable;
    case 507: return ErrorCode::InitiationQuotaFull;
    default: return status >= 500 ? ErrorCode::ApiServerError : ErrorCode::ApiRequestRefused;
    }
}

std::optional<wire::Problem> problemOf(const ApiEnd &end)
{
    if (end.head.mediaType() != "application/problem+json")
        return {};
    const Result<QJsonObject> object = wire::parseObject(end.body);
    if (!object)
        return {};
    const Result<wire::Problem> problem = wire::problemFromJson(*object);
    return problem ? std::optional(*problem) : std::nullopt;
}

} // namespace

std::optional<ApiFault> judgeCall(const ApiEnd &end, qint64 nowMs)
{
    const int status = end.head.status;
    ApiFault fault;
    fault.requestId = end.head.requestId();
    fault.retryAfterMs = end.head.retryAfterMs(nowMs);
    const auto with = [&fault, &end](ErrorCode code, const QString &detail) {
        fault.error = {code, detail, {.httpStatus = end.head.status, .qtError = int(end.error)}};
        return fault;
    };
    const QString said = u"HTTP %1"_s.arg(status);

    if (end.wasTooLong)
        return with(ErrorCode::ApiRequestRefused, u"the answer is too long"_s);
    if (status == 407 || status == 511)
        return with(ErrorCode::NetworkLoginPage, said);
    if (isBrokenOff(end.error) && (status == 0 || status < 300))
        return with(codeForQt(end), end.errorText);
    if (status == 0)
        return with(codeForQt(end), end.errorText);
    const QByteArray type = end.head.mediaType();
    const bool isJson = type == "application/json" || type == "application/problem+json";
    if (!end.head.isOurs() || (!isJson && !end.body.isEmpty())) {
        if (status >= 502 && status <= 504)
            return with(ErrorCode::ApiUnavailable, said);
        if (status == 429) // of a proxy in front of the server; no sign-in page slows anybody down
            return with(ErrorCode::ApiRateLimited, said);
        return with(ErrorCode::NetworkLoginPage, QString(said % u", not an answer of ours"));
    }
    if (status >= 200 && status < 300)
        return {};
    if (status < 400)
        return with(ErrorCode::NetworkLoginPage, said); // our server sends nobody elsewhere
    if (const std::optional<wire::Problem> problem = problemOf(end)) {
        if (fault.requestId.isEmpty())
            fault.requestId = problem->requestId;
        if (!fault.retryAfterMs && problem->retryAfterSeconds)
            fault.retryAfterMs = qint64(*problem->retryAfterSeconds) * 1000;
        return with(problem->code, said);
    }
    return with(codeForStatus(status), said);
}

} // namespace photolift::transfer
