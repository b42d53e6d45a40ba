#pragma once

#include "app/server/http/calllimit.h"

#include <memory>

namespace photolift::server {

/// The limits of one API (FAULTS C-27). They outlive a stop and a start of it.
struct CallLimits {
    std::shared_ptr<CallLimit> events;
    std::shared_ptr<CallLimit> links;
    std::shared_ptr<CallLimit> tokensOfAddress; ///< only refused exchanges are counted
    std::shared_ptr<RateLimit> refusals;        ///< that are written down (refusedaccess.h), by person and route
    std::shared_ptr<RateLimit> tokensOfDevice;  ///< by the hash of the device token, known or not
};

} // namespace photolift::server
