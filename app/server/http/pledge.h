#pragma once

#include "app/server/http/exchange.h"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace photolift::server {

/// The place where a handler's answer is awaited. The connection opens it, waits, and closes it; the answer may come from any
/// thread, or never, or long after the connection and its server are gone: then it is dropped.
class AnswerSlot
{
public:
    /// `wake` is called at most once, from any thread, after the answer has been put here; never after close().
    explicit AnswerSlot(std::function<void()> wake);

    void put(HttpResponse response);
    /// No answer is wanted any more; gives the one that came.
    std::optional<HttpResponse> close();
    bool isFilled() const;

private:
    mutable std::mutex m_mutex; ///< guards everything below
    std::function<void()> m_wake; ///< empty once woken or closed
    std::optional<HttpResponse> m_response;
};

/// A Responder for the slot. When its last copy goes unanswered, it answers `unanswered`.
Responder responderFor(std::shared_ptr<AnswerSlot> slot, HttpResponse unanswered);

} // namespace photolift::server
