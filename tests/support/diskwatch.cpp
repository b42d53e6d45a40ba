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

// A sanitizer makes the folder of its reports before it is ready itself: what stands in front of mkdir must then not ask it anything.
#define NOT_SANITIZED __attribute__((no_sanitize("address", "undefined", "thread")))

namespace {

thread_local QStringList *noted = nullptr;

void note(const char *call, const char *path)
{
    *noted << QLatin1StringView(call) + u' ' + QFile::decodeName(path);
}

/// libc's own, or whatever a sanitizer put before it.
template <typename Function> NOT_SANITIZED Function *next(const char *name)
{
    return reinterpret_cast<Function *>(::dlsym(RTLD_NEXT, name));
}

} // namespace

extern "C" {

NOT_SANITIZED int mkdir(const char *path, mode_t mode) noexcept
{
    if (noted)
        note("mkdir", path);
    return next<int(const char *, mode_t)>("mkdir")(path, mode);
}

NOT_SANITIZED int chmod(const char *path, mode_t mode) noexcept
{
    if (noted)
        note("chmod", path);
    return next<int(const char *, mode_t)>("chmod")(path, mode);
}

NOT_SANITIZED int unlink(const char *path) noexcept
{
    if (noted)
        note("unlink", path);
    return next<int(const char *)>("unlink")(path);
}

NOT_SANITIZED int rename(const char *from, const char *to) noexcept
{
    if (noted)
        note("rename", from);
    return next<int(const char *, const char *)>("rename")(from, to);
}

NOT_SANITIZED DIR *opendir(const char *path)
{
    if (noted)
        note("opendir", path);
    return next<DIR *(const char *)>("opendir")(path);
}

NOT_SANITIZED int bind(int descriptor, const sockaddr *address, socklen_t length) noexcept
{
    if (noted && address->sa_family == AF_UNIX)
        note("bind", reinterpret_cast<const sockaddr_un *>(address)->sun_path);
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
