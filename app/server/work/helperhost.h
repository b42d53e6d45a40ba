#pragma once

#include "models/photo/helper.h"

#include <QThread>

#include <atomic>
#include <memory>

namespace photolift::server {

/// Whoever opens photos for the worker.
class Examiner
{
public:
    virtual ~Examiner() = default;
    /// Blocks until there is an answer. API_UNAVAILABLE when `isStopping` becomes true in the meantime. Called from several threads.
    virtual Result<photo::HelperAnswer> run(photo::Order order, int descriptor, const QString &mediaType, int side,
                                            const std::atomic<bool> &isStopping) = 0;
};

/// The helper on a thread with an event loop of its own, for worker threads that want to wait for its answer.
class HelperHost final : public Examiner
{
public:
    explicit HelperHost(photo::Helper::Options options);
    ~HelperHost() override;
    HelperHost(const HelperHost &) = delete;
    HelperHost &operator=(const HelperHost &) = delete;

    Result<photo::HelperAnswer> run(photo::Order order, int descriptor, const QString &mediaType, int side,
                                    const std::atomic<bool> &isStopping) override;

private:
    QThread m_thread;
    photo::Helper *m_helper = nullptr; ///< lives on m_thread
};

} // namespace photolift::server
