#include "tests/support/crowd.h"

#include <algorithm>
#include <curl/curl.h>

namespace photolift::support
{

namespace
{

constexpr long AnswerMs = 120'000;
constexpr long KeptConnections = 4000;

} // namespace

size_t Crowd::Asking::takeHead(char *bytes, size_t size, size_t count, void *asking)
{
    const QByteArray line(bytes, static_cast<qsizetype>(size * count));
    if (const qsizetype colon = line.indexOf(':'); colon > 0)
        static_cast<Asking *>(asking)->m_answer.headers.insert(line.first(colon).toLower(),
                                                               line.sliced(colon + 1).trimmed());
    return size * count;
}

size_t Crowd::Asking::takeBody(char *bytes, size_t size, size_t count, void *asking)
{
    static_cast<Asking *>(asking)->m_answer.body.append(bytes, static_cast<qsizetype>(size * count));
    return size * count;
}

Crowd::Crowd(QByteArray authority) : m_authority(std::move(authority)), m_multi(curl_multi_init())
{
    curl_multi_setopt(m_multi, CURLMOPT_MAXCONNECTS, KeptConnections);
}

Crowd::~Crowd()
{
    curl_multi_cleanup(m_multi);
}

void Crowd::begin(Asking &asking)
{
    const Request &request = asking.m_request;
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_PRIVATE, &asking);
    curl_easy_setopt(easy, CURLOPT_URL, request.url.toEncoded().constData());
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, AnswerMs);
    if (!m_authority.isEmpty()) {
        curl_blob blob{const_cast<char *>(m_authority.constData()), static_cast<size_t>(m_authority.size()),
                       CURL_BLOB_NOCOPY};
        curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
    }
    if (request.method != "GET") {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.constData());
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.constData());
    }
    // What libcurl would add by itself: a form's type, and a wait for 100 Continue.
    curl_slist *fields = curl_slist_append(nullptr, "Expect:");
    fields = curl_slist_append(fields, "Content-Type:");
    for (const auto &[name, value] : request.headers)
        fields = curl_slist_append(fields, QByteArray(name + ": " + value).constData());
    asking.m_fields = fields;
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fields);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Asking::takeHead);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &asking);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Asking::takeBody);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &asking);
    curl_multi_add_handle(m_multi, easy);
    m_mostAtOnce = std::max(m_mostAtOnce, ++m_asking);
}

void Crowd::finish(void *easy, int result)
{
    Asking *asking = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &asking);
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (result == CURLE_OK)
        asking->m_answer.status = static_cast<int>(status);
    else
        asking->m_answer.failure = curl_easy_strerror(static_cast<CURLcode>(result));
    curl_multi_remove_handle(m_multi, easy);
    curl_easy_cleanup(easy);
    curl_slist_free_all(static_cast<curl_slist *>(asking->m_fields));
    --m_asking;
    asking->m_waiting.resume(); // `asking` may be gone behind it
}

void Crowd::run()
{
    while (m_asking > 0 || !m_pausing.empty()) {
        int running = 0;
        curl_multi_perform(m_multi, &running);
        int left = 0;
        while (const CURLMsg *message = curl_multi_info_read(m_multi, &left)) {
            if (message->msg == CURLMSG_DONE)
                finish(message->easy_handle, message->data.result);
        }
        const Clock::time_point now = Clock::now();
        while (!m_pausing.empty() && m_pausing.begin()->first <= now) {
            const std::coroutine_handle<> client = m_pausing.begin()->second;
            m_pausing.erase(m_pausing.begin());
            client.resume();
        }
        std::chrono::milliseconds wait(1000);
        if (!m_pausing.empty())
            wait = std::clamp(std::chrono::ceil<std::chrono::milliseconds>(m_pausing.begin()->first - now),
                              std::chrono::milliseconds(0), wait);
        if (m_asking > 0 || !m_pausing.empty())
            curl_multi_poll(m_multi, nullptr, 0, static_cast<int>(wait.count()), nullptr);
    }
}

} // namespace photolift::support
