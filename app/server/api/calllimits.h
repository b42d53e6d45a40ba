#pragma once

#include "app/server/http/calllimit.h"

#include <memory>

namespace photolift::server {

/// The limits of one API (FAULTS C-27). They outlive a stop and a start of it.
struct CallLimits {
    std::shared_ptr<CallLimit> events;
    std::shared_ptr<CallLimit> links; ///< counts links, for parts and for photos that are fetched, not calls
    std::shared_ptr<CallLimit> tokensOfAddress; ///< only refused exchanges are counted
    std::shared_ptr<RateLimit> refusals;        ///< that are written down (refusedaccess.h), by person and route
    std::shared_ptr<RateLimit> tokensOfDevice;  ///< by the hash of the device token, known or not
};

/// The links that a question may get: counted before the work for it begins, and those that did not come of it are given back at the end.
class ClaimedLinks
{
public:
    /// Of as many as refusalOf() has let through.
    ClaimedLinks(std::shared_ptr<CallLimit> limit, HttpRequest request, int count)
        : m_limit(std::move(limit))
        , m_request(std::move(request))
        , m_left(count)
    {
    }
    ~ClaimedLinks()
    {
        if (m_left > 0)
            m_limit->giveBack(m_left, m_request);
    }
    ClaimedLinks(const ClaimedLinks &) = delete;
    ClaimedLinks &operator=(const ClaimedLinks &) = delete;
    void given(qsizetype count) { m_left -= static_cast<int>(count); }

private:
    const std::shared_ptr<CallLimit> m_limit;
    const HttpRequest m_request;
    int m_left;
};

} // namespace photolift::server
