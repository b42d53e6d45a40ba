#pragma once

#include <QByteArray>
#include <QHash>
#include <QString>

namespace photolift::check {

/// The server's objects, one plain file each: objects/ab/cd/<sha256>-<size>. Every one is read again, once.
class StoredObjects
{
public:
    explicit StoredObjects(QString serverFolder);

    /// Empty when the object is there and its bytes are what its name says; else what is wrong.
    QString fault(const QString &sha256, qint64 size);
    QString pathOf(const QString &sha256, qint64 size) const;

private:
    const QString m_root;
    QHash<QString, QString> m_faults;
};

} // namespace photolift::check
