#pragma once

#include "models/pipeline/retrypolicy.h"

#include <QElapsedTimer>

#include <map>

namespace photolift::pipeline {

/// What one attempt remembers of its faults until something goes well again. Monotonic.
class FaultMemory
{
public:
    explicit FaultMemory(int fileRestarts) : m_fileRestarts(fileRestarts) {}

    /// Counts one more fault with this code, and says what is known of them now.
    RetryMemory remember(ErrorCode code);
    int tries(ErrorCode code) const;
    qint64 sinceMs(ErrorCode code) const; ///< the first of them; 0: there was none
    void noteProgress();
    void noteNewLink() { m_hadNewLink = true; }
    void noteFileRestart() { ++m_fileRestarts; }
    int fileRestarts() const { return m_fileRestarts; }

private:
    struct Entry {
        int tries = 0;
        QElapsedTimer since;
    };
    std::map<ErrorCode, Entry> m_entries;
    int m_fileRestarts;
    bool m_hadNewLink = false; ///< since the last progress
};

} // namespace photolift::pipeline
