#include "models/photo/partdigests.h"

namespace photolift::photo {

PartDigests::PartDigests(DigestKind kind)
    : m_kind(kind)
    , m_thread([this] { work(); })
{
}

PartDigests::~PartDigests()
{
    end();
}

char *PartDigests::buffer()
{
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [this] { return m_added - m_hashed < m_slots.size(); });
    return m_slots[m_added % m_slots.size()].bytes.get();
}

void PartDigests::add(qint64 size, bool endsPart)
{
    {
        const std::lock_guard lock(m_mutex);
        Slot &slot = m_slots[m_added % m_slots.size()];
        slot.size = size;
        slot.endsPart = endsPart;
        ++m_added;
    }
    m_changed.notify_one();
}

QList<QByteArray> PartDigests::finish()
{
    end();
    return std::move(m_digests);
}

void PartDigests::work()
{
    Digest part(m_kind);
    for (;;) {
        const Slot *slot = nullptr;
        {
            std::unique_lock lock(m_mutex);
            m_changed.wait(lock, [this] { return m_isEnding || m_added > m_hashed; });
            if (m_added == m_hashed)
                return;
            slot = &m_slots[m_hashed % m_slots.size()];
        }
        part.add({slot->bytes.get(), slot->size});
        if (slot->endsPart)
            m_digests.append(part.result());
        {
            const std::lock_guard lock(m_mutex);
            ++m_hashed;
        }
        m_changed.notify_one();
    }
}

void PartDigests::end()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isEnding = true;
    }
    m_changed.notify_one();
    if (m_thread.joinable())
        m_thread.join();
}

} // namespace photolift::photo
