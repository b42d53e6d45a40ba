#pragma once

#include <utility>

namespace photolift::photo {

/// Owns one open file descriptor and closes it. Move only.
class FileDescriptor
{
public:
    FileDescriptor() = default;
    explicit FileDescriptor(int descriptor)
        : m_descriptor(descriptor)
    {
    }
    ~FileDescriptor();
    FileDescriptor(FileDescriptor &&other) noexcept
        : m_descriptor(other.release())
    {
    }
    FileDescriptor &operator=(FileDescriptor &&other) noexcept;
    FileDescriptor(const FileDescriptor &) = delete;
    FileDescriptor &operator=(const FileDescriptor &) = delete;

    /// A second, independent descriptor of the same open file, close-on-exec; not open when the system refused (errno).
    static FileDescriptor duplicateOf(int descriptor);

    bool isOpen() const { return m_descriptor >= 0; }
    int get() const { return m_descriptor; }
    int release() { return std::exchange(m_descriptor, -1); }
    void close();

private:
    int m_descriptor = -1;
};

} // namespace photolift::photo
