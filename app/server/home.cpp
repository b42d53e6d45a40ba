#include "app/server/home.h"

#include "models/vocabulary/ids.h"

#include <QDir>
#include <QFile>
#include <QSaveFile>

using namespace Qt::StringLiterals;

namespace photolift::server {

Result<Home> Home::take(const QString &folder)
{
    Result<FolderLock> lock = FolderLock::take(QFile::encodeName(folder));
    if (!lock)
        return lock.error();
    Home home;
    home.m_lock = *std::move(lock);
    const QString name = QDir(folder).filePath(u"server-id"_s);
    QFile kept(name);
    const QUuid known = kept.open(QIODevice::ReadOnly) ? QUuid::fromString(QString::fromLatin1(kept.readAll()).trimmed()) : QUuid();
    home.m_id = idText(known.isNull() ? newUuid7() : known);
    if (known.isNull()) { // the first start, or not what we wrote: then it is somebody new
        QSaveFile made(name);
        if (!made.open(QIODevice::WriteOnly) || made.write(home.m_id.toLatin1() + '\n') < 0 || !made.commit())
            return Error{ErrorCode::LocalDiskError, u"%1: %2"_s.arg(name, made.errorString())};
    }
    return home;
}

} // namespace photolift::server
