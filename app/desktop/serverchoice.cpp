#include "app/desktop/serverchoice.h"

#include "models/vocabulary/serveraddress.h"
#include "models/vocabulary/systemerror.h"

#include <QFile>
#include <QSettings>

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace photolift::desktop {

namespace {

// The settings of the file, with their meaning:
constexpr auto AddressKey = "server/address"_L1; // of an organisation's server
constexpr auto UsedKey = "server/used"_L1;       // whether it is the one in use

QString fileIn(const QString &dataFolder)
{
    return dataFolder + u"/server.ini"_s;
}

/// QSettings brings what it wrote to the disk and then gives it its name; that is on disk with the folder.
Result<> syncFolder(const QString &folder)
{
    const int descriptor = ::open(QFile::encodeName(folder).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool isSynced = descriptor >= 0 && ::fsync(descriptor) == 0;
    const int osErrno = errno;
    if (descriptor >= 0)
        ::close(descriptor);
    return isSynced ? Result<>() : Result<>(systemError(ErrorCode::LocalDiskError, "the choice of the server cannot be brought to the disk"_L1, osErrno));
}

/// QSettings takes the rights of a file that is there, and makes a new one as the umask has it.
void keepPrivate(const QString &file)
{
    const int descriptor = ::open(QFile::encodeName(file).constData(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0)
        return; // then QSettings cannot write it either, and says so
    ::fchmod(descriptor, 0600);
    ::close(descriptor);
}

} // namespace

ServerChoice ServerChoice::read(const QString &dataFolder)
{
    const QSettings file(fileIn(dataFolder), QSettings::IniFormat);
    // Somebody may have written into it by hand.
    const std::optional<QUrl> address = serverAddress(file.value(AddressKey).toString());
    if (!address || isOpenToOthers(*address))
        return {};
    return {*address, file.value(UsedKey).toBool()};
}

Result<> ServerChoice::write(const QString &dataFolder) const
{
    keepPrivate(fileIn(dataFolder));
    QSettings file(fileIn(dataFolder), QSettings::IniFormat);
    file.setValue(AddressKey, server.toString());
    file.setValue(UsedKey, isUsed);
    file.sync();
    if (file.status() != QSettings::NoError)
        return Error{ErrorCode::LocalDiskError, u"the choice of the server cannot be written"_s};
    return syncFolder(dataFolder);
}

} // namespace photolift::desktop
