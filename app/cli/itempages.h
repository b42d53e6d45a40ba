#pragma once

#include "models/store/views.h"

#include <functional>

namespace photolift::store {
class Archive;
}

namespace photolift::cli {

/// Reads from the archive page by page and waits for it: a command line has no window to keep alive, and a million rows
/// are never in memory at once. All of these block.
Result<QList<store::ItemView>> itemsMatching(store::Archive &archive, const store::ItemFilter &filter);
/// With the newest attempt of each, its stages and errors.
Result<> forEachItem(store::Archive &archive, const store::ItemFilter &filter,
                     const std::function<void(const store::ItemDetail &)> &use);
Result<> forEachItem(store::Archive &archive, const QList<QUuid> &itemIds,
                     const std::function<void(const store::ItemDetail &)> &use);
/// The items that these ids name, an item_id or a client_upload_id each: every item once. nullopt when one of the ids names none.
Result<std::optional<QList<QUuid>>> itemsNamed(store::Archive &archive, const QStringList &ids);

} // namespace photolift::cli
