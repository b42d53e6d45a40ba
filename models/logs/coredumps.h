#pragma once

namespace photolift::logs {

/// A crashed process leaves its memory behind, tokens and keys in it (FAULTS C-10).
enum class CoreDumps {
    NotAsFiles, ///< no core file; a service that takes dumps over a pipe still gets one
    Nowhere     ///< nor that: nobody may look into the process. Desktop portals refuse such a process, so a window cannot ask for it.
};

/// Call it first in main(): children inherit the limit of files. Under sanitizers, which have to look into the process, NotAsFiles.
void forbidCoreDumps(CoreDumps where);

} // namespace photolift::logs
