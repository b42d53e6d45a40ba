#pragma once

#include <QByteArray>
#include <QHash>

#include <chrono>
#include <mutex>
#include <optional>

namespace photolift::server {

/// A bucket for each key: at most `perMinute` in a burst, then as many as a minute brings, evenly. Thread-safe; memory is bounded.
class RateLimit
{
public:
    using Clock = std::chrono::steady_clock;
    struct Options {
        int perMinute = 60;
        /// What a key may have at once when nobody knows of its last minute because the process has just begun: this share of
        /// perMinute, and it grows to all of it within a minute. So whoever makes a server restart gains next to nothing.
        double shareAtBegin = 1.0;
        /// Of so many keys the last minute is remembered. When there are more, those that are new share one bucket.
        int maxKeys = 100'000;
    };

    explicit RateLimit(Options options, Clock::time_point begin = Clock::now());
    RateLimit(const RateLimit &) = delete;
    RateLimit &operator=(const RateLimit &) = delete;

    /// nullopt: taken. Otherwise the seconds until there is one again, rounded up; nothing was taken.
    std::optional<int> take(const QByteArray &key, Clock::time_point now = Clock::now());
    /// The same of so many at once, all or none; when that is more than a minute brings, a full bucket suffices, and who took it waits longer.
    std::optional<int> takeMany(const QByteArray &key, int count, Clock::time_point now = Clock::now());
    /// What take() would say, and nothing is taken.
    std::optional<int> look(const QByteArray &key, Clock::time_point now = Clock::now());
    /// Undoes a take() that turned out not to count, or so much of a takeMany().
    void giveBack(const QByteArray &key, int count = 1);
    qsizetype rememberedKeys() const;

private:
    struct Bucket {
        double left = 0;
        Clock::time_point seen;
    };
    Bucket &bucketOf(const QByteArray &key, Clock::time_point now);
    static std::optional<int> missing(const Bucket &bucket, int perMinute, int count = 1);
    Bucket &refill(const QByteArray &key, Clock::time_point now);
    double atFirst(Clock::time_point now) const;
    double refilled(const Bucket &bucket, Clock::time_point now) const;

    const Options m_options;
    const Clock::time_point m_begin;
    mutable std::mutex m_mutex; ///< guards everything below
    // A bucket nobody touched for a minute is full, and full is what a missing one counts as. So the older half can be dropped each minute.
    QHash<QByteArray, Bucket> m_recent;
    QHash<QByteArray, Bucket> m_older;
    Bucket m_shared;
    Clock::time_point m_turned;
};

} // namespace photolift::server
