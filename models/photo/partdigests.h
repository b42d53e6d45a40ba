#pragma once

#include "models/photo/digest.h"

#include <QByteArray>
#include <QList>

#include <array>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

namespace photolift::photo {

/// The digest of one part after the other on a thread of its own, which starts with the object and ends with it. The caller reads into
/// buffer(), calls add(), and may go on reading what it has added until it asks for the next buffer: both hash the same bytes at the same time.
class PartDigests
{
public:
    static constexpr qint64 BufferBytes = 512 * 1024;

    explicit PartDigests(DigestKind kind);
    ~PartDigests();
    PartDigests(const PartDigests &) = delete;
    PartDigests &operator=(const PartDigests &) = delete;

    /// Room for BufferBytes; waits while the thread is behind. The same again until add().
    char *buffer();
    /// The first `size` bytes of buffer(), over 0, belong to the part at hand; with `endsPart` they are its last.
    void add(qint64 size, bool endsPart);
    /// The digests of the parts that ended; waits for them. The last call.
    QList<QByteArray> finish();

private:
    struct Slot {
        std::unique_ptr<char[]> bytes{new char[BufferBytes]};
        qint64 size = 0;
        bool endsPart = false;
    };
    void work();
    void end();

    const DigestKind m_kind;
    std::array<Slot, 4> m_slots;
    QList<QByteArray> m_digests; ///< the thread's until it has ended
    std::mutex m_mutex;          ///< guards the three below
    std::condition_variable m_changed;
    quint64 m_added = 0;
    quint64 m_hashed = 0;
    bool m_isEnding = false;
    std::thread m_thread;
};

} // namespace photolift::photo
