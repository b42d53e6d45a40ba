#pragma once

#include "app/server/objects/s3/s3client.h"

#include <QDateTime>

#include <atomic>
#include <functional>

namespace photolift::server {

/// Whether this server may sign links: not while its clock and that of the store differ by more than StoreClock::Tolerance. Thread-safe.
class ClockCheck
{
    Q_DISABLE_COPY_MOVE(ClockCheck)
public:
    /// The client outlives it.
    ClockCheck(S3Client &client, std::function<QDateTime()> now);

    /// STORAGE_NOT_READY when they differ, and a line in the log when that begins and ends. Costs a request, which blocks, only where they seem to:
    /// the store is asked once more then. Before the store's first answer nobody knows, and nothing is said.
    Result<> agree();

private:
    bool seemsRight() const;

    S3Client &m_client;
    const std::function<QDateTime()> m_now;
    std::atomic<bool> m_isWrong = false; ///< as was last said in the log
};

} // namespace photolift::server
