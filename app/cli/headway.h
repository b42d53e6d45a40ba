#pragma once

#include "models/pipeline/engine.h"

#include <QHash>

namespace photolift::cli {

/// Tells which news of photos are progress. What is done once more, because a try failed or the file changed under way, is none: a
/// photo is further only where it has never been before. Lives on one thread.
class Headway
{
public:
    /// As recorded: it reached another stage, or the server acknowledged another part.
    bool isFurther(const store::ItemView &view);
    /// As sampled: bytes on their way that never were before. What they come to is known once their part is acknowledged.
    bool isFurther(const pipeline::ItemProgress &progress);

private:
    struct Furthest {
        int stage = -1;
        qint64 parts = 0;
        qint64 bytes = 0;
        qint64 size = -1;
        bool hasChanged = false; ///< its size did: it may grow for ever, and always a little more of it be sent
    };
    QHash<QUuid, Furthest> m_photos; ///< those on their way
};

} // namespace photolift::cli
