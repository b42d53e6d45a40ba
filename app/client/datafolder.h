#pragma once

#include "models/vocabulary/result.h"

#include <QByteArray>
#include <QList>
#include <QString>
#include <QUrl>

#include <memory>

namespace photolift::client {

/// Where everything of one Photolift is, and the right to write there. One process at a time has it: the lock is the kernel's
/// (flock), so it ends with the process however that ends. Reading needs no lock; use the paths alone.
class DataFolder
{
public:
    /// Makes the folder (0700) where it is missing. LOCAL_LIST_BUSY when another process writes there; LOCAL_DISK_... otherwise.
    static Result<std::unique_ptr<DataFolder>> lock(const QString &path);
    ~DataFolder();
    Q_DISABLE_COPY_MOVE(DataFolder)

    QString path() const { return m_path; }

    static QString defaultPath(); ///< XDG data folder / Photolift
    static QString database(const QString &path);
    static QString logs(const QString &path);
    /// Below `path`: where everything is that belongs to one organisation's server. What waits for one server is never sent to another,
    /// because each has a list of its own.
    static QString ofServer(const QString &path, const QUrl &server);
    static QString server(const QString &path); ///< the embedded server's own folder
    /// What is never walked: the folder, and that of the server, which may lie elsewhere behind a link; of no folder nothing. Bytes of the
    /// file system.
    static QList<QByteArray> ownFolders(const QString &path);

private:
    DataFolder(QString path, int descriptor);
    const QString m_path;
    const int m_descriptor;
};

} // namespace photolift::client
