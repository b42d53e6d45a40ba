#pragma once

#include "tests/support/clirun.h"

#include <QByteArray>
#include <QString>
#include <QTemporaryDir>

namespace photolift::faults {

/// The two folders of a fault test: where photos are, and the data folder of the CLI with its embedded server in it.
/// Names are bytes here: QFile would not take all of them.
class FaultFolders
{
public:
    FaultFolders();
    ~FaultFolders(); ///< removes names that QTemporaryDir cannot

    QByteArray source() const { return m_root + "/source"; }
    QByteArray path(const QByteArray &name) const { return source() + '/' + name; } ///< of something below source()
    QString sourceText() const { return QString::fromUtf8(source()); }
    QString data() const { return QString::fromUtf8(m_root) + QStringLiteral("/data"); }
    QString server() const { return data() + QStringLiteral("/server"); }
    QByteArray root() const { return m_root; }

    /// Writes source()/name and makes its folders.
    bool write(const QByteArray &name, const QByteArray &content) const;
    /// A small JPEG, another one for each seed.
    bool writePhoto(const QByteArray &name, int seed) const;

    /// Before a run: remembers the sources for the checker, these or those below another folder.
    bool remember() const { return remember(source()); }
    bool remember(const QByteArray &sources) const;
    /// After it: what the checker of the nine invariants says; one line per violated invariant, empty when all hold.
    QString violations(const QJsonObject &figures = {}) const;

    /// Brings what still waits in the outbox to the embedded server. A server that is starting again, or that was asked a lot (429), is
    /// not waited for at the end of a run: the last rows go with the next one.
    bool drain() const;
    /// How many rows of the client's database, while it is in use or not; 0 as long as there is none.
    qint64 rows(const QString &tableAndCondition) const;
    /// The embedded server keeps one object with exactly the bytes of this file, under their SHA-256.
    bool hasObjectOf(const QByteArray &path) const;
    /// What the embedded server has written down so far of what it does, all its lives one behind the other.
    QByteArray serverLog() const;
    /// Where remember() keeps what it saw; empty before it was called.
    QString snapshot() const;

    /// Every regular file below a folder, relative, as bytes.
    static QList<QByteArray> filesBelow(const QByteArray &folder);

private:
    QString snapshotFile() const { return QString::fromUtf8(m_root) + QStringLiteral("/before.snapshot"); }

    QTemporaryDir m_folder;
    QByteArray m_root;
};

} // namespace photolift::faults
