#include "app/server/api/refusal.h"

using namespace Qt::StringLiterals;

namespace photolift::server {

namespace {

struct Answer {
    int status;
    ErrorCode code;
    std::optional<int> retryAfterSeconds;
};

Answer answerFor(ErrorCode code)
{
    switch (code) {
    case ErrorCode::ApiRequestRefused:
    case ErrorCode::ReceptionPartsMissing:
    case ErrorCode::SelectionFileEmpty:
        return {422, code, {}};
    case ErrorCode::SelectionNotAccepted:
        return {413, code, {}};
    case ErrorCode::InitiationTokenExpired:
        return {401, code, {}};
    case ErrorCode::ApiNotAllowed:
    case ErrorCode::ApiAccountClosed:
        return {403, code, {}};
    case ErrorCode::TransferUploadGone:
        return {404, code, {}};
    case ErrorCode::ProjectDeleted:
        return {410, code, {}};
    case ErrorCode::TransferAlreadyThere:
    case ErrorCode::UserCancelled:
        return {409, code, {}};
    case ErrorCode::ApiClientTooOld:
        return {426, code, {}};
    case ErrorCode::ApiRateLimited:
        return {429, code, 1};
    case ErrorCode::StorageNoSpace:
    case ErrorCode::LocalDiskFull:
        return {507, ErrorCode::StorageNoSpace, 30};
    case ErrorCode::InitiationQuotaFull: // how long it stays so nobody knows
        return {507, code, {}};
    case ErrorCode::StorageNotReady:
        return {503, code, 5};
    case ErrorCode::ApiUnavailable:
    case ErrorCode::LocalListBusy:
    case ErrorCode::LocalResourcesLow:
        return {503, ErrorCode::ApiUnavailable, 2};
    default:
        return {500, ErrorCode::ApiServerError, {}};
    }
}

} // namespace

HttpResponse refusal(const Error &error, const HttpRequest &request)
{
    const Answer answer = answerFor(error.code);
    return problemResponse(answer.status, {answer.code, error.detail}, request, answer.retryAfterSeconds);
}

HttpResponse malformed(const Error &error, const HttpRequest &request)
{
    return problemResponse(400, error, request);
}

HttpResponse overloaded(const HttpRequest &request)
{
    return refusal({ErrorCode::ApiUnavailable, u"too much waits already"_s}, request);
}

QUuid idOf(const HttpRequest &request)
{
    return QUuid::fromString(QLatin1StringView(request.captures.value("id")));
}

} // namespace photolift::server
