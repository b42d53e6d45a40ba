#pragma once

#include "app/server/work/databasethreads.h"
#include "app/server/work/reprocesstable.h"
#include "app/server/work/stagework.h"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace photolift::server {

/// Runs stages again for stored photos (ReprocessTable), one at a time and only while no upload waits for a stage of
/// its own. What there is of a photo stays until what comes in its place is whole; what cannot be done stays in the
/// list with its code, and the photo as it was. Only bytes that are not those of the photo any more make it one that is
/// not stored: the next question brings it again. Has a thread of its own; functions may be called from any.
class Reprocessor
{
public:
    struct Options {
        QString owner; ///< of leases
        std::chrono::milliseconds lease{60000};
        std::chrono::milliseconds retryBase{2000};
        std::chrono::milliseconds retryCap{60000};
        std::function<void(const QUuid &uploadId)> changed; ///< what clients are told of this upload is new; must not block
    };
    /// The database outlives it.
    Reprocessor(Options options, DatabaseThreads &database);
    ~Reprocessor(); ///< stop()
    Reprocessor(const Reprocessor &) = delete;
    Reprocessor &operator=(const Reprocessor &) = delete;

    /// Store and helper live until stop(); tools.isStopping is the end of it, too.
    void start(const StageTools &tools);
    void stop();

private:
    struct Photo {
        ReprocessJob job;
        Upload upload;
        qint64 takenMs = 0; ///< before anybody looked at its bytes
    };
    void loop();
    void pause(std::chrono::milliseconds time);
    bool isStopping();
    std::optional<Photo> take();
    void run(const Photo &photo);
    /// Also the end of one that could not be read.
    void end(const Photo &photo, const StageOutcome &outcome);
    Result<> record(Writing &writing, const Photo &photo, const StageOutcome &outcome) const;

    Options m_options;
    DatabaseThreads &m_database;
    std::optional<StageTools> m_tools; ///< set before the thread starts
    std::thread m_thread;
    std::mutex m_mutex;
    bool m_isStopping = false; ///< guarded by it
    std::condition_variable m_stops;
};

} // namespace photolift::server
