#pragma once

#include <QByteArray>
#include <QString>
#include <QStringList>
#include <QTemporaryDir>

namespace photolift::check {

/// A small finished upload, made by hand from the product's own migrations: three source files, of which one is copied, one is
/// a duplicate of it in another slot and one was skipped; client, server, objects and log as they have to be. All nine hold.
class CheckedWorld
{
public:
    CheckedWorld();

    bool isMade() const { return m_isMade; }
    QString clientFolder() const { return m_folder.filePath(QStringLiteral("client")); }
    QString serverFolder() const { return m_folder.filePath(QStringLiteral("client/server")); }
    QString sourceFolder() const { return m_folder.filePath(QStringLiteral("source")); }
    QString snapshotFile() const { return m_folder.filePath(QStringLiteral("before.snapshot")); }
    QString filePath(const QString &name) const { return m_folder.filePath(name); }
    QString objectFile() const;

    bool onClient(const QString &sql) const { return run(clientFolder() + QStringLiteral("/photolift.db"), sql); }
    bool onServer(const QString &sql) const { return run(serverFolder() + QStringLiteral("/server.sqlite"), sql); }
    bool write(const QString &name, const QByteArray &content) const;

private:
    static bool run(const QString &database, const QString &sql);
    static QString migrations(const QStringList &series);
    static QString starRows(); ///< the same on both sides
    QString itemRow(int row, const QString &name, const QString &state, const QString &attempt) const;

    QTemporaryDir m_folder;
    bool m_isMade = false;
};

} // namespace photolift::check
