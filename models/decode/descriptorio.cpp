#include "models/decode/descriptorio.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

namespace photolift::decode {

namespace {

class DescriptorIo final : public Exiv2::BasicIo
{
public:
    explicit DescriptorIo(const OpenPhoto &photo)
        : m_descriptor(photo.descriptor)
        , m_size(photo.size)
        , m_window(reinterpret_cast<const Exiv2::byte *>(photo.firstBytes.data()))
        , m_windowFilled(std::min<int64_t>(photo.firstBytes.size(), photo.size))
    {
    }
    ~DescriptorIo() override { munmap(); }
    DescriptorIo(const DescriptorIo &) = delete;
    DescriptorIo &operator=(const DescriptorIo &) = delete;

    int open() override
    {
        m_position = 0;
        m_isAtEnd = false;
        return 0;
    }
    int close() override { return munmap(); }
    long write(const Exiv2::byte *, long) override { return 0; }
    long write(Exiv2::BasicIo &) override { return 0; }
    int putb(Exiv2::byte) override { return EOF; }
    void transfer(Exiv2::BasicIo &) override { throw Exiv2::Error(Exiv2::kerErrorMessage, "photos are read only"); }

    Exiv2::DataBuf read(long count) override
    {
        // A length out of the file is not believed before memory is taken for it.
        Exiv2::DataBuf buffer(static_cast<long>(std::clamp<int64_t>(count, 0, m_size - m_position)));
        buffer.size_ = read(buffer.pData_, buffer.size_);
        return buffer;
    }

    long read(Exiv2::byte *to, long count) override
    {
        long filled = 0;
        while (filled < count) {
            if (!fillWindow())
                break;
            const int64_t from = m_position - m_windowOffset;
            const long part = static_cast<long>(std::min<int64_t>(count - filled, m_windowFilled - from));
            std::memcpy(to + filled, m_window + from, static_cast<std::size_t>(part));
            m_position += part;
            filled += part;
        }
        m_isAtEnd = filled < count;
        return filled;
    }

    int getb() override
    {
        if (!fillWindow()) {
            m_isAtEnd = true;
            return EOF;
        }
        return m_window[m_position++ - m_windowOffset];
    }

    int seek(long offset, Position from) override
    {
        const int64_t base = from == beg ? 0 : from == cur ? m_position : m_size;
        const int64_t target = base + offset;
        if (target < 0 || target > m_size)
            return 1;
        m_position = target;
        m_isAtEnd = false;
        return 0;
    }

    Exiv2::byte *mmap(bool isWriteable) override
    {
        if (isWriteable)
            throw Exiv2::Error(Exiv2::kerErrorMessage, "photos are read only");
        if (m_mapped)
            return m_mapped;
        void *mapped = ::mmap(nullptr, static_cast<std::size_t>(m_size), PROT_READ, MAP_SHARED, m_descriptor, 0);
        if (mapped == MAP_FAILED)
            throw Exiv2::Error(Exiv2::kerErrorMessage, std::strerror(errno));
        m_mapped = static_cast<Exiv2::byte *>(mapped);
        return m_mapped;
    }
    int munmap() override
    {
        if (m_mapped)
            ::munmap(m_mapped, static_cast<std::size_t>(m_size));
        m_mapped = nullptr;
        return 0;
    }

    long tell() const override { return static_cast<long>(m_position); }
    std::size_t size() const override { return static_cast<std::size_t>(m_size); }
    bool isopen() const override { return true; }
    int error() const override { return m_hasFailed ? 1 : 0; }
    bool eof() const override { return m_isAtEnd; }
    std::string path() const override { return "photo"; }

private:
    /// True when the byte at the position is in the window.
    bool fillWindow()
    {
        if (m_position >= m_windowOffset && m_position < m_windowOffset + m_windowFilled)
            return true;
        if (m_position >= m_size)
            return false;
        ssize_t got = 0;
        do {
            got = ::pread(m_descriptor, m_buffer.data(), m_buffer.size(), m_position);
        } while (got < 0 && errno == EINTR);
        m_hasFailed = m_hasFailed || got < 0;
        m_window = m_buffer.data();
        m_windowOffset = m_position;
        m_windowFilled = std::max<ssize_t>(got, 0);
        return m_windowFilled > 0;
    }

    int m_descriptor;
    int64_t m_size;
    int64_t m_position = 0;
    bool m_isAtEnd = false;
    bool m_hasFailed = false;
    Exiv2::byte *m_mapped = nullptr;
    const Exiv2::byte *m_window; ///< the photo's first bytes to begin with, then the buffer
    int64_t m_windowOffset = 0;
    int64_t m_windowFilled;
    std::array<Exiv2::byte, 16384> m_buffer;
};

} // namespace

Exiv2::BasicIo::AutoPtr readThrough(const OpenPhoto &photo)
{
    return Exiv2::BasicIo::AutoPtr(new DescriptorIo(photo));
}

} // namespace photolift::decode
