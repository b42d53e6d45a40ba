#pragma once

#include "models/store/changes.h"

#include <atomic>
#include <functional>

namespace photolift::pipeline {

/// A regular file below a dropped folder, hidden ones and sidecars too.
struct FoundFile {
    QByteArray absolutePath; ///< bytes of the file system
    QByteArray relativePath; ///< below the dropped folder; with several roots it begins with the name of its root (rootnames.h)
    store::FileIdentity identity;
};

struct LeftOutPath {
    QByteArray path;
    ErrorCode code = ErrorCode::SelectionSkippedSpecial; ///< or why a folder could not be read
};

/// What a walk hands over at a time.
struct WalkHarvest {
    QList<FoundFile> files;
    QList<LeftOutPath> leftOut;
    bool isEmpty() const { return files.isEmpty() && leftOut.isEmpty(); }
};

inline constexpr qsizetype WalkBatchRows = 1000;
inline constexpr qsizetype WalkFirstRows = 100; ///< the first hand-over is small: a person sees rows at once

/// Walks the roots depth first, names in byte order, and hands over what it finds, at most WalkBatchRows at a time. Follows no
/// link, opens no file, and reads no file system of the kernel. A folder is entered once, whatever leads to it; a file that has
/// several names (hard links) counts once. Memory: the names of the folders on the way down, and 16 bytes a folder.
/// Blocking, on the calling thread; `cancelled` is looked at for every file. False when it was cancelled.
/// `ownFolders` are left out with all that is in them (SELECTION_SKIPPED_SPECIAL, once), whatever leads to them: Photolift's list
/// changes with every photo, and the copies on the embedded server are no photos of anybody's.
bool walk(const QList<QByteArray> &roots, const std::function<void(WalkHarvest &&)> &handOver, const std::atomic<bool> &cancelled,
          const QList<QByteArray> &ownFolders = {});

} // namespace photolift::pipeline
