#pragma once

#include "app/server/objects/objectstore.h"
#include "app/server/work/databasethreads.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
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
        std::chrono::milliseconds every{3600 * 1000};
        std::chrono::milliseconds lookEvery{15000}; ///< whether it is our turn, while another process has it
        std::function<void()> work;                 ///< may block
    };
    explicit Chores(Options options);
    ~Chores(); ///< stop()
    Chores(const Chores &) = delete;
    Chores &operator=(const Chores &) = delete;

    void start(); ///< the first round at once, if it is our turn
    void stop();  ///< waits for the round at hand
    bool isOurTurn() const { return m_isOurTurn; }

private:
    class Turn;
    void loop();

    const Options m_options;
    std::atomic<bool> m_isOurTurn = false;
    std::mutex m_mutex;
    std::condition_variable m_stops;
    bool m_isStopping = false; ///< guarded by m_mutex
    std::thread m_thread;
};

} // namespace photolift::server
