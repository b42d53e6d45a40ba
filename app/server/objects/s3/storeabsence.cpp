#include "app/server/objects/s3/storeabsence.h"

namespace photolift::server {

bool StoreAbsence::mayAsk(Clock::time_point now)
{
    const std::scoped_lock lock(m_mutex);
    if (!m_isAway)
        return true;
    if (m_isAsked || now < m_notBefore)
        return false;
    m_isAsked = true;
    return true;
}

void StoreAbsence::answered()
{
    const std::scoped_lock lock(m_mutex);
    m_isAway = false;
    m_isAsked = false;
}

void StoreAbsence::gaveNoAnswer(Clock::time_point now)
{
    const std::scoped_lock lock(m_mutex);
    m_isAway = true;
    m_isAsked = false;
    m_notBefore = now + Pause;
}

void StoreAbsence::stopped()
{
    const std::scoped_lock lock(m_mutex);
    m_isAsked = false;
}

} // namespace photolift::server
