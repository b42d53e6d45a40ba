#include "models/vocabulary/correlation.h"

#include <utility>

namespace photolift {

namespace {
thread_local QUuid current;
}

CorrelationScope::CorrelationScope(const QUuid &clientUploadId)
    : m_outer(std::exchange(current, clientUploadId))
{
}

CorrelationScope::~CorrelationScope()
{
    current = m_outer;
}

QUuid currentCorrelation()
{
    return current;
}

} // namespace photolift
