#pragma once

#include "models/store/statements.h"

#include <QUuid>

#include <optional>

namespace photolift::store {

/// What a project expects of a drop: its photos, not its files.
struct DropCount {
    QUuid batchId;
    qint64 photos = 0;
    qint64 bytes = 0;
};

/// The count of this drop, once its walk has ended and selection has judged every file of it, ahead of its attempt or with it; nullopt before that, and when the star
/// says so already. Not counted is what is never tried: not accepted, empty, or cancelled before its first attempt; where that is all, nothing is
/// expected. Cheap while files wait for their turn: asked with every photo that moves.
Result<std::optional<DropCount>> newCountOfDrop(Statements &statements, qint64 batchRow);

} // namespace photolift::store
