#pragma once

#include "app/server/http/exchange.h"

namespace photolift::server {

/// The refusals of a store, as S3 words them: clients read the code from the XML.
enum class S3Refusal {
    AccessDenied,
    RequestHasExpired, ///< AccessDenied, too
    UnsignedHeaders,   ///< AccessDenied, too
    ExpiredToken,
    SignatureDoesNotMatch,
    RequestTimeTooSkewed,
    AuthorizationQueryParametersError,
    MissingContentLength,
    EntityTooLarge,
    NoSuchUpload,
    PreconditionFailed,
    BadDigest,
    NoSuchKey,
    InvalidRange,
};

HttpResponse s3Refusal(S3Refusal refusal, const HttpRequest &request);

} // namespace photolift::server
