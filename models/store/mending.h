#pragma once

#include "models/vocabulary/result.h"

#include <QString>

#include <optional>

namespace photolift::store {

/// In the settings of a list that was made anew: when (wall clock, ms).
inline constexpr QLatin1StringView ListLostSetting{"list_lost_ms"};

/// What became of a list that was damaged.
struct Mended {
    QString keptAs;     ///< the damaged file, with its path
    int folders = 0;    ///< drops taken over: their folders are walked again
};

/// There is a list, or a new one that only lacks its name.
bool hasList(const QString &databasePath);

/// Before the list of a data folder is opened: where it is damaged (LOCAL_LIST_DAMAGED), makes a new one out of what can still be read
/// and sets the old one aside. Taken over are the drops with what was dropped, as drops whose walk has not ended; the photos a person
/// cancelled or dismissed; the settings; and what the server was not told yet. The photos themselves are found again by the walk, and
/// the server says what it has. Each combination of folders and project once, the newest; none that holds only what was cancelled,
/// and no finished one whose folder is not there any more.
/// Whole or not at all: a kill on the way leaves either the damaged list or the new one. The caller has the data folder's lock.
/// nullopt: the list is sound, or there is none.
Result<std::optional<Mended>> mendIfDamaged(const QString &databasePath);

} // namespace photolift::store
