#pragma once

#include <QByteArray>
#include <QHash>
#include <QList>
#include <QUrl>

#include <chrono>
#include <coroutine>
#include <map>
#include <memory>
#include <utility>

namespace photolift::support
{

/// Many HTTP clients on one thread: each is a coroutine that waits for answers and for time, and all of them share one
/// libcurl multi handle. Connections are kept and shared: there are as many as there were requests at once.
class Crowd
{
    Q_DISABLE_COPY_MOVE(Crowd)
public:
    using Clock = std::chrono::steady_clock;
    using Fields = QList<std::pair<QByteArray, QByteArray>>;

    struct Request {
        QByteArray method = "POST";
        QUrl url;
        Fields headers;
        QByteArray body;
    };
    struct Answer {
        int status = 0;                        ///< 0: none came, `failure` says why
        QHash<QByteArray, QByteArray> headers; ///< lower-case names
        QByteArray body;
        QByteArray failure;
    };

    /// What a client is: begins when it is called, and ends by itself. Its arguments outlive it.
    struct Client {
        struct promise_type {
            Client get_return_object() noexcept { return {}; }
            std::suspend_never initial_suspend() noexcept { return {}; }
            std::suspend_never final_suspend() noexcept { return {}; }
            void return_void() noexcept {}
            [[noreturn]] void unhandled_exception() { std::terminate(); }
        };
    };

    /// A part of what a client does, with a value at its end; begins when it is awaited.
    template <typename Value> class Task
    {
    public:
        struct promise_type {
            Value value{};
            std::coroutine_handle<> waiting;

            struct Back {
                bool await_ready() const noexcept { return false; }
                std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> ended) noexcept
                {
                    return ended.promise().waiting;
                }
                void await_resume() const noexcept {}
            };
            Task get_return_object() { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
            std::suspend_always initial_suspend() noexcept { return {}; }
            Back final_suspend() noexcept { return {}; }
            void return_value(Value given) { value = std::move(given); }
            [[noreturn]] void unhandled_exception() { std::terminate(); }
        };

        explicit Task(std::coroutine_handle<promise_type> coroutine) : m_coroutine(coroutine) {}
        Task(Task &&other) noexcept : m_coroutine(std::exchange(other.m_coroutine, nullptr)) {}
        Task &operator=(Task &&) = delete;
        ~Task()
        {
            if (m_coroutine)
                m_coroutine.destroy();
        }
        bool await_ready() const noexcept { return false; }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) noexcept
        {
            m_coroutine.promise().waiting = waiting;
            return m_coroutine;
        }
        Value await_resume() { return std::move(m_coroutine.promise().value); }

    private:
        std::coroutine_handle<promise_type> m_coroutine;
    };

    /// `authority`: PEM of the certificate that https servers are trusted by.
    explicit Crowd(QByteArray authority = {});
    ~Crowd();

    class Asking;
    /// co_await gives the Answer; one that does not come within two minutes counts as none.
    Asking ask(Request request);
    class Pausing;
    Pausing pause(std::chrono::milliseconds time);

    /// Serves the clients that were begun until each has ended.
    void run();
    /// Requests that waited for their answers at one time, at most.
    qsizetype mostAtOnce() const { return m_mostAtOnce; }

private:
    void begin(Asking &asking);
    void finish(void *easy, int result);

    const QByteArray m_authority;
    void *m_multi; ///< CURLM
    qsizetype m_asking = 0;
    qsizetype m_mostAtOnce = 0;
    std::multimap<Clock::time_point, std::coroutine_handle<>> m_pausing;
};

class Crowd::Asking
{
    Q_DISABLE_COPY_MOVE(Asking)
public:
    Asking(Crowd &crowd, Request request) : m_crowd(crowd), m_request(std::move(request)) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting)
    {
        m_waiting = waiting;
        m_crowd.begin(*this);
    }
    Answer await_resume() { return std::move(m_answer); }

private:
    friend class Crowd;
    static size_t takeHead(char *bytes, size_t size, size_t count, void *asking);
    static size_t takeBody(char *bytes, size_t size, size_t count, void *asking);

    Crowd &m_crowd;
    Request m_request;
    Answer m_answer;
    void *m_fields = nullptr; ///< curl_slist
    std::coroutine_handle<> m_waiting;
};

class Crowd::Pausing
{
public:
    Pausing(Crowd &crowd, std::chrono::milliseconds time) : m_crowd(crowd), m_time(time) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) { m_crowd.m_pausing.emplace(Clock::now() + m_time, waiting); }
    void await_resume() const noexcept {}

private:
    Crowd &m_crowd;
    const std::chrono::milliseconds m_time;
};

inline Crowd::Asking Crowd::ask(Request request)
{
    return {*this, std::move(request)};
}

inline Crowd::Pausing Crowd::pause(std::chrono::milliseconds time)
{
    return {*this, time};
}

} // namespace photolift::support
