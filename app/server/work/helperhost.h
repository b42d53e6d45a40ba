#pragma once

#include "models/photo/helper.h"

#include <QThread>

#include <atomic>
#include <memory>

namespace photolift::server {

/// The helper on a thread with an event loop of its own, for worker threads that want to wait for its answer.
class HelperHost
{
public:
    explicit HelperHost(photo::Helper::Options options);
    ~HelperHost();
    HelperHost(const HelperHost &) = delete;
    HelperHost &operator=(const HelperHost &) = delete;

    /// Blocks until the helper has answered. API_UNAVAILABLE when `isStopping` becomes true in the meantime.
    Result<photo::HelperAnswer> run(photo::Order order, int descriptor, const QString &mediaType, int side, const std::atomic<bool> &isStopping);

private:
    QThread m_thread;
    photo::Helper *m_helper = nullptr; ///< lives on m_thread
};

} // namespace photolift::server
