#pragma once

#include <QByteArray>
#include <QProcess>
#include <QTemporaryDir>
#include <QUrl>

namespace photolift::support {

/// The server of a small organisation: the real photolift-server with people and device tokens, on SQLite and a folder, set up with its
/// own commands. Ends with the object. Functions wait; failure() says why they did not work.
class SmallOrganisation
{
    Q_DISABLE_COPY_MOVE(SmallOrganisation)
public:
    SmallOrganisation();
    ~SmallOrganisation();

    /// Further lines of the table [server], before the start.
    void addToServer(const QString &lines) { m_serverLines = lines; }
    /// With a certificate (PEM) and its key it speaks TLS.
    bool start(const QByteArray &certificate = {}, const QByteArray &key = {});
    /// SIGTERM, and the exit code within that time; -1: none. start() begins its next life, on another port.
    void tellToStop() { m_server.terminate(); }
    int exitWithin(int ms);
    QUrl address() const { return m_address; }
    qint64 processId() const { return m_server.processId(); }
    QByteArray command(const QStringList &words);
    bool addPerson(const QString &name, const QString &role = QStringLiteral("photographer"));
    /// A fresh device token of this person.
    QByteArray tokenFor(const QString &name);
    /// Revokes every token of this person.
    bool shutOut(const QString &name);
    QString failure() const { return m_failure; }

private:
    bool write(const QString &name, const QByteArray &content);

    QTemporaryDir m_folder;
    QProcess m_server;
    QUrl m_address;
    QString m_serverLines;
    QString m_failure;
    int m_lastExit = -1;
};

} // namespace photolift::support
