#include "app/server/metrics/servermetrics.h"

#include <algorithm>

namespace photolift::server {

namespace {
constexpr std::array<const char *, 4> EndNames{"passed", "failed", "returned", "put_off"};
constexpr std::array<const char *, 3> FoundNames{"whole", "damaged", "unread"};
QByteArray numberText(double number)
{
    return QByteArray::number(number, 'g', 6);
}
}

ServerMetrics::ServerMetrics(const QList<QByteArray> &routes)
    : m_names(routes)
    , m_routes(std::make_unique<OfRoute[]>(static_cast<std::size_t>(routes.size()) + 1))
{
    for (qsizetype i = 0; i < routes.size(); ++i)
        m_index.insert(routes[i], i);
    m_names.append("other"); // a stranger's path is no label: there is no end of them
}

void ServerMetrics::countRequest(const QByteArray &route, int status, std::chrono::nanoseconds duration)
{
    OfRoute &of = m_routes[static_cast<std::size_t>(m_index.value(route, m_names.size() - 1))];
    of.statuses.at(static_cast<std::size_t>(std::clamp(status - FirstStatus, 0, StatusCount - 1))).fetch_add(1, std::memory_order_relaxed);
    const double seconds = std::chrono::duration<double>(duration).count();
    const auto bucket = std::lower_bound(BucketSeconds.begin(), BucketSeconds.end(), seconds) - BucketSeconds.begin();
    of.buckets.at(static_cast<std::size_t>(bucket)).fetch_add(1, std::memory_order_relaxed);
    of.nanoseconds.fetch_add(static_cast<quint64>(duration.count()), std::memory_order_relaxed);
}

void ServerMetrics::countStage(Stage stage, StageEnd end)
{
    m_stages.at(static_cast<std::size_t>(stage)).at(static_cast<std::size_t>(end)).fetch_add(1, std::memory_order_relaxed);
}

void ServerMetrics::countReread(StoredCopy found)
{
    m_rereads.at(static_cast<std::size_t>(found)).fetch_add(1, std::memory_order_relaxed);
}

void ServerMetrics::countStoreError()
{
    m_storeErrors.fetch_add(1, std::memory_order_relaxed);
}

void ServerMetrics::writeRequests(Exposition &page) const
{
    page.family("photolift_http_requests_total", "counter", "Answers by route and status.");
    for (qsizetype i = 0; i < m_names.size(); ++i) {
        const OfRoute &of = m_routes[static_cast<std::size_t>(i)];
        for (std::size_t status = 0; status < of.statuses.size(); ++status) {
            if (const quint64 count = of.statuses[status])
                page.sample({{"route", m_names[i]}, {"status", QByteArray::number(FirstStatus + static_cast<int>(status))}}, static_cast<double>(count));
        }
    }
    page.family("photolift_http_request_duration_seconds", "histogram", "From the end of a request's head to the end of its answer, waiting calls included.");
    for (qsizetype i = 0; i < m_names.size(); ++i) {
        const OfRoute &of = m_routes[static_cast<std::size_t>(i)];
        quint64 sum = 0;
        for (std::size_t bucket = 0; bucket <= BucketSeconds.size(); ++bucket) {
            sum += of.buckets[bucket];
            const QByteArray most = bucket < BucketSeconds.size() ? numberText(BucketSeconds[bucket]) : QByteArray("+Inf");
            page.sample({{"route", m_names[i]}, {"le", most}}, static_cast<double>(sum), "_bucket");
        }
        page.sample({{"route", m_names[i]}}, static_cast<double>(of.nanoseconds) / 1e9, "_sum");
        page.sample({{"route", m_names[i]}}, static_cast<double>(sum), "_count");
    }
}

void ServerMetrics::writeTo(Exposition &page) const
{
    page.family("photolift_process_start_time_seconds", "gauge", "When this process began to count, as Unix time.");
    page.sample({}, static_cast<double>(std::chrono::duration_cast<std::chrono::milliseconds>(m_begin.time_since_epoch()).count()) / 1000.0);
    writeRequests(page);
    page.family("photolift_stages_total", "counter", "Stages of photos this process has ended, by outcome; put_off: to be tried again.");
    for (const Stage stage : AllStages) {
        if (!isServerStage(stage))
            continue;
        const QLatin1StringView name = stageName(stage);
        for (std::size_t end = 0; end < EndNames.size(); ++end) {
            page.sample({{"stage", QByteArray(name.data(), name.size())}, {"outcome", EndNames[end]}},
                        static_cast<double>(m_stages.at(static_cast<std::size_t>(stage)).at(end)));
        }
    }
    page.family("photolift_rereads_total", "counter", "Stored photos this process has read again, by what it found; unread: the store did not give their bytes.");
    for (std::size_t found = 0; found < FoundNames.size(); ++found)
        page.sample({{"outcome", FoundNames[found]}}, static_cast<double>(m_rereads.at(found)));
    page.family("photolift_store_errors_total", "counter", "Calls of the object store that it did not carry out.");
    page.sample({}, static_cast<double>(m_storeErrors));
}

} // namespace photolift::server
