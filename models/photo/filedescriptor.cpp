#include "models/photo/filedescriptor.h"

#include <fcntl.h>
#include <unistd.h>

namespace photolift::photo {

FileDescriptor::~FileDescriptor()
{
    close();
}

FileDescriptor &FileDescriptor::operator=(FileDescriptor &&other) noexcept
{
    if (this != &other) {
        close();
        m_descriptor = other.release();
    }
    return *this;
}

FileDescriptor FileDescriptor::duplicateOf(int descriptor)
{
    return FileDescriptor(::fcntl(descriptor, F_DUPFD_CLOEXEC, 3));
}

void FileDescriptor::close()
{
    if (m_descriptor >= 0)
        ::close(release());
}

} // namespace photolift::photo
