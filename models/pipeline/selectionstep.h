#pragma once

#include "models/photo/filelook.h"
#include "models/store/changes.h"

#include <QFuture>
#include <QThreadPool>

#include <memory>

namespace photolift::pipeline {

/// A photo that selection let through: open for reading, seen twice when it was modified lately.
struct SelectedFile {
    std::shared_ptr<photo::FileDescriptor> descriptor; ///< shared with the pool thread that reads it
    photo::FileIdentity identity;
    photo::Kind kind;
    bool endingDisagrees = false;
};

/// One look at a file on a pool thread: open, readable, an accepted kind. A file that is never tried comes back as
/// SELECTION_NOT_ACCEPTED or SELECTION_FILE_EMPTY. With `before` (an earlier look) it has to be the same still, else
/// SELECTION_STILL_WRITING; without, a file modified less than 10 s ago is SELECTION_STILL_WRITING, so that it is looked at again.
/// `seen` of the answer is what the next look compares with.
struct SelectionAnswer {
    Result<SelectedFile> file;
    std::optional<photo::FileIdentity> seen;
};

inline constexpr qint64 LatelyMs = 10'000;

SelectionAnswer selectFile(const QByteArray &path, const std::optional<photo::FileIdentity> &before, qint64 nowMs);

store::FileIdentity storedIdentity(const photo::FileIdentity &identity);

} // namespace photolift::pipeline
