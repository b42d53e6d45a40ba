#include "tests/support/smallorganisation.h"

#include "tests/support/serverrun.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>

using namespace Qt::StringLiterals;

namespace photolift::support {

SmallOrganisation::SmallOrganisation() = default;

SmallOrganisation::~SmallOrganisation()
{
    m_server.kill();
    m_server.waitForFinished(20000);
}

bool SmallOrganisation::write(const QString &name, const QByteArray &content)
{
    QFile file(m_folder.filePath(name));
    return file.open(QIODevice::WriteOnly) && file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner)
        && file.write(content) == content.size();
}

bool SmallOrganisation::start(const QByteArray &certificate, const QByteArray &key)
{
    const QString tls = certificate.isEmpty() ? QString() : u"certificate_file = \"%1/server.crt\"\nkey_file = \"%1/server.key\"\n"_s;
    const QString config = u"[server]\nlisten = \"127.0.0.1:0\"\ndata = \"%1/data\"\n"_s + m_serverLines + tls
        + u"[database]\nengine = \"sqlite\"\n[store]\nkind = \"folder\"\n"_s;
    if (!write(u"server.crt"_s, certificate) || !write(u"server.key"_s, key) || !write(u"config.toml"_s, config.arg(m_folder.path()).toUtf8()))
        return false;
    command({u"check"_s}); // makes its folder
    m_server.setStandardErrorFile(m_folder.filePath(u"log"_s));
    m_server.start(programFolder() + u"/photolift-server"_s, {u"--config"_s, m_folder.filePath(u"config.toml"_s)});
    QByteArray said;
    while (!said.contains('\n')) {
        if (!m_server.waitForReadyRead(30000)) {
            m_failure = u"the server did not start"_s;
            return false;
        }
        said += m_server.readAllStandardOutput();
    }
    m_address = QUrl(QJsonDocument::fromJson(said).object().value(u"address"_s).toString());
    return m_address.isValid();
}

int SmallOrganisation::exitWithin(int ms)
{
    if (m_server.state() != QProcess::NotRunning && !m_server.waitForFinished(ms))
        return -1;
    return m_server.exitStatus() == QProcess::NormalExit ? m_server.exitCode() : -1;
}

QByteArray SmallOrganisation::command(const QStringList &words)
{
    QProcess process;
    process.start(programFolder() + u"/photolift-server"_s, QStringList{u"--config"_s, m_folder.filePath(u"config.toml"_s)} + words);
    process.waitForFinished(60000);
    m_lastExit = process.exitCode();
    m_failure = words.join(u' ') + u": "_s + QString::fromUtf8(process.readAllStandardError());
    return process.readAllStandardOutput();
}

bool SmallOrganisation::addPerson(const QString &name, const QString &role)
{
    command({u"user"_s, u"add"_s, name, u"--role"_s, role});
    return m_lastExit == 0;
}

QByteArray SmallOrganisation::tokenFor(const QString &name)
{
    return command({u"token"_s, u"create"_s, name}).trimmed();
}

bool SmallOrganisation::shutOut(const QString &name)
{
    const QList<QByteArray> lines = command({u"token"_s, u"list"_s, name}).split('\n');
    for (const QByteArray &line : lines) {
        if (const QString id = QString::fromUtf8(line.left(36)); id.size() == 36 && !line.contains("revoked"))
            command({u"token"_s, u"revoke"_s, id});
    }
    return m_lastExit == 0;
}

} // namespace photolift::support
