#pragma once

#include <QByteArray>
#include <QString>
#include <QTemporaryDir>

namespace photolift::faults {

/// A folder of programs in which photolift-cli finds an embedded server that does what a test has written down for each of its
/// lives, and then becomes the real one: killed at a marker in the first, its files damaged before the second. The program itself
/// restarts it, and nothing has to be caught in the act.
class ServerLives
{
public:
    /// `photoProgram`: what the server finds in the place of photolift-photo; the client keeps the real one. It is opened in a sandbox only
    /// when everybody may get at it: as root, the sandbox runs as nobody.
    explicit ServerLives(const QString &photoProgram = {});

    /// The photolift-cli of this folder; for CliRun.
    QString client() const { return m_folder.filePath(QStringLiteral("photolift-cli")); }
    /// The server that its lives become, a file of this folder when there is a photo program.
    QString server() const { return m_server; }
    /// Lines of shell for the life (1, 2, ...) of the server, run before it is one.
    bool before(int life, const QByteArray &lines) const;
    /// The marker at which this life is killed.
    bool killAt(int life, const QString &point) const { return before(life, "export PHOTOLIFT_KILL_AT=" + point.toUtf8()); }
    /// How many lives there were.
    int count() const;
    /// As if there had been none, and nothing was written down.
    void reset() const;

private:
    QTemporaryDir m_folder;
    QString m_server;
};

/// What a server says that opens each photo in a sandbox (app/server/work/worker.cpp).
inline constexpr char InASandbox[] = "in a sandbox without files, network and rights";

} // namespace photolift::faults
