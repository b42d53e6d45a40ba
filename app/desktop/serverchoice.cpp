#include "app/desktop/serverchoice.h"

#include "models/vocabulary/serveraddress.h"

#include <QDir>
#include <QSettings>

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
    QSettings file(fileIn(dataFolder), QSettings::IniFormat);
    file.setValue(AddressKey, server.toString());
    file.setValue(UsedKey, isUsed);
    file.sync();
    return file.status() == QSettings::NoError ? Result<>() : Result<>(Error{ErrorCode::LocalDiskError, u"the choice of the server cannot be written"_s});
}

} // namespace photolift::desktop
