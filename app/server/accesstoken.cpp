#include "app/server/accesstoken.h"

#include "models/photo/filedescriptor.h"
#include "models/photo/hasher.h"
#include "models/vocabulary/systemerror.h"

#include <QDeadlineTimer>
#include <QRandomGenerator>

#include <openssl/crypto.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace photolift::server {

using namespace Qt::StringLiterals;

namespace {
constexpr qsizetype ShortestToken = 16;
constexpr qsizetype LongestToken = 1024;

QByteArray hashOf(QByteArrayView token)
{
    photo::Sha256 hash;
    hash.add(token);
    return hash.result();
}
}

AccessToken::AccessToken(QByteArrayView token)
    : m_hash(hashOf(token))
{
}

bool AccessToken::isRight(QByteArrayView token) const
{
    const QByteArray hash = hashOf(token);
    return !m_hash.isEmpty() && CRYPTO_memcmp(hash.constData(), m_hash.constData(), static_cast<std::size_t>(m_hash.size())) == 0;
}

Result<AccessToken> AccessToken::makeIn(const QByteArray &file)
{
    std::array<quint32, 8> random{};
    QRandomGenerator::system()->fillRange(random.data(), random.size());
    const QByteArray token = QByteArray(reinterpret_cast<const char *>(random.data()), sizeof random).toHex();
    const QByteArray temporary = file + ".new";
    ::unlink(temporary.constData());
    const photo::FileDescriptor out(::open(temporary.constData(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    const QByteArray line = token + '\n';
    if (!out.isOpen() || ::write(out.get(), line.constData(), static_cast<std::size_t>(line.size())) != line.size()
        || ::rename(temporary.constData(), file.constData()) != 0)
        return systemError(ErrorCode::LocalDiskError, "the token file"_L1, errno);
    return AccessToken(token);
}

Result<AccessToken> AccessToken::readFrom(int descriptor, int timeoutMs)
{
    const auto refused = [](const QString &why) { return Error{ErrorCode::ApiRequestRefused, QString(u"token from the parent: "_s % why)}; };
    QByteArray line;
    const QDeadlineTimer deadline(timeoutMs);
    while (line.size() <= LongestToken) {
        pollfd entry{descriptor, POLLIN, 0};
        if (::poll(&entry, 1, static_cast<int>(deadline.remainingTime())) <= 0)
            return refused(u"none came"_s);
        char c = 0; // one by one: what follows the line is not ours to take
        if (::read(descriptor, &c, 1) != 1)
            return refused(u"the input ended"_s);
        if (c == '\n') {
            if (line.size() < ShortestToken)
                return refused(u"too short"_s);
            return AccessToken(line);
        }
        line.append(c);
    }
    return refused(u"too long"_s);
}

} // namespace photolift::server
