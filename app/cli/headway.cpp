#include "app/cli/headway.h"

namespace photolift::cli {

namespace {
constexpr qint64 PartBytes = 16LL * 1024 * 1024; ///< at most; the smaller ones of some stores are counted together

bool raise(auto &highest, auto value)
{
    if (value <= highest)
        return false;
    highest = value;
    return true;
}
}

bool Headway::isFurther(const store::ItemView &view)
{
    if (isEnded(view.item.state)) {
        m_photos.remove(view.item.itemId);
        return false; // ends are counted by the drop
    }
    Furthest &furthest = m_photos[view.item.itemId];
    const bool isNextStage = view.currentStage && raise(furthest.stage, static_cast<int>(*view.currentStage));
    const bool isNextPart = raise(furthest.parts, (view.ackedBytes + PartBytes - 1) / PartBytes);
    return isNextStage || isNextPart;
}

bool Headway::isFurther(const pipeline::ItemProgress &progress)
{
    Furthest &furthest = m_photos[progress.itemId];
    furthest.hasChanged = furthest.hasChanged || (furthest.size >= 0 && furthest.size != progress.totalBytes);
    furthest.size = progress.totalBytes;
    const qint64 least = furthest.hasChanged ? PartBytes : 1;
    return progress.sentBytes >= furthest.bytes + least && raise(furthest.bytes, progress.sentBytes);
}

} // namespace photolift::cli
