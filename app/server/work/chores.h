#pragma once

#include "app/server/objects/objectstore.h"
#include "app/server/work/databasethreads.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace photolift::server {

/// Work that comes again and again, on a thread of its own. Of all processes that share a PostgreSQL one alone does it, for as long as
/// it holds an advisory lock; when it ends, another one does. With SQLite there is nobody else.
class Chores
{
public:
    struct Options {
        const char *name = ""; ///< of the lock and in the log
        std::optional<store::PostgresAddress> postgres; ///< where the lock is
        std::chrono::milliseconds every{3600 * 1000}; ///< from begin to begin
        std::chrono::milliseconds lookEvery{15000}; ///< whether it is our turn, while another process has it
        std::function<void(const std::stop_token &)> work; ///< may block; ends at its next step when it is told to stop
    };
    explicit Chores(Options options);
    ~Chores(); ///< stop()
    Chores(const Chores &) = delete;
    Chores &operator=(const Chores &) = delete;

    void start(); ///< the first round at once, if it is our turn
    void tellToStop(); ///< the round at hand ends at its next step
    void stop();       ///< tells, and waits for that
    bool isOurTurn() const { return m_isOurTurn; }

private:
    class Turn;
    void loop();

    const Options m_options;
    std::atomic<bool> m_isOurTurn = false;
    std::mutex m_mutex;
    std::condition_variable m_stops;
    std::stop_source m_ending;
    std::thread m_thread;
};

} // namespace photolift::server
