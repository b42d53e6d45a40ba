#include "models/pipeline/walker.h"

#include "models/photo/filedescriptor.h"
#include "models/photo/filelook.h"
#include "models/pipeline/rootnames.h"

#include <QElapsedTimer>
#include <QSet>

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace photolift::pipeline {

namespace {

constexpr qint64 HandOverMs = 250; ///< a slow card still shows what was found

struct FileKey {
    quint64 device = 0;
    quint64 inode = 0;
    bool operator==(const FileKey &) const = default;
};

size_t qHash(const FileKey &key, size_t seed = 0)
{
    return qHashMulti(seed, key.device, key.inode);
}

FileKey keyOf(const struct stat &status)
{
    return {status.st_dev, status.st_ino};
}

store::FileIdentity identityOf(const struct stat &status)
{
    return {.size = status.st_size,
            .modifiedNs = qint64(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec,
            .inode = status.st_ino,
            .device = status.st_dev};
}

/// File systems that hold the kernel's state and no photos; reading some of their files has effects.
bool isKernelFileSystem(int descriptor)
{
    struct statfs system {};
    if (::fstatfs(descriptor, &system) != 0)
        return false;
    switch (system.f_type) {
    case PROC_SUPER_MAGIC:
    case SYSFS_MAGIC:
    case DEVPTS_SUPER_MAGIC:
    case CGROUP_SUPER_MAGIC:
    case CGROUP2_SUPER_MAGIC:
    case DEBUGFS_MAGIC:
    case TRACEFS_MAGIC:
    case SECURITYFS_MAGIC:
    case BPF_FS_MAGIC:
        return true;
    default:
        return false;
    }
}

QByteArray joined(const QByteArray &folder, const QByteArray &name)
{
    if (folder.isEmpty())
        return name;
    return folder.endsWith('/') ? QByteArray(folder + name) : QByteArray(folder + '/' + name);
}

class Walk
{
public:
    Walk(const QList<QByteArray> &roots, const std::function<void(WalkHarvest &&)> &handOver, const std::atomic<bool> &cancelled,
         const QList<QByteArray> &ownFolders)
        : m_roots(roots)
        , m_names(rootNames(roots))
        , m_handOver(handOver)
        , m_cancelled(cancelled)
    {
        for (const QByteArray &folder : ownFolders) {
            struct stat status {};
            if (::stat(folder.constData(), &status) == 0) // links to them lead there, too
                m_own.insert(keyOf(status));
        }
        m_sinceHandOver.start();
    }

    bool run()
    {
        rememberRootFiles();
        for (const QByteArray &root : m_roots) {
            visitRoot(root);
            descend();
            if (m_cancelled)
                return false;
        }
        handOver();
        return true;
    }

private:
    /// One folder on the way down.
    struct Level {
        photo::FileDescriptor descriptor;
        QByteArray absolutePath;
        QByteArray relativePath;
        quint64 device = 0;
        QList<QByteArray> names;
        qsizetype next = 0;
    };

    void rememberRootFiles()
    {
        for (const QByteArray &root : m_roots) {
            struct stat status {};
            if (::lstat(root.constData(), &status) == 0 && S_ISREG(status.st_mode))
                m_rootFiles.insert(keyOf(status));
        }
    }

    void visitRoot(const QByteArray &root)
    {
        struct stat status {};
        if (::lstat(root.constData(), &status) != 0) {
            leaveOut(root, photo::fileError(errno, "lstat"_L1).code);
            return;
        }
        if (S_ISDIR(status.st_mode)) {
            if (m_visited.contains(keyOf(status)))
                return; // below another root, or named twice: it has been walked
            const int descriptor = ::open(root.constData(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            enter(photo::FileDescriptor(descriptor), root, m_roots.size() > 1 ? m_names.value(root) : QByteArray(), status);
        } else if (S_ISREG(status.st_mode)) {
            if (m_rootFiles.remove(keyOf(status))) // else it was found in a folder before, or named twice
                found(root, m_names.value(root), status);
        } else {
            leaveOut(root, ErrorCode::SelectionSkippedSpecial);
        }
    }

    void enter(photo::FileDescriptor descriptor, const QByteArray &absolutePath, const QByteArray &relativePath, const struct stat &status)
    {
        if (!descriptor.isOpen()) {
            leaveOut(absolutePath, photo::fileError(errno, "open"_L1).code);
            return;
        }
        const bool isOtherDevice = m_levels.empty() || m_levels.back().device != status.st_dev;
        if (isOtherDevice && isKernelFileSystem(descriptor.get())) {
            leaveOut(absolutePath, ErrorCode::SelectionSkippedSpecial);
            return;
        }
        m_visited.insert(keyOf(status));
        if (m_own.contains(keyOf(status))) {
            leaveOut(absolutePath, ErrorCode::SelectionSkippedSpecial);
            return;
        }
        Level level;
        level.absolutePath = absolutePath;
        level.relativePath = relativePath;
        level.device = status.st_dev;
        level.descriptor = std::move(descriptor);
        if (const int error = readNames(level); error != 0)
            leaveOut(absolutePath, photo::fileError(error, "readdir"_L1).code);
        m_levels.push_back(std::move(level));
    }

    /// Names only: that is four times as fast as looking at each, and sorting wants them all.
    int readNames(Level &level)
    {
        photo::FileDescriptor own = photo::FileDescriptor::duplicateOf(level.descriptor.get());
        DIR *folder = own.isOpen() ? ::fdopendir(own.get()) : nullptr;
        if (!folder)
            return errno;
        static_cast<void>(own.release());
        errno = 0;
        while (const dirent *entry = ::readdir(folder)) {
            const QByteArrayView name(entry->d_name);
            if (name != "." && name != "..")
                level.names.append(name.toByteArray());
            if (m_cancelled)
                break;
            errno = 0;
        }
        const int error = errno;
        ::closedir(folder);
        std::sort(level.names.begin(), level.names.end());
        return error;
    }

    void descend()
    {
        while (!m_levels.empty() && !m_cancelled) {
            Level &level = m_levels.back();
            if (level.next == level.names.size()) {
                m_levels.pop_back();
                continue;
            }
            const QByteArray name = std::exchange(level.names[level.next], {});
            ++level.next;
            visit(level, name);
        }
        if (m_cancelled)
            m_levels.clear();
    }

    void visit(const Level &level, const QByteArray &name)
    {
        const QByteArray absolutePath = joined(level.absolutePath, name);
        struct stat status {};
        if (::fstatat(level.descriptor.get(), name.constData(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
            leaveOut(absolutePath, photo::fileError(errno, "fstatat"_L1).code);
            return;
        }
        const QByteArray relativePath = joined(level.relativePath, name);
        if (S_ISDIR(status.st_mode)) {
            if (m_visited.contains(keyOf(status))) {
                if (!m_roots.contains(absolutePath)) // a root of its own that came before is no loop
                    leaveOut(absolutePath, ErrorCode::SelectionSkippedSpecial);
                return;
            }
            const int descriptor = ::openat(level.descriptor.get(), name.constData(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            enter(photo::FileDescriptor(descriptor), absolutePath, relativePath, status);
        } else if (!S_ISREG(status.st_mode)) {
            leaveOut(absolutePath, ErrorCode::SelectionSkippedSpecial);
        } else if (m_doneRootFiles.contains(keyOf(status)) && m_roots.contains(absolutePath)) {
            return; // named by itself before
        } else {
            m_rootFiles.remove(keyOf(status));
            found(absolutePath, relativePath, status);
        }
    }

    void found(const QByteArray &absolutePath, const QByteArray &relativePath, const struct stat &status)
    {
        if (m_roots.contains(absolutePath))
            m_doneRootFiles.insert(keyOf(status));
        if (status.st_nlink > 1) {
            if (m_linked.contains(keyOf(status))) {
                leaveOut(absolutePath, ErrorCode::SelectionSkippedSpecial);
                return;
            }
            m_linked.insert(keyOf(status));
        }
        m_harvest.files.append({absolutePath, relativePath, identityOf(status)});
        handOverWhenDue();
    }

    void leaveOut(const QByteArray &path, ErrorCode code)
    {
        m_harvest.leftOut.append({path, code});
        handOverWhenDue();
    }

    void handOverWhenDue()
    {
        const qsizetype rows = m_harvest.files.size() + m_harvest.leftOut.size();
        if (rows >= (m_isFirst ? WalkFirstRows : WalkBatchRows) || m_sinceHandOver.elapsed() >= HandOverMs)
            handOver();
    }

    void handOver()
    {
        m_sinceHandOver.restart();
        if (m_harvest.isEmpty())
            return;
        m_isFirst = false;
        m_handOver(std::exchange(m_harvest, {}));
    }

    const QList<QByteArray> &m_roots;
    const QHash<QByteArray, QByteArray> m_names; ///< of the roots, in relative paths
    const std::function<void(WalkHarvest &&)> &m_handOver;
    const std::atomic<bool> &m_cancelled;
    std::vector<Level> m_levels;
    QSet<FileKey> m_own;           ///< folders of this program
    QSet<FileKey> m_visited;       ///< folders
    QSet<FileKey> m_linked;        ///< files with several names that were found
    QSet<FileKey> m_rootFiles;     ///< files dropped by themselves, not yet found
    QSet<FileKey> m_doneRootFiles;
    WalkHarvest m_harvest;
    QElapsedTimer m_sinceHandOver;
    bool m_isFirst = true;
};

} // namespace

bool walk(const QList<QByteArray> &roots, const std::function<void(WalkHarvest &&)> &handOver, const std::atomic<bool> &cancelled,
          const QList<QByteArray> &ownFolders)
{
    return Walk(roots, handOver, cancelled, ownFolders).run();
}

} // namespace photolift::pipeline
