#pragma once

#include "app/server/work/databasethreads.h"
#include "app/server/work/stagework.h"

namespace photolift::server {

enum class Looked {
    Nothing, ///< every photo was judged by this decoder or needs nobody's
    One,
    Later, ///< a condition of the server: the same one again after a pause
};

/// What an earlier decoder refused without knowing the format is not held against the bytes any more: the next question for them
/// makes an upload. Once, when the server starts.
Result<> forgetRefusalsOfOtherDecoders(DatabaseThreads &database, const QString &decoder);

/// One photo that is stored without a preview (PROCESSING_DECODE_FAILED, VALIDATION_FORMAT_UNKNOWN) and was judged by another
/// decoder is opened once more; whatever comes of it, this decoder does not look again. Pictures are stored when there are any now.
/// Belongs to no attempt: its stages and errors stay as they were. Blocks as long as the photo takes.
Looked lookOnceMore(const StageTools &tools, DatabaseThreads &database);

} // namespace photolift::server
