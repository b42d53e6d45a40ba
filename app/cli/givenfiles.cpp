#include "app/cli/givenfiles.h"

#include "app/cli/commandline.h"
#include "models/vocabulary/pathtext.h"

#include <QFile>

#include <cerrno>
#include <cstring>
#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace photolift::cli {

namespace {
constexpr qint64 LongestToken = 4096;

Error refused(const QString &why)
{
    return {ErrorCode::InitiationTokenExpired, why};
}
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
