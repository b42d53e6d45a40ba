#pragma once

#include "tests/faults/faultfolders.h"
#include "tests/support/faultproxy.h"
#include "tests/support/serverrun.h"

#include <QTemporaryFile>

namespace photolift::faults {

/// A world with a wire in it that can be cut: photos, the data folder of a client, a server started by hand, and a proxy between
/// the two. The client dials the proxy, so the server signs its links for the proxy and the parts go through it too.
class ProxiedWorld
{
    Q_DISABLE_COPY_MOVE(ProxiedWorld)
public:
    ProxiedWorld();

    /// Starts the server and the proxy in front of it.
    bool start();

    /// `upload PATH` through the proxy with the paces of a test; `options`: further ones.
    QStringList upload(const QByteArray &path, const QStringList &options = {}) const;
    /// Brings what still waits in a client's outbox to the server. A server that was asked a lot says "later" to the last rows of a
    /// run (429), and they go with the next one.
    bool drain(support::CliRun &run) const;
    QString serverFolder() const { return m_server.dataFolder(); }

    /// Adds up what the rows of the client's and of the server's database say.
    qint64 clientNumber(const QString &question) const;
    qint64 serverNumber(const QString &question) const;
    /// How many objects the server keeps.
    qsizetype objects() const;
    /// What must be in no log and no database: the access token, and the signature of every link that went over the wire.
    QByteArrayList secrets() const;
    /// What the checker of the nine invariants says of client, server and sources, and of these secrets; nothing when all hold.
    QString violations(const QJsonObject &figures = {}) const;

    FaultFolders folders;

private:
    support::ServerRun m_server; // ends behind the proxy: it would wait five seconds for the rest of what that still holds

public:
    support::FaultProxy proxy;
    support::CliRun client;

private:
    QTemporaryFile m_tuning;
};

/// Paces for tests, as text for --tuning: short waits, no second look at fresh files.
QByteArray testTuning();

/// One number out of a database of the product; -1 when it cannot be asked.
qint64 numberFrom(const QString &database, const QString &question);

/// Makes a database of the product say something else; false when that did not work. Nobody has it open.
bool change(const QString &database, const QString &sql);

} // namespace photolift::faults
