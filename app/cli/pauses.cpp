#include "app/cli/pauses.h"

#include "models/store/archive.h"

using namespace Qt::StringLiterals;

namespace photolift::cli {

Result<Pauses> Pauses::read(store::Archive &archive)
{
    const auto settings = archive.settings().result();
    if (!settings)
        return settings.error();
    const auto batches = archive.batches(true).result();
    if (!batches)
        return batches.error();
    Pauses pauses;
    pauses.isAll = settings->value(u"paused"_s) == "1"_L1;
    for (const store::BatchView &view : *batches) {
        if (view.isPaused)
            pauses.drops.insert(view.batch.batchId);
    }
    return pauses;
}

} // namespace photolift::cli
