#pragma once

#include <atomic>

namespace photolift::faults {

/// What the programs of a run tell the test, in a file that all of them map: the preloaded library writes it, FaultyRun reads it.
struct FaultyNotes {
    std::atomic<long> calls; ///< so many so far
    std::atomic<int> group;  ///< the process group that a power cut ends
    char met[1024];          ///< the call that met the fault and the file, below the folder; empty: none
};

} // namespace photolift::faults
