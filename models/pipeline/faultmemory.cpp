#include "models/pipeline/faultmemory.h"

namespace photolift::pipeline {

RetryMemory FaultMemory::remember(ErrorCode code)
{
    Entry &entry = m_entries[code];
    if (entry.tries++ == 0)
        entry.since.start();
    return {.tries = entry.tries, .sinceMs = entry.since.elapsed(), .fileRestarts = m_fileRestarts, .hadNewLink = m_hadNewLink};
}

int FaultMemory::tries(ErrorCode code) const
{
    const auto found = m_entries.find(code);
    return found == m_entries.end() ? 0 : found->second.tries;
}

qint64 FaultMemory::sinceMs(ErrorCode code) const
{
    const auto found = m_entries.find(code);
    return found == m_entries.end() ? 0 : found->second.since.elapsed();
}

void FaultMemory::noteProgress()
{
    m_entries.clear();
    m_hadNewLink = false;
}

} // namespace photolift::pipeline
