#include "tests/photo/attacks.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace photolift::attacks {

namespace {

bool canRead(const char *path)
{
    char byte = 0;
    const int file = ::open(path, O_RDONLY | O_CLOEXEC);
    return file >= 0 && ::read(file, &byte, 1) == 1;
}

bool readsPasswords(const QByteArray &)
{
    return canRead("/etc/passwd");
}

bool readsToken(const QByteArray &target)
{
    return canRead(target.constData());
}

bool readsWithOldCall(const QByteArray &target)
{
    return ::syscall(SYS_open, target.constData(), O_RDONLY) >= 0;
}

bool readsWithNewCall(const QByteArray &target)
{
    struct {
        unsigned long long flags, mode, resolve;
    } how{O_RDONLY, 0, 0};
    return ::syscall(SYS_openat2, AT_FDCWD, target.constData(), &how, sizeof how) >= 0;
}

bool learnsThatTokenExists(const QByteArray &target)
{
    return ::access(target.constData(), F_OK) == 0;
}

bool looksRound(const QByteArray &)
{
    DIR *folder = ::opendir("/");
    return folder && ::readdir(folder);
}

bool readsEnvironmentOfParent(const QByteArray &)
{
    return canRead(QByteArray("/proc/" + QByteArray::number(::getppid()) + "/environ").constData()) || canRead("/proc/1/environ");
}

bool readsMemoryOfParent(const QByteArray &)
{
    return ::open(QByteArray("/proc/" + QByteArray::number(::getppid()) + "/mem").constData(), O_RDWR | O_CLOEXEC) >= 0;
}

bool findsSecretInEnvironment(const QByteArray &)
{
    for (char **entry = environ; *entry; ++entry) {
        if (std::strstr(*entry, "SECRET"))
            return true;
    }
    return false;
}

bool writesFile(const QByteArray &target)
{
    return ::open(QByteArray(target + ".written").constData(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0;
}

bool writesHere(const QByteArray &)
{
    return ::open("written", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0 && ::unlink("written") == 0;
}

bool writesNamelessFile(const QByteArray &)
{
    return ::open("/tmp", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600) >= 0;
}

bool makesMemoryFile(const QByteArray &)
{
    return ::memfd_create("program", 0) >= 0;
}

bool makesFolder(const QByteArray &target)
{
    return ::mkdir(QByteArray(target + ".folder").constData(), 0700) == 0;
}

bool linksToken(const QByteArray &target)
{
    return ::symlink(target.constData(), QByteArray(target + ".link").constData()) == 0;
}

bool removesToken(const QByteArray &target)
{
    return ::unlink(target.constData()) == 0;
}

bool movesToken(const QByteArray &target)
{
    return ::rename(target.constData(), QByteArray(target + ".moved").constData()) == 0;
}

bool opensTokenToAll(const QByteArray &target)
{
    return ::chmod(target.constData(), 0666) == 0;
}

/// The photo is the lowest descriptor behind the standard ones.
bool changesPhoto(const QByteArray &)
{
    return ::pwrite(STDERR_FILENO + 1, "x", 1, 0) == 1;
}

bool changesModeOfPhoto(const QByteArray &)
{
    return ::fchmod(STDERR_FILENO + 1, 0666) == 0;
}

bool opensPhotoAgainToWrite(const QByteArray &)
{
    return ::open(QByteArray("/proc/self/fd/" + QByteArray::number(STDERR_FILENO + 1)).constData(), O_RDWR | O_CLOEXEC) >= 0;
}

bool watchesFiles(const QByteArray &)
{
    return ::inotify_init1(IN_CLOEXEC) >= 0;
}

bool opensByHandle(const QByteArray &target)
{
    alignas(file_handle) std::array<char, sizeof(file_handle) + 128> bytes{};
    auto *const handle = reinterpret_cast<file_handle *>(bytes.data());
    handle->handle_bytes = 128;
    int mount = 0;
    ::name_to_handle_at(AT_FDCWD, target.constData(), handle, &mount, 0);
    return ::open_by_handle_at(AT_FDCWD, handle, O_RDONLY) >= 0;
}

/// More than the answer, the photo and where errors go.
bool findsOtherDescriptors(const QByteArray &)
{
    for (int descriptor = STDERR_FILENO + 2; descriptor < 64; ++descriptor) {
        if (::lseek(descriptor, 0, SEEK_CUR) >= 0 || errno != EBADF)
            return true;
    }
    return false;
}

} // namespace

QList<Attack> onFiles()
{
    return {{"read the list of users", readsPasswords, true},
            {"read the token", readsToken, true},
            {"read the token with open()", readsWithOldCall, true},
            {"read the token with openat2()", readsWithNewCall},
            {"learn that there is a token", learnsThatTokenExists, true},
            {"look round", looksRound, true},
            {"read the environment of the parent", readsEnvironmentOfParent},
            {"read the memory of the parent", readsMemoryOfParent},
            {"find a secret in the environment", findsSecretInEnvironment},
            {"write a file", writesFile, true},
            {"write a file in its own folder", writesHere},
            {"write a file without a name", writesNamelessFile},
            {"make a file in memory", makesMemoryFile, true},
            {"make a folder", makesFolder, true},
            {"link to the token", linksToken, true},
            {"open the token to all", opensTokenToAll, true},
            {"move the token", movesToken},
            {"remove the token", removesToken},
            {"change the photo", changesPhoto},
            {"change the mode of the photo", changesModeOfPhoto, true},
            {"open the photo again to write", opensPhotoAgainToWrite},
            {"watch files", watchesFiles, true},
            {"open a file by its handle", opensByHandle},
            {"find descriptors of others", findsOtherDescriptors}};
}

} // namespace photolift::attacks
