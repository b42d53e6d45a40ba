#include "models/pipeline/firstlooks.h"

#include <algorithm>

namespace photolift::pipeline {

FirstLooks::FirstLooks(int stableLookMs)
    : m_stableLookMs(stableLookMs)
{
    m_clock.start();
}

void FirstLooks::noteWalked(const QUuid &batchId)
{
    m_walkedMs[batchId] = m_clock.elapsed();
}

std::optional<photo::FileIdentity> FirstLooks::of(const store::Item &item) const
{
    if (msUntilSecond(item) > 0)
        return std::nullopt;
    const store::FileIdentity &seen = item.identity;
    return photo::FileIdentity{.size = seen.size, .mtimeNs = seen.modifiedNs, .inode = seen.inode, .device = seen.device};
}

qint64 FirstLooks::msUntilSecond(const store::Item &item) const
{
    const qint64 ageMs = m_clock.elapsed() - m_walkedMs.value(item.batchId, 0);
    return std::max<qint64>(0, m_stableLookMs - ageMs);
}

} // namespace photolift::pipeline
