#include "ui/uploads/folderwords.h"

#include "ui/parts/humantext.h"

namespace photolift::ui {

FolderEnd FolderWords::ended(const store::BatchView &folder, bool isThisComputer)
{
    if (folder.needsYou > 0)
        return {StatusMark::Failed, tr("%Ln photo(s) need you", nullptr, static_cast<int>(folder.needsYou))};
    if (folder.missed > 0)
        return {StatusMark::Failed, tr("%Ln skipped file(s) deserve(s) a look", nullptr, static_cast<int>(folder.missed))};
    if (folder.unread > 0)
        return {StatusMark::Failed, tr("%Ln folder(s) or file(s) could not be read", nullptr, static_cast<int>(folder.unread))};
    const qint64 arrived = folder.done + folder.duplicate;
    if (folder.cancelled > 0 && folder.dismissed + arrived == 0)
        return {StatusMark::Cancelled, tr("Cancelled")};
    if (folder.cancelled + folder.dismissed > 0) // dismissed: it failed, and the person let it be
        return {StatusMark::Cancelled, tr("%1 not sent").arg(countText(folder.cancelled + folder.dismissed))};
    if (arrived == 0)
        return {StatusMark::Cancelled, tr("No photos in this folder")};
    return {StatusMark::Done, isThisComputer ? tr("All copied") : tr("All safe on the server")};
}

} // namespace photolift::ui
