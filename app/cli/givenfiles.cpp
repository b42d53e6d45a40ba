#include "app/cli/givenfiles.h"

#include "models/vocabulary/pathtext.h"

#include <QDir>
#include <QFile>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace photolift::cli {

namespace {
/// Without any link in it; empty when there is nothing.
QByteArray realPath(const QByteArray &path)
{
    const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.constData(), nullptr), &std::free);
    return QByteArray(real.get());
}
}

QByteArray absolutePath(const QByteArray &path)
{
    QByteArray absolute = path;
    if (!path.startsWith('/')) {
        QByteArray here(PATH_MAX, '\0');
        if (::getcwd(here.data(), static_cast<std::size_t>(here.size())) == nullptr)
            return path;
        here.truncate(static_cast<qsizetype>(qstrlen(here.constData())));
        absolute = here + '/' + path;
    }
    // What is above a link is not what is written before it.
    if (absolute.split('/').contains("..")) {
        if (const QByteArray real = realPath(absolute); !real.isEmpty())
            return real;
    }
    return QDir::cleanPath(QString::fromLatin1(absolute)).toLatin1(); // Latin-1 keeps all bytes as they are
}

Result<QList<QByteArray>> existingPaths(const QList<QByteArray> &paths)
{
    QList<QByteArray> absolute;
    for (const QByteArray &path : paths) {
        absolute.append(absolutePath(path));
        struct stat facts = {};
        if (::lstat(absolute.last().constData(), &facts) != 0)
            return Error{ErrorCode::SelectionFileMissing,
                         displayName(textFromPath(path)) + u": "_s + QString::fromLocal8Bit(std::strerror(errno))};
        // The walk follows no links, and whoever names one means what it leads to.
        if (!S_ISLNK(facts.st_mode))
            continue;
        if (const QByteArray real = realPath(absolute.last()); !real.isEmpty())
            absolute.last() = real;
    }
    return absolute;
}

} // namespace photolift::cli
