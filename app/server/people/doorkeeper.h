#pragma once

#include "app/server/people/accesstokens.h"
#include "app/server/work/databasethreads.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace photolift::server {

/// Lets device tokens in for access tokens, and knows within seconds who was shut out, on whatever server that was done. Thread-safe.
class Doorkeeper
{
public:
    struct Options {
        std::chrono::milliseconds lookEvery{15000}; ///< at how device tokens stand; FAULTS C-9 allows 60 s
    };
    /// The database outlives it.
    Doorkeeper(Options options, DatabaseThreads &database);
    ~Doorkeeper(); ///< stop()
    Doorkeeper(const Doorkeeper &) = delete;
    Doorkeeper &operator=(const Doorkeeper &) = delete;

    /// Reads keys and standings for the first time; then a thread of its own does so again and again.
    Result<> start();
    void stop();

    /// Whose access token this is. Never blocks on the database.
    std::optional<Caller> recognise(QByteArrayView accessToken) const;

    struct Admitted {
        Caller caller;
        QString userName;
        QByteArray accessToken;
    };
    /// A device token's holder with a fresh access token: INITIATION_TOKEN_EXPIRED for a token that is unknown, revoked or at its end,
    /// API_ACCOUNT_CLOSED when person or account are not active. On a reading thread of the database.
    Result<Admitted> admit(const QSqlDatabase &database, QByteArrayView deviceToken) const;

private:
    Result<> look();

    const Options m_options;
    DatabaseThreads &m_database;
    AccessTokens m_tokens;
    std::mutex m_mutex;
    std::condition_variable m_stops;
    bool m_isStopping = false;
    std::thread m_thread;
};

} // namespace photolift::server
