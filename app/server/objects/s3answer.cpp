#include "app/server/objects/s3answer.h"

#include <array>

namespace photolift::server {

namespace {
struct Line {
    S3Refusal refusal;
    int status;
    const char *code;
    const char *message;
};
constexpr std::array Lines{
    Line{S3Refusal::AccessDenied, 403, "AccessDenied", "Access Denied"},
    Line{S3Refusal::RequestHasExpired, 403, "AccessDenied", "Request has expired"},
    Line{S3Refusal::UnsignedHeaders, 403, "AccessDenied", "There were headers present in the request which were not signed"},
    Line{S3Refusal::ExpiredToken, 403, "ExpiredToken", "The link was made before this server started"},
    Line{S3Refusal::SignatureDoesNotMatch, 403, "SignatureDoesNotMatch", "The request is not the one that was signed"},
    Line{S3Refusal::RequestTimeTooSkewed, 403, "RequestTimeTooSkewed", "The link is signed for a time to come"},
    Line{S3Refusal::AuthorizationQueryParametersError, 400, "AuthorizationQueryParametersError", "The link is not complete"},
    Line{S3Refusal::MissingContentLength, 411, "MissingContentLength", "The length of the part has to be announced"},
    Line{S3Refusal::EntityTooLarge, 400, "EntityTooLarge", "The part is larger than a part may be"},
    Line{S3Refusal::NoSuchUpload, 404, "NoSuchUpload", "There is no such upload"},
    Line{S3Refusal::PreconditionFailed, 412, "PreconditionFailed", "Other bytes are kept for this part already"},
    Line{S3Refusal::NoSuchKey, 404, "NoSuchKey", "There is no such object"},
    Line{S3Refusal::InvalidRange, 416, "InvalidRange", "No range of the object, or more than one answer holds"},
    Line{S3Refusal::BadDigest, 400, "BadDigest", "The bytes are not those whose checksum was signed"},
};
}

HttpResponse s3Refusal(S3Refusal refusal, const HttpRequest &request)
{
    for (const Line &line : Lines) {
        if (line.refusal != refusal)
            continue;
        HttpResponse response;
        response.status = line.status;
        response.contentType = "application/xml";
        response.body = QByteArray(R"(<?xml version="1.0" encoding="UTF-8"?>)") + "\n<Error><Code>" + line.code + "</Code><Message>"
            + line.message + "</Message><RequestId>" + request.requestId.toLatin1() + "</RequestId></Error>\n";
        return response;
    }
    return problemResponse(500, Error{ErrorCode::InternalUnknown, {}}, request);
}

} // namespace photolift::server
