#pragma once

#include "models/photo/helper.h"

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

/// The helper for worker threads that want to wait for its answer. Helper has threads of its own and needs no event loop.
class HelperHost final : public Examiner
{
public:
    explicit HelperHost(photo::Helper::Options options);

    Result<photo::HelperAnswer> run(photo::Order order, int descriptor, const QString &mediaType, int side,
                                    const std::atomic<bool> &isStopping) override;

private:
    photo::Helper m_helper;
};

} // namespace photolift::server
