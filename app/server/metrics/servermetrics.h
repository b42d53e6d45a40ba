#pragma once

#include "app/server/metrics/exposition.h"
#include "models/vocabulary/stage.h"

#include <QByteArray>
#include <QHash>
#include <QList>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>

namespace photolift::server {

using Counter = std::atomic<quint64>;

/// How a stage on the server ended.
enum class StageEnd { Passed, Failed, Returned, PutOff };
/// What the regular re-read found of a stored photo: its bytes, others or none, or that they could not be read.
enum class StoredCopy { Whole, Damaged, Unread };

/// What one process of the server counts since its start. Counting is one atomic addition, from any thread; nothing is
/// ever taken back. Whoever serves holds it by shared_ptr and gives it to those who count.
class ServerMetrics
{
public:
    /// Every route that is counted by its name, as "METHOD /pattern"; all other requests are counted as one.
    explicit ServerMetrics(const QList<QByteArray> &routes);

    void countRequest(const QByteArray &route, int status, std::chrono::nanoseconds duration);
    void countStage(Stage stage, StageEnd end);
    void countReread(StoredCopy found);
    void countStoreError();

    void writeTo(Exposition &page) const;

private:
    static constexpr std::array<double, 12> BucketSeconds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30, 120};
    static constexpr int FirstStatus = 100;
    static constexpr int StatusCount = 500;
    struct OfRoute {
        std::array<Counter, StatusCount> statuses{};
        std::array<Counter, BucketSeconds.size() + 1> buckets{}; ///< each its own, the page adds them up
        Counter nanoseconds = 0;
    };
    void writeRequests(Exposition &page) const;

    QHash<QByteArray, qsizetype> m_index; ///< unchanging
    QList<QByteArray> m_names;            ///< unchanging; the last stands for all unknown routes
    std::unique_ptr<OfRoute[]> m_routes;
    std::array<std::array<Counter, 4>, StageCount> m_stages{};
    std::array<Counter, 3> m_rereads{};
    Counter m_storeErrors = 0;
    const std::chrono::system_clock::time_point m_begin = std::chrono::system_clock::now();
};

} // namespace photolift::server
