#pragma once

#include "app/server/api/uploadapi.h"
#include "app/server/metrics/servermetrics.h"
#include "app/server/work/chores.h"
#include "app/server/work/databasethreads.h"
#include "app/server/work/worker.h"

#include <memory>
#include <vector>

namespace photolift::server {

/// What a process does that no client speaks to, as its roles say: the worker, and what comes again and again. Each with its own login, and
/// so its own connections, where there is one. Functions may be called from any thread.
class Backstage
{
public:
    /// Opens the connections of the further logins. `database` is that of the process, and with the store outlives it.
    static Result<std::unique_ptr<Backstage>> open(const UploadApi::Options &options, ObjectStore &store, DatabaseThreads &database,
                                                   std::shared_ptr<ServerMetrics> metrics, Worker::Changed changed);
    ~Backstage(); ///< stop()
    Backstage(const Backstage &) = delete;
    Backstage &operator=(const Backstage &) = delete;

    Result<> start();
    void stop();
    bool isAlive() const; ///< nothing here hangs

    /// Inside the transaction of an accepted commit: the job, this process's if it works, else anybody's.
    Result<> addJob(Writing &writing, const QUuid &uploadId, qint64 nowMs) const;
    void wake(const QUuid &uploadId); ///< after that transaction is durable
    void lookForWork();               ///< another process may have added a job

private:
    Backstage() = default;

    std::unique_ptr<DatabaseThreads> m_workerDatabase; ///< of a login of its own
    std::unique_ptr<DatabaseThreads> m_retentionDatabase;
    std::unique_ptr<Worker> m_worker;
    std::vector<std::unique_ptr<Chores>> m_chores;
};

} // namespace photolift::server
