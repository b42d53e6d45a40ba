#include "app/client/datafolder.h"

#include "models/vocabulary/serveraddress.h"
#include "models/vocabulary/systemerror.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QStandardPaths>

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace photolift::client {

namespace {
ErrorCode codeOf(int osErrno)
{
    switch (osErrno) {
    case EWOULDBLOCK:
        return ErrorCode::LocalListBusy;
    case ENOSPC:
    case EDQUOT:
        return ErrorCode::LocalDiskFull;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
        return ErrorCode::LocalResourcesLow;
    default:
        return ErrorCode::LocalDiskError;
    }
}
}

Result<std::unique_ptr<DataFolder>> DataFolder::lock(const QString &path)
{
    const QString absolute = QDir(path).absolutePath();
    // A person's alone from the first moment, whatever the umask; one that is there keeps the rights it was given.
    const bool hasParent = QDir().mkpath(QFileInfo(absolute).path());
    if (!QDir(absolute).exists() && (!hasParent || (::mkdir(QFile::encodeName(absolute).constData(), 0700) != 0 && errno != EEXIST)))
        return systemError(codeOf(errno), "the data folder cannot be made"_L1, errno);
    const QByteArray file = QFile::encodeName(absolute + u"/lock"_s);
    const int descriptor = ::open(file.constData(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return systemError(codeOf(errno), "the lock cannot be opened"_L1, errno);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        const int osErrno = errno;
        ::close(descriptor);
        return systemError(codeOf(osErrno), "another Photolift writes this data folder"_L1, osErrno);
    }
    return std::unique_ptr<DataFolder>(new DataFolder(absolute, descriptor));
}

DataFolder::DataFolder(QString path, int descriptor)
    : m_path(std::move(path))
    , m_descriptor(descriptor)
{
}

DataFolder::~DataFolder()
{
    // The file stays: removing it would let two processes lock two different files of the same name.
    ::close(m_descriptor);
}

QString DataFolder::defaultPath()
{
    return QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + u"/Photolift"_s;
}

QString DataFolder::database(const QString &path)
{
    return path + u"/photolift.db"_s;
}

QString DataFolder::logs(const QString &path)
{
    return path + u"/logs"_s;
}

QString DataFolder::ofServer(const QString &path, const QUrl &server)
{
    // A port or a path behind the host: in one file name, each server with its own.
    return path + u"/servers/"_s + QString::fromLatin1(QUrl::toPercentEncoding(serverName(server)));
}

QString DataFolder::server(const QString &path)
{
    return path + u"/server"_s;
}

QList<QByteArray> DataFolder::ownFolders(const QString &path)
{
    return path.isEmpty() ? QList<QByteArray>() : QList<QByteArray>{QFile::encodeName(path), QFile::encodeName(server(path))};
}

} // namespace photolift::client
