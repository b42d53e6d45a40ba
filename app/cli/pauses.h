#pragma once

#include "models/vocabulary/result.h"

#include <QSet>
#include <QUuid>

namespace photolift::store {
class Archive;
}

namespace photolift::cli {

/// What a person has paused in this data folder, in the window of the desktop program.
struct Pauses {
    bool isAll = false;
    QSet<QUuid> drops;

    static Result<Pauses> read(store::Archive &archive);
};

} // namespace photolift::cli
