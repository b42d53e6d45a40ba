#pragma once

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>

namespace photolift::support {

/// A folder that stands for `/`: the test writes the files of /proc, /sys and /etc that it wants there to be.
class FakeRoot
{
public:
    QString path() const { return m_folder.path(); }
    QString filePath(const QString &name) const { return m_folder.filePath(name); }
    bool write(const QString &name, const QByteArray &content) const
    {
        QDir().mkpath(QFileInfo(filePath(name)).path());
        QFile file(filePath(name));
        return file.open(QIODevice::WriteOnly) && file.write(content) == content.size();
    }
    bool makeFolder(const QString &name) const { return QDir().mkpath(filePath(name)); }
    bool remove(const QString &name) const { return QFile::remove(filePath(name)); }

private:
    QTemporaryDir m_folder;
};

} // namespace photolift::support
