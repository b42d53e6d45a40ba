#include "app/server/work/helperhost.h"

#include <condition_variable>
#include <mutex>

using namespace Qt::StringLiterals;

namespace photolift::server {

HelperHost::HelperHost(photo::Helper::Options options)
    : m_helper(std::move(options))
{
}

Result<photo::HelperAnswer> HelperHost::run(photo::Order order, int descriptor, const QString &mediaType, int side,
                                            const std::atomic<bool> &isStopping)
{
    struct Wait {
        std::mutex mutex;
        std::condition_variable isDone;
        std::optional<Result<photo::HelperAnswer>> answer;
    };
    const auto wait = std::make_shared<Wait>();
    m_helper.run(order, descriptor, mediaType, side)
        .then(QtFuture::Launch::Sync,
              [wait](Result<photo::HelperAnswer> answer) {
                  const std::scoped_lock lock(wait->mutex);
                  wait->answer = std::move(answer);
                  wait->isDone.notify_one();
              })
        .onCanceled([wait] {
            const std::scoped_lock lock(wait->mutex);
            wait->answer = Error{ErrorCode::ApiUnavailable, u"the helper ended"_s};
            wait->isDone.notify_one();
        });
    std::unique_lock lock(wait->mutex);
    // The end of the server is looked for five times a second: a hostile photo may keep the helper busy until its deadline.
    while (!wait->isDone.wait_for(lock, std::chrono::milliseconds(200), [&wait] { return wait->answer.has_value(); })) {
        if (isStopping)
            return Error{ErrorCode::ApiUnavailable, u"the server is stopping"_s};
    }
    return *std::move(wait->answer);
}

} // namespace photolift::server
