#pragma once

#include <QByteArray>
#include <QHash>
#include <QString>
#include <QStringList>

namespace photolift::context {

/// The small text files of a system (/proc, /sys, /etc) below a root that tests may choose. Whatever is missing, unreadable,
/// not a regular file or garbage is an empty answer: no file of the system can hold us up or break us.
class RootFiles
{
public:
    explicit RootFiles(QString root = QStringLiteral("/"));

    /// At most the first 64 KiB.
    QByteArray bytes(const QString &path) const;
    /// The whole file as one tidy line: control characters gone, spaces simplified, at most 128 characters.
    QString line(const QString &path) const;
    /// `KEY=value` and `KEY="value"` lines, as in /etc/os-release.
    QHash<QString, QString> assignments(const QString &path) const;
    bool exists(const QString &path) const;
    QStringList folders(const QString &path) const; ///< the entries of a folder that are folders, or links to some; sorted

    static QString tidy(QByteArrayView bytes);

private:
    QString m_root;
};

} // namespace photolift::context
