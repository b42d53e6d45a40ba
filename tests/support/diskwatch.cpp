#include "tests/support/diskwatch.h"

#include <QFile>

#include <cstdio>

#include <dirent.h>
#include <dlfcn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace {

thread_local QStringList *noted = nullptr;

void note(QLatin1StringView call, const char *path)
{
    if (noted)
        *noted << call + u' ' + QFile::decodeName(path);
}

/// libc's own, or whatever a sanitizer put before it.
template <typename Function> Function *next(const char *name)
{
    return reinterpret_cast<Function *>(::dlsym(RTLD_NEXT, name));
}

} // namespace

extern "C" {

int mkdir(const char *path, mode_t mode) noexcept
{
    note("mkdir"_L1, path);
    return next<int(const char *, mode_t)>("mkdir")(path, mode);
}

int chmod(const char *path, mode_t mode) noexcept
{
    note("chmod"_L1, path);
    return next<int(const char *, mode_t)>("chmod")(path, mode);
}

int unlink(const char *path) noexcept
{
    note("unlink"_L1, path);
    return next<int(const char *)>("unlink")(path);
}

int rename(const char *from, const char *to) noexcept
{
    note("rename"_L1, from);
    return next<int(const char *, const char *)>("rename")(from, to);
}

DIR *opendir(const char *path)
{
    note("opendir"_L1, path);
    return next<DIR *(const char *)>("opendir")(path);
}

int bind(int descriptor, const sockaddr *address, socklen_t length) noexcept
{
    if (address->sa_family == AF_UNIX)
        note("bind"_L1, reinterpret_cast<const sockaddr_un *>(address)->sun_path);
    return next<int(int, const sockaddr *, socklen_t)>("bind")(descriptor, address, length);
}

} // extern "C"

namespace photolift::test {

DiskWatch::DiskWatch()
{
    Q_ASSERT(!noted);
    noted = &m_calls;
}

DiskWatch::~DiskWatch()
{
    noted = nullptr;
}

QStringList DiskWatch::calls() const
{
    return m_calls;
}

} // namespace photolift::test
