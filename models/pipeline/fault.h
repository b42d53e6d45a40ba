#pragma once

#include "models/transfer/apiclient.h"
#include "models/transfer/dataplane.h"

namespace photolift::pipeline {

/// What went wrong in one try of one stage: the code that decides, and everything an error row wants to know.
struct Fault {
    Error error;
    int httpStatus = 0; ///< 0: no answer came, or nobody was asked
    int osErrno = 0;
    int qtError = 0;
    int curlCode = 0;
    int part = 0; ///< from 1; 0: no part
    QString s3Code = {};
    QString requestId = {};
    std::optional<qint64> retryAfterMs = {};

    ErrorCode code() const { return error.code; }
};

inline Fault faultOf(const Error &error)
{
    return Fault{.error = error};
}

inline Fault faultOf(const transfer::ApiFault &fault)
{
    return Fault{.error = fault.error,
                 .httpStatus = fault.httpStatus,
                 .qtError = fault.qtError,
                 .requestId = fault.requestId,
                 .retryAfterMs = fault.retryAfterMs};
}

inline Fault faultOf(const transfer::PartOutcome &outcome)
{
    return Fault{.error = outcome.result.error(),
                 .httpStatus = outcome.httpStatus,
                 .osErrno = outcome.osErrno,
                 .curlCode = outcome.curlCode,
                 .part = outcome.number,
                 .s3Code = outcome.s3Code,
                 .requestId = outcome.requestId,
                 .retryAfterMs = outcome.retryAfterMs};
}

} // namespace photolift::pipeline
