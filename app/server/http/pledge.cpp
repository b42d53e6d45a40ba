#include "app/server/http/pledge.h"

#include <utility>

namespace photolift::server {

namespace {
/// Shared by all copies of one responder; its end is the end of the last copy.
struct Pledge {
    std::shared_ptr<AnswerSlot> slot;
    HttpResponse unanswered;

    Pledge(std::shared_ptr<AnswerSlot> where, HttpResponse otherwise)
        : slot(std::move(where))
        , unanswered(std::move(otherwise))
    {
    }
    ~Pledge() { slot->put(std::move(unanswered)); } // ignored when there was an answer
    Pledge(const Pledge &) = delete;
    Pledge &operator=(const Pledge &) = delete;
};
}

AnswerSlot::AnswerSlot(std::function<void()> wake)
    : m_wake(std::move(wake))
{
}

void AnswerSlot::put(HttpResponse response)
{
    const std::lock_guard lock(m_mutex);
    if (!m_wake)
        return;
    m_response = std::move(response);
    // Inside the lock: after close() the executor behind `wake` may be gone.
    std::exchange(m_wake, nullptr)();
}

std::optional<HttpResponse> AnswerSlot::close()
{
    const std::lock_guard lock(m_mutex);
    m_wake = nullptr;
    return std::exchange(m_response, std::nullopt);
}

bool AnswerSlot::isFilled() const
{
    const std::lock_guard lock(m_mutex);
    return m_response.has_value();
}

Responder responderFor(std::shared_ptr<AnswerSlot> slot, HttpResponse unanswered)
{
    auto pledge = std::make_shared<Pledge>(std::move(slot), std::move(unanswered));
    return [pledge](HttpResponse response) { pledge->slot->put(std::move(response)); };
}

} // namespace photolift::server
