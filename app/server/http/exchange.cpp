#include "app/server/http/exchange.h"

#include "app/server/http/accesslog.h"
#include "models/wire/messages.h"

#include <QJsonDocument>

namespace photolift::server {

Route::Route(RouteName name)
    : Route(allRights()[static_cast<std::size_t>(name)])
{
}

Route::Route(const RouteRight &right)
    : method(right.method)
    , pattern(right.pattern)
    , access(right.access)
    , roles(right.roles)
{
}

QByteArray originOf(const HttpRequest &request)
{
    return (request.isSecure ? "https://" : "http://") + request.headers.value("host");
}

HttpResponse jsonResponse(int status, const QJsonObject &object)
{
    HttpResponse response;
    response.status = status;
    response.body = QJsonDocument(object).toJson(QJsonDocument::Compact);
    return response;
}

HttpResponse problemResponse(int status, const Error &error, const HttpRequest &request, std::optional<int> retryAfterSeconds)
{
    wire::Problem problem;
    problem.httpStatus = status;
    problem.code = error.code;
    problem.requestId = request.requestId;
    problem.retryAfterSeconds = retryAfterSeconds;
    logProblem(request, status, error);
    HttpResponse response = jsonResponse(status, wire::toJson(problem));
    response.contentType = "application/problem+json";
    if (retryAfterSeconds)
        response.headers.emplaceBack("Retry-After", QByteArray::number(*retryAfterSeconds));
    return response;
}

int httpStatusFor(ErrorCode code)
{
    switch (code) {
    case ErrorCode::StorageNoSpace:
    case ErrorCode::InitiationQuotaFull:
        return 507;
    case ErrorCode::StorageNotReady:
    case ErrorCode::ApiUnavailable:
    case ErrorCode::LocalListBusy:
    case ErrorCode::LocalResourcesLow:
        return 503;
    case ErrorCode::ApiTokenExpired:
    case ErrorCode::InitiationTokenExpired:
        return 401;
    case ErrorCode::ApiNotAllowed:
    case ErrorCode::ApiAccountClosed:
    case ErrorCode::TransferLinkExpired:
    case ErrorCode::TransferLinkRefused:
        return 403;
    case ErrorCode::TransferUploadGone:
        return 404;
    case ErrorCode::TransferAlreadyThere:
    case ErrorCode::ProjectConflict:
        return 409;
    case ErrorCode::ProjectDeleted:
        return 410;
    case ErrorCode::SelectionNotAccepted:
        return 413;
    case ErrorCode::ApiClientTooOld:
        return 426;
    case ErrorCode::ApiRateLimited:
        return 429;
    case ErrorCode::ApiRequestRefused:
    case ErrorCode::TransferDamagedOnTheWay:
    case ErrorCode::ReceptionPartsMissing:
        return 400;
    default:
        return 500;
    }
}

} // namespace photolift::server
