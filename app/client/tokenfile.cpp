#include "app/client/tokenfile.h"

#include "models/vocabulary/pathtext.h"

#include <QFile>

#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace photolift::client {

namespace {
constexpr qint64 LongestToken = 4096;

Error refused(const QString &why)
{
    return {ErrorCode::InitiationTokenExpired, why};
}
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

} // namespace photolift::client
