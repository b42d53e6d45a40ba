#pragma once

#include <QByteArray>
#include <QProcess>
#include <QString>

namespace photolift::support {

/// The sqlite3 shell as another process that keeps a database for itself (`BEGIN EXCLUSIVE;`), or only reads on and on.
class DatabaseHolder
{
public:
    /// Returns when `statements` have run.
    DatabaseHolder(const QString &database, const QByteArray &statements);

    bool isHolding() const;
    bool release();

private:
    QProcess m_shell;
    QByteArray m_said;
};

} // namespace photolift::support
