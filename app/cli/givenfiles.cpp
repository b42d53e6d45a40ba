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
constexpr qint64 LongestToken = 4096;

Error refused(const QString &why)
{
    return {ErrorCode::InitiationTokenExpired, why};
}

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

Result<QByteArray> readToken(const QString &fileName)
{
    QFile file(fileName);
    if (!file.open(QIODevice::ReadOnly))
        return refused(u"the token file cannot be read"_s);
    // Asked of the open file, as its name may lead elsewhere a moment later.
    struct stat facts = {};
    if (::fstat(file.handle(), &facts) != 0 || (facts.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return refused(u"the token file can be used by others; take their rights away first: chmod 600 "_s + displayName(fileName));
    const QByteArray token = file.readLine(LongestToken).trimmed();
    if (token.isEmpty())
        return refused(u"the token file is empty"_s);
    return token;
}

} // namespace photolift::cli
