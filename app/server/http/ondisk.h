#pragma once

#include <utility> // Asio 1.74 forgets it

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>

namespace photolift::server {

/// Runs `work` on the disk pool and comes back to the strand; what it throws is thrown here. Whatever `work` refers to has to live until then.
template <typename Work> boost::asio::awaitable<void> onDisk(boost::asio::thread_pool &pool, Work work)
{
    namespace net = boost::asio;
    std::exception_ptr failure;
    auto initiate = [&work, &failure, &pool](auto handler) {
        net::post(pool, [&work, &failure, handler = std::move(handler)]() mutable {
            try {
                work();
            } catch (...) {
                failure = std::current_exception();
            }
            const auto executor = net::get_associated_executor(handler);
            net::post(executor, std::move(handler));
        });
    };
    co_await net::async_initiate<const net::use_awaitable_t<> &, void()>(initiate, net::use_awaitable);
    if (failure)
        std::rethrow_exception(failure);
}

} // namespace photolift::server
