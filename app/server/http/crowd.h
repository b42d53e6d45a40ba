#pragma once

#include <QByteArray>
#include <QHash>

#include <mutex>
#include <utility>

namespace photolift::server {

/// Counts who is there at the moment, such as the connections of one address. Thread-safe; a key without a place takes no memory.
/// Outlives its places.
class Crowd
{
public:
    /// One of those who are there, until it is destroyed.
    class Place
    {
    public:
        Place() = default;
        Place(Place &&other) noexcept
            : m_crowd(std::exchange(other.m_crowd, nullptr))
            , m_key(std::move(other.m_key))
        {
        }
        Place &operator=(Place &&other) noexcept
        {
            std::swap(m_crowd, other.m_crowd);
            std::swap(m_key, other.m_key);
            return *this;
        }
        ~Place()
        {
            if (m_crowd != nullptr)
                m_crowd->leave(m_key);
        }
        explicit operator bool() const { return m_crowd != nullptr; }
        const QByteArray &key() const { return m_key; }

    private:
        friend class Crowd;
        Place(Crowd &crowd, QByteArray key)
            : m_crowd(&crowd)
            , m_key(std::move(key))
        {
        }
        Crowd *m_crowd = nullptr;
        QByteArray m_key;
    };

    explicit Crowd(int most)
        : m_most(most)
    {
    }
    /// An empty place when there are as many as may be.
    Place enter(const QByteArray &key)
    {
        const std::scoped_lock lock(m_mutex);
        if (m_counts.value(key) >= m_most)
            return {};
        ++m_counts[key];
        return Place(*this, key);
    }

private:
    void leave(const QByteArray &key)
    {
        const std::scoped_lock lock(m_mutex);
        const auto found = m_counts.find(key);
        if (--*found == 0)
            m_counts.erase(found);
    }

    const int m_most;
    std::mutex m_mutex; ///< guards m_counts
    QHash<QByteArray, int> m_counts;
};

} // namespace photolift::server
