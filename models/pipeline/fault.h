#pragma once

#include "models/transfer/apiclient.h"
#include "models/transfer/dataplane.h"

namespace photolift::pipeline {

/// What went wrong in one try of one stage: the code that decides, and everything an error row wants to know.
struct Fault {
    Error error;
    int part = 0; ///< from 1; 0: no part
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
    return Fault{.error = fault.error, .requestId = fault.requestId, .retryAfterMs = fault.retryAfterMs};
}

inline Fault faultOf(const transfer::PartOutcome &outcome)
{
    return Fault{.error = outcome.result.error(),
                 .part = outcome.number,
                 .requestId = outcome.requestId,
                 .retryAfterMs = outcome.retryAfterMs};
}

} // namespace photolift::pipeline
