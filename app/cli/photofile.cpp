#include "app/cli/photofile.h"

#include "models/vocabulary/ids.h"
#include "models/vocabulary/pathtext.h"

#include <QDir>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace photolift::cli {

namespace {

Error diskError(const QString &what)
{
    const int number = errno;
    return {number == ENOSPC ? ErrorCode::LocalDiskFull : ErrorCode::LocalDiskError, what + u": "_s + QString::fromLocal8Bit(std::strerror(number))};
}

bool isSafe(const QStringList &components)
{
    return !components.isEmpty() && std::none_of(components.begin(), components.end(), [](const QString &name) {
        return name.isEmpty() || name == "."_L1 || name == ".."_L1 || name.contains(QChar::Null);
    });
}

} // namespace

PhotoFile::PhotoFile(QString path, QString partPath)
    : m_path(std::move(path))
    , m_part(std::move(partPath))
{
}

PhotoFile::~PhotoFile()
{
    if (m_part.isOpen())
        m_part.remove();
}

Result<std::unique_ptr<PhotoFile>> PhotoFile::make(const QString &folder, const QString &relativePath)
{
    if (!isSafe(relativePath.split(u'/')))
        return Error{ErrorCode::SelectionNameUnusable, u"the path "_s + displayName(relativePath)};
    // The bytes of the name it had, not those of the text that travels.
    const QString path = QDir(folder).absoluteFilePath(QFile::decodeName(pathFromText(relativePath)));
    if (QFile::exists(path))
        return Error{ErrorCode::ApiRequestRefused, displayName(path) + u" is there already"_s};
    if (!QDir().mkpath(QFileInfo(path).absolutePath()))
        return diskError(u"the folder of "_s + displayName(path));
    std::unique_ptr<PhotoFile> file(new PhotoFile(path, path + u'.' + idText(newUuid7()) + u".part"_s));
    if (!file->m_part.open(QIODevice::WriteOnly | QIODevice::NewOnly))
        return diskError(displayName(path));
    return file;
}

Result<> PhotoFile::add(const QByteArray &bytes)
{
    if (m_part.write(bytes) != bytes.size())
        return diskError(displayName(m_path));
    m_hash.add(bytes);
    m_size += bytes.size();
    return {};
}

Result<> PhotoFile::keep(const QString &sha256, qint64 size)
{
    if (m_size != size || QString::fromLatin1(m_hash.result().toHex()) != sha256)
        return Error{ErrorCode::VerificationHashMismatch, u"what came is not what was stored"_s};
    if (!m_part.flush() || ::fsync(m_part.handle()) != 0)
        return diskError(displayName(m_path));
    // A link and not a rename, which would take the place of whatever has come there meanwhile.
    if (::link(QFile::encodeName(m_part.fileName()).constData(), QFile::encodeName(m_path).constData()) != 0)
        return diskError(displayName(m_path));
    return {};
}

} // namespace photolift::cli
