#pragma once

#include "models/photo/filelook.h"
#include "models/store/changes.h"

#include <QFuture>
#include <QThreadPool>

#include <memory>

namespace photolift::pipeline {

/// A photo that selection let through: open for reading, and the same at two looks.
struct SelectedFile {
    std::shared_ptr<photo::FileDescriptor> descriptor; ///< shared with the pool thread that reads it
    photo::FileIdentity identity;
    photo::Kind kind;
    bool endingDisagrees = false;
};

/// What a look at a file says; `seen` is what the next look compares with.
struct SelectionAnswer {
    Result<SelectedFile> file;
    std::optional<photo::FileIdentity> seen;
};

/// One look on a pool thread: the same as at the look before, readable, an accepted kind. A file that differs from `before`, or that was
/// not seen before, is SELECTION_STILL_WRITING and to be looked at again. One that is never tried comes back as
/// SELECTION_NOT_ACCEPTED or SELECTION_FILE_EMPTY. What its time of modification says counts for nothing: a clock elsewhere set it.
SelectionAnswer selectFile(const QByteArray &path, const std::optional<photo::FileIdentity> &before);

store::FileIdentity storedIdentity(const photo::FileIdentity &identity);

} // namespace photolift::pipeline
