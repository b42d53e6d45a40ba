#include "models/transfer/transferloop.h"

#include "models/transfer/logging.h"

#include <algorithm>
#include <curl/curl.h>
#include <utility>

namespace photolift::transfer {

namespace {
constexpr auto SampleEvery = std::chrono::milliseconds(100);
constexpr int IdlePollMs = 60000;

PartOutcome cancelled(const PartJob &job)
{
    PartOutcome outcome;
    outcome.clientUploadId = job.clientUploadId;
    outcome.number = job.number;
    outcome.result = Error{ErrorCode::UserCancelled, QStringLiteral("cancelled before it began")};
    return outcome;
}
}

TransferLoop::TransferLoop(DataPlane::Options options, Report report)
    : m_options(std::move(options))
    , m_report(std::move(report))
    , m_multi(curl_multi_init())
{
    const int count = std::max(1, m_options.connections);
    curl_multi_setopt(m_multi.get(), CURLMOPT_MAXCONNECTS, long(count));
    curl_multi_setopt(m_multi.get(), CURLMOPT_PIPELINING, long(CURLPIPE_NOTHING));
    for (int i = 0; i < count; ++i)
        m_senders.push_back(std::make_unique<PartSender>(m_options, PartSender::Tools{m_sockets, m_budget, m_progress, m_proxies}));
}

TransferLoop::~TransferLoop() = default;

void TransferLoop::start(const PartJob &job)
{
    post(job);
}

void TransferLoop::cancel(const QUuid &clientUploadId)
{
    post(Cancel{clientUploadId});
}

void TransferLoop::setRateLimit(qint64 bytesPerSecond)
{
    post(Limit{bytesPerSecond});
}

void TransferLoop::stop()
{
    post(Stop{});
}

bool TransferLoop::waitForEnd(std::chrono::milliseconds time)
{
    std::unique_lock lock(m_endMutex);
    return m_ended.wait_for(lock, time, [this] { return m_hasEnded; });
}

void TransferLoop::silence()
{
    const std::lock_guard lock(m_reportMutex);
    m_report = {};
}

void TransferLoop::post(Command command)
{
    {
        const std::lock_guard lock(m_commandMutex);
        m_commands.push_back(std::move(command));
    }
    curl_multi_wakeup(m_multi.get()); // the one libcurl call that is allowed from other threads
}

void TransferLoop::run()
{
    m_sampled = PartSender::Clock::now();
    for (;;) {
        takeCommands();
        if (m_isStopping)
            break;
        fillSlots();
        int running = 0;
        curl_multi_perform(m_multi.get(), &running);
        collectEnded();
        fillSlots(); // at once: a free connection does not wait for the next turn
        const auto now = PartSender::Clock::now();
        if (now - m_sampled >= SampleEvery)
            sampleSenders(now);
        m_budget.refill(now);
        resumeSenders();
        curl_multi_poll(m_multi.get(), nullptr, 0, pollTimeoutMs(now), nullptr);
    }
    cancelWhere([](const QUuid &) { return true; });
    const std::lock_guard lock(m_endMutex);
    m_hasEnded = true;
    m_ended.notify_all();
}

void TransferLoop::takeCommands()
{
    std::vector<Command> commands;
    {
        const std::lock_guard lock(m_commandMutex);
        commands.swap(m_commands);
    }
    for (const Command &command : commands)
        std::visit([this](const auto &order) { apply(order); }, command);
}

void TransferLoop::apply(const PartJob &job)
{
    m_waiting.push_back(job);
}

void TransferLoop::apply(const Cancel &cancel)
{
    cancelWhere([&](const QUuid &upload) { return upload == cancel.clientUploadId; });
}

void TransferLoop::apply(const Limit &limit)
{
    m_budget.setRate(limit.bytesPerSecond, PartSender::Clock::now());
}

void TransferLoop::apply(const Stop &)
{
    m_isStopping = true;
}

void TransferLoop::cancelWhere(const std::function<bool(const QUuid &)> &isMeant)
{
    for (auto job = m_waiting.begin(); job != m_waiting.end();) {
        if (!isMeant(job->clientUploadId)) {
            ++job;
            continue;
        }
        report(cancelled(*job));
        job = m_waiting.erase(job);
    }
    for (const auto &sender : m_senders) {
        if (sender->isBusy() && isMeant(sender->upload())) {
            curl_multi_remove_handle(m_multi.get(), sender->handle());
            report(sender->abandon(PartSender::Reason::Cancelled));
        }
    }
}

void TransferLoop::fillSlots()
{
    for (const auto &sender : m_senders) {
        while (!sender->isBusy() && !m_waiting.empty()) {
            const PartJob job = std::move(m_waiting.front());
            m_waiting.pop_front();
            if (const std::optional<PartOutcome> refused = sender->begin(job))
                report(*refused);
            else
                curl_multi_add_handle(m_multi.get(), sender->handle());
        }
    }
}

void TransferLoop::collectEnded()
{
    int left = 0;
    while (const CURLMsg *message = curl_multi_info_read(m_multi.get(), &left)) {
        if (message->msg != CURLMSG_DONE)
            continue;
        const CURLcode code = message->data.result; // the message is gone after the next line
        void *const handle = message->easy_handle;
        char *owner = nullptr;
        curl_easy_getinfo(handle, CURLINFO_PRIVATE, &owner);
        curl_multi_remove_handle(m_multi.get(), handle);
        report(reinterpret_cast<PartSender *>(owner)->finish(code));
    }
}

void TransferLoop::sampleSenders(PartSender::Clock::time_point now)
{
    m_sampled = now;
    for (const auto &sender : m_senders) {
        if (sender->isBusy() && sender->sample(now)) {
            curl_multi_remove_handle(m_multi.get(), sender->handle());
            report(sender->abandon(PartSender::Reason::Stalled));
        }
    }
}

void TransferLoop::resumeSenders()
{
    for (size_t turn = 0; turn < m_senders.size(); ++turn) {
        PartSender &sender = *m_senders[(m_firstToResume + turn) % m_senders.size()];
        if (!sender.isBusy() || !sender.isPaused())
            continue;
        if (!m_budget.hasEnough())
            return;
        sender.resume();
        m_firstToResume = (m_firstToResume + turn + 1) % m_senders.size();
        return; // one a turn: the others would find the bucket empty again
    }
}

int TransferLoop::pollTimeoutMs(PartSender::Clock::time_point now) const
{
    const auto isBusy = [](const auto &sender) { return sender->isBusy(); };
    if (std::none_of(m_senders.cbegin(), m_senders.cend(), isBusy))
        return IdlePollMs;
    auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(m_sampled + SampleEvery - now);
    const auto isPaused = [](const auto &sender) { return sender->isPaused(); };
    if (std::any_of(m_senders.cbegin(), m_senders.cend(), isPaused))
        wait = std::min(wait, m_budget.wait());
    return int(std::clamp<qint64>(wait.count(), 1, SampleEvery.count()));
}

void TransferLoop::report(const PartOutcome &outcome)
{
    const std::lock_guard lock(m_reportMutex);
    if (m_report)
        m_report(outcome);
}

void TransferLoop::FreeMulti::operator()(void *multi) const
{
    curl_multi_cleanup(multi);
}

} // namespace photolift::transfer
