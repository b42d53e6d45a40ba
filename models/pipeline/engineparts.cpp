#include "models/pipeline/engineparts.h"

#include <QFileInfo>

namespace photolift::pipeline {

EngineParts::EngineParts(const Services &services, const Tuning &tuning, std::unique_ptr<store::WorkList> opened)
    : workList(std::move(opened))
    , server(*services.api, tuning, nullptr)
    , holds(server, tuning, QFileInfo(services.databasePath).path(), nullptr)
    , twins(nullptr)
    , quota(tuning.freeExtraRequests)
    , firstLooks(tuning.stableLookMs)
    , workshop{*services.recorder, *services.api, *services.dataPlane, *services.helper, *services.surroundings, server, holds,
               twins, quota, firstLooks, pool, looks, tuning, services.isEmbeddedServer, [this](const QUuid &id) { return batch(id); }}
    , scheduler(workshop, *workList, nullptr)
    , early(workshop, *workList, scheduler, nullptr)
    , room(workshop, *workList, early, nullptr)
    , follower(workshop, *workList, nullptr)
    , intake(workshop, *workList, services.ownFolders, nullptr)
    , nextAttempts(workshop, *workList, scheduler, nullptr)
    , lostCopies(workshop, *workList, scheduler, nullptr)
    , desk(workshop, *workList, scheduler, follower, nextAttempts, nullptr)
    , feed(nullptr)
    , sampler(workshop, scheduler, nullptr)
{
    looks.setMaxThreadCount(2); // one may hang on a share that is gone
    pool.setMaxThreadCount(std::clamp(QThread::idealThreadCount(), 1, tuning.jobs + 1));
}

store::BatchAccepted EngineParts::batch(const QUuid &batchId)
{
    if (const auto known = batches.constFind(batchId); known != batches.cend())
        return *known;
    const auto read = workList->batch(batchId);
    if (!read || !*read)
        return {};
    batches.insert(batchId, **read);
    return **read;
}

} // namespace photolift::pipeline
